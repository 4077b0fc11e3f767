"""What was written stays: raw SQL on both engines cannot change, remove or replace it."""

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from studyhub.store.triggers import APPEND_ONLY, FROZEN, create_all_triggers
from tests.engines import fresh_sessions
from tests.store.rows import add, model_of

CHANGES = ("UPDATE {0} SET {1} = {1}", "DELETE FROM {0}")
LEFT_DRAFT = ("approved", "effective", "superseded", "retired")
ONE_CHANGE = "UPDATE document_versions SET {}"
FROZEN_CHANGES = (
    *("body = 'other'", "body_hash = NULL", "file_id = NULL", "major = major + 1"),
    *("minor = minor + 1", "state = 'draft'", "state = 'submitted'", "approved_by = NULL"),
    *("reconsent = 'all_active'", "deadline_rule = '{\"days\": 99}'"),
)


@pytest.fixture(params=APPEND_ONLY)
def kept(request, sessions):
    """A table that rows are only added to, with one row in it."""
    with sessions.writing.begin() as session:
        add(session, request.param)
    return request.param


def content(sessions, table):
    with sessions.reading() as session:
        return session.execute(select(model_of(table).__table__)).all()


def try_out(sessions, *statements, **values):
    with sessions.writing.begin() as session:
        for statement in statements:
            session.execute(text(statement), values)


def give_rights_back(sessions):
    """Without this PostgreSQL refuses for want of a right, before it comes to the trigger."""
    if sessions.engine.dialect.name == "postgresql":
        tables = ", ".join(APPEND_ONLY)
        try_out(sessions, f"GRANT UPDATE, DELETE, TRUNCATE ON {tables} TO CURRENT_USER")


def copied(sessions, table, conflict, **changed):
    """INSERT … SELECT of the only row, with some columns changed."""
    columns = [column["name"] for column in inspect(sessions.engine).get_columns(table)]
    chosen = ", ".join(f":{name}" if name in changed else name for name in columns)
    statement = "INSERT {} INTO {} ({}) SELECT {} FROM {}"
    try_out(
        sessions,
        statement.format(conflict, table, ", ".join(columns), chosen, table),
        **changed,
    )


# Rows that are only added


def test_a_row_cannot_be_changed_or_removed(sessions, kept):
    before = content(sessions, kept)

    for statement in CHANGES:
        with pytest.raises(DBAPIError):
            try_out(sessions, statement.format(kept, before[0]._fields[-1]))

    assert content(sessions, kept) == before


def test_the_trigger_refuses_also_where_the_right_was_given_back(sessions, kept):
    before = content(sessions, kept)
    give_rights_back(sessions)

    for statement in CHANGES:
        with pytest.raises(IntegrityError, match="is append-only"):
            try_out(sessions, statement.format(kept, before[0]._fields[-1]))


def test_a_row_with_a_key_that_exists_is_refused(sessions, kept):
    with pytest.raises(IntegrityError):
        copied(sessions, kept, "")


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_a_row_cannot_be_replaced_by_its_key(sessions, kept):
    before = content(sessions, kept)

    for conflict in ("OR REPLACE", "OR IGNORE"):
        with pytest.raises(IntegrityError, match="is append-only"):
            copied(sessions, kept, conflict)

    assert content(sessions, kept) == before


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@pytest.mark.parametrize("table", [table for table, keys in APPEND_ONLY.items() if keys[1:]])
def test_a_row_cannot_be_replaced_by_another_unique_value(sessions, table):
    with sessions.writing.begin() as session:
        if table == "consents":
            add(session, table, supersedes_id=add(session, table).id)
        else:
            add(session, table)
    before = content(sessions, table)

    with pytest.raises(IntegrityError, match="is append-only"):
        copied(sessions, table, "OR REPLACE", id="0" * 32)

    assert content(sessions, table) == before


@pytest.mark.parametrize("engine_kind", ["sqlite"])
def test_a_row_has_no_hidden_number_to_replace_it_by(sessions, kept):
    with pytest.raises(DBAPIError, match="no such column"):
        try_out(sessions, CHANGES[0].format(kept, "rowid"))


@pytest.mark.parametrize("engine_kind", ["postgresql"])
@pytest.mark.parametrize("table", [*APPEND_ONLY, *FROZEN])
def test_a_table_cannot_be_truncated(sessions, table):
    give_rights_back(sessions)

    with pytest.raises(IntegrityError, match="is append-only"):
        try_out(sessions, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_a_table_cannot_be_truncated_along_with_another(sessions, kept):
    give_rights_back(sessions)
    parent = {"events": "events", "heads": "heads"}.get(kept, "participants")

    with pytest.raises(DBAPIError):
        try_out(sessions, f"TRUNCATE {parent} CASCADE")

    assert content(sessions, kept)


@pytest.mark.parametrize("engine_kind", ["postgresql"])
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_the_role_of_the_application_has_no_right_to_change_the_table(sessions, table):
    asked = (
        "SELECT privilege_type FROM pg_class, aclexplode(relacl) "
        "WHERE relname = :table AND relkind = 'r'"
    )
    with sessions.reading() as session:
        rights = set(session.execute(text(asked), {"table": table}).scalars())

    assert {"SELECT", "INSERT"} <= rights
    assert not rights & {"UPDATE", "DELETE", "TRUNCATE"}


def test_a_row_can_still_be_locked_while_something_is_decided_about_it(sessions, kept):
    model = model_of(kept)

    with sessions.writing.begin() as session:
        assert session.scalars(select(model).with_for_update()).all()


def test_the_triggers_stay_when_they_are_made_again(sessions):
    with sessions.writing.begin() as session:
        add(session, "heads")
        create_all_triggers(session.connection())

    with pytest.raises(DBAPIError):
        try_out(sessions, "DELETE FROM heads")


# Texts that left draft and review


@pytest.mark.parametrize("state", LEFT_DRAFT)
def test_a_version_is_frozen_once_it_left_draft_and_review(sessions, state):
    with sessions.writing.begin() as session:
        fixed = {
            "body_hash": b"hash",
            "file_id": add(session, "files").id,
            "approved_by": add(session, "memberships").id,
        }
        add(session, "document_versions", state=state, **fixed)
    before = content(sessions, "document_versions")

    for change in FROZEN_CHANGES:
        with pytest.raises(IntegrityError, match="is frozen"):
            try_out(sessions, ONE_CHANGE.format(change))
    with pytest.raises(IntegrityError, match="is frozen"):
        try_out(sessions, "DELETE FROM document_versions")

    assert content(sessions, "document_versions") == before


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_a_version_can_be_written_until_then_and_is_approved_with_its_hash(sessions, state):
    with sessions.writing.begin() as session:
        add(session, "document_versions", state=state)

    try_out(
        sessions,
        "UPDATE document_versions SET body = 'words'",
        "UPDATE document_versions SET state = 'approved', body_hash = body_hash",
        "UPDATE document_versions SET state = 'effective', use_from = '2026-11-23 12:00:00'",
        "UPDATE document_versions SET state = 'superseded'",
    )


@pytest.mark.parametrize("state", LEFT_DRAFT)
def test_the_statements_are_frozen_with_their_version(sessions, state):
    with sessions.writing.begin() as session:
        version = add(session, "document_versions")
        add(session, "statements", version_id=version.id)
        version.state = state

    for statement in (
        "UPDATE statements SET wording = 'other'",
        "UPDATE statements SET position = position + 1",
        "DELETE FROM statements",
    ):
        with pytest.raises(IntegrityError, match="is frozen with its version"):
            try_out(sessions, statement)


def test_no_statement_is_added_to_a_frozen_version_or_moved_out_of_it(sessions):
    with sessions.writing.begin() as session:
        frozen = add(session, "document_versions", state="approved")
        open_one = add(session, "document_versions")
        statement = add(session, "statements", version_id=open_one.id)
        ids = frozen.id, statement.id

    with pytest.raises(IntegrityError, match="frozen"), sessions.writing.begin() as session:
        add(session, "statements", version_id=ids[0])
    with pytest.raises(IntegrityError, match="frozen"), sessions.writing.begin() as session:
        session.get(model_of("statements"), ids[1]).version_id = ids[0]


def test_the_statements_of_a_draft_can_be_changed_and_removed(sessions):
    with sessions.writing.begin() as session:
        add(session, "statements")

    try_out(sessions, "UPDATE statements SET wording = 'other'", "DELETE FROM statements")

    assert content(sessions, "statements") == []


@pytest.fixture
def approved_and_draft():
    """One approved and effective version with a statement, and a draft of the same document."""
    with fresh_sessions("sqlite") as sessions:
        with sessions.writing.begin() as session:
            old = add(session, "document_versions", major=1, minor=0)
            add(session, "statements", version_id=old.id, code="participate")
            old.state = "effective"
            session.flush()
            draft = add(
                session, "document_versions", document_id=old.document_id, major=2, minor=0
            )
            add(session, "statements", version_id=draft.id, code="quotes")
        yield sessions


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE OR REPLACE document_versions SET major = 1 WHERE state = 'draft'",
        "UPDATE OR REPLACE document_versions SET state = 'effective' WHERE state = 'draft'",
        "UPDATE OR REPLACE document_versions SET id = (SELECT id FROM document_versions"
        " WHERE state = 'effective') WHERE state = 'draft'",
        "UPDATE OR REPLACE statements SET id = (SELECT id FROM statements"
        " WHERE code = 'participate') WHERE code = 'quotes'",
        "INSERT OR REPLACE INTO document_versions SELECT * FROM document_versions"
        " WHERE state = 'effective'",
        "INSERT OR REPLACE INTO statements SELECT id, (SELECT id FROM document_versions"
        " WHERE state = 'draft'), position, code, wording, mandatory FROM statements"
        " WHERE code = 'participate'",
    ],
)
def test_a_frozen_row_cannot_be_replaced_by_a_draft(approved_and_draft, statement):
    with pytest.raises(IntegrityError, match="replaces no row"):
        try_out(approved_and_draft, statement)
