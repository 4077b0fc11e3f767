"""Upgrading: from nothing, twice, by two processes at once, and without losing anything."""

import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from studyhub.store import schema
from studyhub.store.audit import Head
from studyhub.store.db import make_sessions
from studyhub.store.triggers import TRIGGERS, create_all_triggers, drop_all_triggers
from tests.engines import empty_sessions, empty_url, fresh_sessions
from tests.store.rows import add

UPGRADE = """
import sys
from studyhub.store import schema
from studyhub.store.audit import Head
from studyhub.store.db import make_sessions

engine = make_sessions(sys.argv[1]).engine
schema.upgrade(engine)
engine.dispose()
"""


def test_an_empty_database_is_brought_to_the_newest_schema(engine_kind):
    with empty_sessions(engine_kind) as sessions:
        assert schema.current(sessions.engine) is None

        assert schema.upgrade(sessions.engine) == (None, schema.head())
        assert schema.current(sessions.engine) == schema.head()


def test_upgrading_again_changes_nothing(sessions):
    with sessions.writing.begin() as session:
        add(session, "consents")

    assert schema.upgrade(sessions.engine) == (schema.head(), schema.head())

    with sessions.reading() as session:
        assert session.execute(text("SELECT count(*) FROM consents")).scalar() == 1


def test_references_are_kept_again_after_an_upgrade():
    with empty_sessions("sqlite") as sessions:
        schema.upgrade(sessions.engine)

        with sessions.reading() as session:
            assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_two_processes_upgrade_at_once_and_both_succeed(engine_kind):
    with empty_url(engine_kind) as url:
        command = [sys.executable, "-c", UPGRADE, url]
        both = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 - ourselves

        assert [one.wait() for one in both] == [0, 0]
        engine = make_sessions(url).engine
        assert schema.current(engine) == schema.head()
        engine.dispose()


def test_a_step_that_fails_half_way_leaves_nothing_behind(engine_kind):
    with empty_sessions(engine_kind) as sessions:
        with sessions.writing.begin() as session:
            session.execute(text("CREATE TABLE transcripts (in_the_way TEXT)"))

        with pytest.raises(DBAPIError, match="already exists"):
            schema.upgrade(sessions.engine)

        assert inspect(sessions.engine).get_table_names() == ["transcripts"]
        assert schema.current(sessions.engine) is None


def test_broken_references_stop_an_upgrade_on_sqlite():
    with fresh_sessions("sqlite") as sessions:
        with sessions.writing.begin() as session:
            add(session, "participants")
        with sessions.engine.connect() as connection, schema._rebuilding(connection):
            connection.exec_driver_sql("DELETE FROM studies")
            with pytest.raises(RuntimeError, match="1 broken"):
                schema._check_references(connection)


@pytest.mark.parametrize("table", ["consents", "document_versions", "statements", "events"])
def test_a_table_that_sqlite_builds_anew_keeps_its_rows_rules_and_triggers(table):
    with fresh_sessions("sqlite") as sessions:
        with sessions.writing.begin() as session:
            add(session, table)
        with (
            sessions.engine.connect() as connection,
            schema._rebuilding(connection),
            connection.begin(),
        ):
            steps = Operations(MigrationContext.configure(connection))
            drop_all_triggers(connection)
            with steps.batch_alter_table(table, recreate="always") as batch:
                batch.add_column(sa.Column("later", sa.Text(), nullable=True))
            create_all_triggers(connection)

        found = inspect(sessions.engine)
        assert "later" in {column["name"] for column in found.get_columns(table)}
        with sessions.reading() as session:
            live = session.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            )
            assert set(live.scalars()) == {one.name for one in TRIGGERS["sqlite"]}
            made = session.execute(
                text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table}
            ).scalar()
        assert "WITHOUT ROWID" in made
        if table in {"consents", "events"}:
            with sessions.writing() as session, pytest.raises(DBAPIError, match="append-only"):
                session.execute(sa.delete(sa.table(table)))


def test_a_program_without_its_migrations_says_so(monkeypatch, tmp_path):
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(schema, "MIGRATIONS", tmp_path)

    with pytest.raises(FileNotFoundError, match="no migrations"):
        schema.head()


def test_an_early_step_makes_only_the_triggers_of_tables_that_are_there(engine_kind):
    with empty_sessions(engine_kind) as sessions:
        with sessions.writing.begin() as session:
            Head.__table__.create(session.connection())
            create_all_triggers(session.connection())
            add(session, "heads")

        with sessions.writing() as session, pytest.raises(DBAPIError):
            session.execute(sa.delete(Head))
