"""What was signed stays as it was: rules that the database keeps itself, by plain SQL."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError

from studyhub.store.consent import Consent
from studyhub.workflows import consent_copies
from studyhub.workflows.demonstration import CAST
from tests.makers import token_in
from tests.workflows.consenting import PNG, WORD, at, records, sign
from tests.workflows.informed import ready, study, token

__all__ = ["ready", "study", "token"]


@pytest.mark.parametrize("table", ["consents", "decisions"])
def test_inv_30_what_was_signed_cannot_be_changed_by_sql(study, token, table):
    """Invariant 30."""
    sign(study, token)

    for statement in CHANGES[table]:
        with pytest.raises(DBAPIError), study.hub.sessions.writing.begin() as session:
            session.execute(text(statement))
    assert len(records(study)) == 1


CHANGES = {
    "consents": (
        "UPDATE consents SET kind = 'refused'",
        "UPDATE consents SET evidence_root = NULL",
        "UPDATE consents SET form_version_id = sheet_version_id",
        "DELETE FROM consents",
    ),
    "decisions": ("UPDATE decisions SET answer = 'decline'", "DELETE FROM decisions"),
}


def insert_like(study, row, **changes):
    """Write another consent by plain SQL: a copy of one with some columns changed."""
    columns = Consent.__table__.columns
    values = {"id": uuid4(), **changes}
    chosen = ", ".join(f":{c.name}" if c.name in values else c.name for c in columns)
    names = ", ".join(c.name for c in columns)
    bound = [bindparam(name, value, columns[name].type) for name, value in values.items()]
    like = bindparam("like", row.id, columns["id"].type)
    insert = f"INSERT INTO consents ({names}) SELECT {chosen} FROM consents WHERE id = :like"  # noqa: S608 - names of columns only
    with study.hub.sessions.writing.begin() as session:
        session.execute(text(insert).bindparams(*bound, like))


def test_inv_33_the_database_takes_a_new_record_for_each_signing_and_each_number_once(
    study, token
):
    """Invariants 33 and 35, by plain SQL."""
    sign(study, token)
    ((first, _),) = records(study)

    with pytest.raises(DBAPIError):
        insert_like(study, first)
    insert_like(study, first, seq=2, supersedes_id=first.id)

    assert [row.seq for row, _ in records(study)] == [1, 2]


def test_inv_34_two_records_cannot_follow_the_same_one(study, token):
    """Invariant 34, by plain SQL."""
    sign(study, token)
    study.clock.advance(days=1)
    sign(study, token)
    first, second = (row for row, _ in records(study))

    with pytest.raises(DBAPIError):
        insert_like(study, second, seq=3)
    insert_like(study, second, seq=3, supersedes_id=second.id)
    assert len(records(study)) == 3
    assert first.supersedes_id is None


def test_inv_40_the_database_refuses_a_signing_later_than_its_entry(study, token):
    """Invariant 40, by plain SQL."""
    sign(study, token)
    ((first, _),) = records(study)
    moment = timedelta(microseconds=1)

    with pytest.raises(DBAPIError):
        insert_like(
            study, first, seq=2, supersedes_id=None, signed_at=first.entered_at + moment
        )
    insert_like(study, first, seq=2, supersedes_id=None, signed_at=first.entered_at)


def test_with_nobody_signed_in_the_database_and_the_files_say_neither_who_nor_how(study, token):
    end_all_sessions(study)
    lasting = token_in(sign(study, token, drawing=PNG, word=WORD).address)
    consent_copies.copy(at(study, lasting))
    study.clock.advance(days=1)
    consent_copies.copy(at(study, lasting), WORD)

    said = (
        b"Grace",
        b"grace.adeyemi@home.test",
        b"heron",
        PNG,
        token.encode(),
        lasting.encode(),
    )
    kept = [*rows_of(study), *files_of(study)]
    for place, content in kept:
        for each in said:
            assert each not in content, place
    assert len(kept) > 100


def end_all_sessions(study):
    """Nobody of the team is there any more."""
    for login in CAST:
        study.hub.sittings.end_all(study.user_id(login))


def rows_of(study):
    with study.hub.sessions.reading.begin() as session:
        for table in Consent.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for value in row:
                    raw = value if isinstance(value, bytes) else str(value).encode()
                    yield table.name, raw


def files_of(study):
    for path in study.hub.settings.instance.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
