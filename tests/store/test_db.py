"""Times, lists and sessions: what goes in comes out, and who waits for whom."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, StatementError

from studyhub.store.audit import Head
from studyhub.store.db import PATIENCE_SECONDS, Base, make_sessions, one_of
from studyhub.store.keys import SealedObject
from studyhub.store.users import Study, User
from tests.engines import fresh_url
from tests.store.rows import NOON, add

# Adds to a chain what was counted before: two writers at once would count the same.
COUNT_ON = """
import sys
from uuid import UUID
from datetime import UTC, datetime
from sqlalchemy import func, select
from studyhub.store.audit import Head
from studyhub.store.db import make_sessions

sessions = make_sessions(sys.argv[1])
for _ in range(15):
    with sessions.writing.begin() as session:
        size = session.scalar(select(func.count()).select_from(Head))
        moment = datetime(2026, 11, 23, tzinfo=UTC)
        session.add(Head(chain=UUID(int=0), size=size, digest=b"", at=moment, signature=b""))
sessions.engine.dispose()
"""


def test_an_instant_comes_back_in_utc_with_its_microseconds(sessions):
    in_paris = NOON.astimezone(timezone(timedelta(hours=1)))
    with sessions.writing.begin() as session:
        add(session, "studies", created_at=in_paris)

    with sessions.reading() as session:
        found = session.scalars(select(Study)).one()
        assert found.created_at == NOON
        assert found.created_at.tzinfo is UTC
        assert found.closed_at is None


def test_an_instant_without_a_zone_is_refused(sessions):
    with sessions.writing() as session, pytest.raises(StatementError, match="needs a zone"):
        add(session, "studies", created_at=datetime(2026, 11, 23))  # noqa: DTZ001 - the case


def test_instants_are_found_and_ordered_also_where_the_microseconds_are_none(sessions):
    whole = NOON.replace(microsecond=0)
    with sessions.writing.begin() as session:
        for size, at in enumerate([NOON, whole, whole + timedelta(seconds=1)]):
            add(session, "heads", size=size, at=at)

    with sessions.reading() as session:
        assert session.scalars(select(Head.size).order_by(Head.at)).all() == [1, 0, 2]
        assert session.scalars(select(Head.size).where(Head.at == whole)).all() == [1]
        assert session.scalars(select(Head.size).where(Head.at < NOON)).all() == [1]


def test_an_empty_value_of_json_is_empty_in_the_database_too(sessions):
    with sessions.writing.begin() as session:
        add(session, "users", kdf=None)
        add(session, "users", kdf={"memory_kib": 65536})

    with sessions.reading() as session:
        without = session.scalars(select(User).where(User.kdf.is_(None))).one()
        assert without.kdf is None


def test_a_size_beyond_two_gigabytes_is_kept(sessions):
    with sessions.writing.begin() as session:
        add(session, "sealed_objects", size=5 * 2**30)

    with sessions.reading() as session:
        assert session.scalars(select(SealedObject.size)).one() == 5 * 2**30


def test_a_list_of_several_words_has_no_check():
    with pytest.raises(ValueError, match="several words"):
        one_of("memberships.duties")


def test_a_message_of_the_database_names_no_value(sessions):
    with sessions.writing() as session, pytest.raises(StatementError) as failure:
        add(session, "studies", state="secret word")

    assert "secret word" not in str(failure.value).partition("DETAIL")[0]


# Sessions


@pytest.fixture
def file_url():
    with fresh_url("sqlite") as url:
        yield url


@pytest.fixture
def on_file(file_url):
    sessions = make_sessions(file_url)
    yield sessions
    sessions.engine.dispose()


def test_a_file_is_in_wal_fully_synchronous_and_keeps_references(on_file):
    with on_file.reading() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar() == 2
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("PRAGMA busy_timeout")).scalar() == PATIENCE_SECONDS * 1000


def test_a_writer_takes_the_lock_at_once_and_a_reader_never_does(on_file):
    with on_file.writing() as writer, on_file.reading() as reader, on_file.writing() as other:
        writer.execute(text("SELECT 1"))
        reader.execute(text("SELECT 1"))
        # The wait is cut short by hand: on the lock alone it would take its full time.
        connection = on_file.engine.raw_connection()
        connection.driver_connection.execute("PRAGMA busy_timeout=0")
        connection.close()
        with pytest.raises(OperationalError, match="locked"):
            other.execute(text("SELECT 1"))


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_committed(engine_kind):
    with fresh_url(engine_kind) as url:
        here = make_sessions(url)
        with here.writing.begin() as session:
            add(session, "heads")
        with here.writing() as writer, here.reading() as reader:
            add(writer, "heads")
            assert len(reader.scalars(select(Head)).all()) == 1
            writer.commit()
        with here.reading() as reader:
            assert len(reader.scalars(select(Head)).all()) == 2
        here.engine.dispose()


def test_two_processes_that_count_on_do_not_count_the_same(file_url, on_file):
    command = [sys.executable, "-c", COUNT_ON, file_url]

    both = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - ourselves

    assert [one.wait() for one in both] == [0, 0]
    with on_file.reading() as session:
        assert session.scalars(select(Head.size).order_by(Head.size)).all() == list(range(30))


def test_postgresql_runs_read_committed():
    with fresh_url("postgresql") as url:
        sessions = make_sessions(url)
        for begin in (sessions.writing, sessions.reading):
            with begin() as session:
                level = session.execute(text("SHOW transaction_isolation")).scalar()
                assert level == "read committed"
        sessions.engine.dispose()


def test_a_database_in_memory_is_one_for_all_sessions():
    sessions = make_sessions("sqlite://")
    Base.metadata.create_all(sessions.engine)

    with sessions.writing.begin() as session:
        add(session, "heads")

    with sessions.reading() as session:
        assert session.scalars(select(Head)).one()
    sessions.engine.dispose()
