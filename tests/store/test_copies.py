"""A copy of the whole database: every row comes back, as it was when the copy began."""

import pytest
from sqlalchemy import func, inspect, select, text

from studyhub.domain.errors import Corrupt, WrongState
from studyhub.store import copies, schema
from studyhub.store.db import Base, make_sessions
from studyhub.store.triggers import TRIGGERS
from studyhub.store.users import User
from tests.engines import empty_url, ended, fresh_url
from tests.store.rows import add


@pytest.fixture
def filled(engine_kind):
    """A database with a row in every table; some names are hard to write down."""
    with fresh_url(engine_kind) as url, ended(make_sessions(url)) as sessions:
        with sessions.writing.begin() as session:
            for table in Base.metadata.sorted_tables:
                add(session, table.name)
            add(session, "users", name='Ünal\t\\N\n"O\'Neil" \\.')
            version = add(session, "document_versions", state="draft")
            add(session, "statements", version_id=version.id)
            version.state = "effective"
        yield sessions


def rows_of(sessions):
    with sessions.reading.begin() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def test_every_row_comes_back_and_is_guarded_as_before(filled, engine_kind, tmp_path):
    with copies.snapshot(filled.engine, tmp_path / "aside") as taken:
        with filled.writing.begin() as session:
            add(session, "users", name="came later")
        assert taken.session.scalar(select(func.count()).where(User.name == "came later")) == 0
        copied = list(taken.chunks())
    assert (taken.engine, taken.schema) == (engine_kind, schema.head())
    assert sum(map(len, copied)) == taken.length
    assert not (tmp_path / "aside").exists()

    with empty_url(engine_kind) as url:
        copies.put_back(url, taken.schema, iter(copied))
        with ended(make_sessions(url)) as again:
            known = rows_of(filled)
            known["users"] = [row for row in known["users"] if "came later" not in row]
            assert rows_of(again) == known
            assert schema.upgrade(again.engine) == (schema.head(), schema.head())
            with again.engine.connect() as connection:
                found = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
                if engine_kind == "postgresql":
                    found = "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
                assert connection.scalar(text(found)) == len(TRIGGERS[engine_kind])
            with (
                pytest.raises(Exception, match=r"append-only|denied"),
                again.writing.begin() as s,
            ):
                s.execute(text("DELETE FROM heads"))


def test_a_cut_copy_leaves_nothing_behind(filled, engine_kind, tmp_path):
    with copies.snapshot(filled.engine, tmp_path / "aside") as taken:
        whole = b"".join(taken.chunks())

    with empty_url(engine_kind) as url:
        with pytest.raises(Corrupt, match="copy of the database"):
            copies.put_back(url, taken.schema, iter([whole[: len(whole) // 2]]))
        copies.require_empty(url)
        with ended(make_sessions(url)) as left:
            assert inspect(left.engine).get_table_names() == []


def test_nothing_is_restored_over_anything(filled, engine_kind):
    url = filled.engine.url.render_as_string(hide_password=False)

    with pytest.raises(WrongState, match="already"):
        copies.require_empty(url)


def test_the_copy_of_a_newer_program_is_refused(engine_kind):
    with empty_url(engine_kind) as url:
        with pytest.raises(WrongState, match="newer than this program"):
            copies.put_back(url, "9999", iter([]))
        copies.require_empty(url)
