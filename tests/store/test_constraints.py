"""What the database itself refuses: second rows where one may be, and rows that cannot be."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from studyhub.domain.words import SEVERAL, STUDY_MAY_ADD, WORDS
from studyhub.store.db import Base
from tests.store.rows import NOON, add, model_of

# Each column or columns that identify a row, besides its id.
UNIQUE = [
    ("users", "login"),
    ("studies", "slug"),
    ("links", "token_hash"),
    ("user_tokens", "token_hash"),
    ("letters", "bounce_hash"),
    ("study_keys", "study_id purpose"),
    ("compartment_keys", "study_id compartment epoch"),
    ("data_key_grants", "data_key_id grantee_kind grantee_id"),
    ("approaches", "participant_id version_id purpose nth"),
    ("withdrawals", "reference"),
    ("withdrawal_items", "withdrawal_id class ordinal"),
    ("documents", "study_id kind language audience"),
    ("document_versions", "document_id major minor"),
    ("statements", "version_id code"),
    ("consents", "participant_id seq"),
    ("consents", "supersedes_id"),
    ("cases", "study_id label"),
    ("cells", "case_id code_id"),
    ("codebooks", "study_id number"),
    ("releases", "study_id label number"),
    ("participants", "study_id code"),
    ("interviews", "calendar_uid"),
    ("sealed_objects", "store_name"),
]

# The primary keys of tables without an id.
KEYS = {
    "events": "chain seq",
    "heads": "chain size",
    "decisions": "consent_id statement_id",
    "contacts": "participant_id",
    "working_copies": "transcript_id",
    "renditions": "recording_id kind",
    "register_prints": "entry_id kind print",
    "cell_quotes": "cell_id coding_id",
    "export_items": "export_id release_id",
}

# Not null in these tests, though it may be.
FILLED = {"supersedes_id": "consents", "version_id": "document_versions"}


def add_twice(session, table, names, **changed):
    """Two rows alike in these columns, but for what is changed in the second."""
    table_columns = model_of(table).__table__.c
    filled = {
        name: add(session, FILLED[name]).id for name in names if table_columns[name].nullable
    }
    first = add(session, table, **filled)
    attributes = {c.name: key for key, c in model_of(table).__mapper__.columns.items()}
    same = {name: getattr(first, attributes[name]) for name in names}
    session.expunge(first)
    add(session, table, **{**same, **changed})


@pytest.mark.parametrize(("table", "columns"), [*UNIQUE, *KEYS.items()])
def test_a_second_row_with_the_same_key_is_refused(sessions, table, columns):
    with sessions.writing() as session, pytest.raises(IntegrityError):
        add_twice(session, table, columns.split())


@pytest.mark.parametrize(("table", "columns"), KEYS.items())
def test_a_table_without_id_has_its_first_columns_as_key(sessions, table, columns):
    inspector = inspect(sessions.engine)

    assert inspector.get_pk_constraint(table)["constrained_columns"] == columns.split()


def test_every_unique_rule_of_the_schema_is_tried_above(sessions):
    inspector = inspect(sessions.engine)

    found = {
        (table, " ".join(unique["column_names"]))
        for table in Base.metadata.tables
        for unique in inspector.get_unique_constraints(table)
    }

    assert found == set(UNIQUE)


# One among several


def test_a_person_has_one_membership_of_a_role_that_has_not_ended(sessions):
    names = ["study_id", "user_id", "role"]
    with sessions.writing() as session:
        add_twice(session, "memberships", names, state="ended")
    with sessions.writing() as session, pytest.raises(IntegrityError):
        add_twice(session, "memberships", names, state="active")


def test_a_document_has_one_effective_version(sessions):
    with sessions.writing() as session:
        first = add(session, "document_versions", state="effective")
        add(session, "document_versions", document_id=first.document_id, state="superseded")
        add(session, "document_versions", state="effective")
        with pytest.raises(IntegrityError):
            add(session, "document_versions", document_id=first.document_id, state="effective")


def test_an_interview_has_one_chosen_slot(sessions):
    with sessions.writing() as session:
        first = add(session, "slots", chosen_at=NOON)
        add(session, "slots", interview_id=first.interview_id)
        add(session, "slots", interview_id=first.interview_id)
        with pytest.raises(IntegrityError):
            add(session, "slots", interview_id=first.interview_id, chosen_at=NOON)


def test_a_label_has_one_current_release(sessions):
    with sessions.writing() as session:
        first = add(session, "releases", number=1)
        same = {"study_id": first.study_id, "label": first.label}
        add(session, "releases", **same, number=2, state="recalled")
        with pytest.raises(IntegrityError):
            add(session, "releases", **same, number=3)


# Rows that cannot be


def test_inv_40_a_consent_cannot_be_entered_before_it_was_signed(sessions):
    moment = timedelta(microseconds=1)
    with sessions.writing() as session:
        add(session, "consents", signed_at=NOON, entered_at=NOON)
        add(session, "consents", signed_at=NOON, entered_at=NOON + moment)
        with pytest.raises(IntegrityError):
            add(session, "consents", signed_at=NOON, entered_at=NOON - moment)


@pytest.mark.parametrize("state", WORDS["recordings.state"])
def test_a_recording_is_not_accepted_without_the_answer_of_the_gate(sessions, state):
    behind_the_gate = state in {"accepted", "transcribed", "checked"}

    with sessions.writing() as session:
        add(session, "recordings", state=state, gate_id=add(session, "gate_answers").id)
        if behind_the_gate:
            with pytest.raises(IntegrityError):
                add(session, "recordings", state=state)
        else:
            add(session, "recordings", state=state)


def test_an_assignment_is_of_exactly_one_thing(sessions):
    with sessions.writing() as session:
        recording, transcript, consent = (
            add(session, table).id for table in ("recordings", "transcripts", "consents")
        )
        session.commit()

        def given(*, r, t, c):
            with session.begin():
                add(
                    session,
                    "assignments",
                    recording_id=recording if r else None,
                    transcript_id=transcript if t else None,
                    consent_id=consent if c else None,
                )

        given(r=True, t=False, c=False)
        given(r=False, t=True, c=False)
        given(r=False, t=False, c=True)
        for r, t, c in [(0, 0, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)]:
            with pytest.raises(IntegrityError):
                given(r=r, t=t, c=c)


def test_a_link_is_for_a_participant_or_an_expression_or_both(sessions):
    with sessions.writing() as session:
        participant = add(session, "participants").id
        expression = add(session, "expressions").id
        add(session, "links", participant_id=participant, expression_id=None)
        add(session, "links", participant_id=None, expression_id=expression)
        add(session, "links", participant_id=participant, expression_id=expression)
        with pytest.raises(IntegrityError):
            add(session, "links", participant_id=None, expression_id=None)


def test_a_compartment_key_is_granted_to_a_membership_or_to_the_recovery_key(sessions):
    with sessions.writing() as session:
        member = add(session, "memberships").id
        add(session, "key_grants", membership_id=member, to_recovery=False)
        add(session, "key_grants", membership_id=None, to_recovery=True)
        session.commit()
        with pytest.raises(IntegrityError), session.begin():
            add(session, "key_grants", membership_id=None, to_recovery=False)
        with pytest.raises(IntegrityError), session.begin():
            add(session, "key_grants", membership_id=member, to_recovery=True)


@pytest.mark.parametrize(
    ("kind", "state"), [("initial", "drafted"), ("minor", "planned"), ("substantial", "closed")]
)
def test_an_approval_has_a_state_of_its_own_kind(sessions, kind, state):
    with sessions.writing() as session, pytest.raises(IntegrityError):
        add(session, "approvals", kind=kind, state=state)


def test_inv_3_nobody_is_written_down_as_having_approved_what_they_wrote(sessions):
    with sessions.writing() as session:
        version = add(session, "document_versions", state="submitted")
        session.commit()
        with pytest.raises(IntegrityError), session.begin():
            session.execute(
                text("UPDATE document_versions SET approved_by = author_id WHERE id = :id"),
                {"id": session.scalar(text("SELECT id FROM document_versions"))},
            )
        assert session.get_one(type(version), version.id).approved_by is None


@pytest.mark.parametrize("table", ["events", "proposals"])
def test_an_act_has_a_thing_and_a_verb(sessions, table):
    with sessions.writing() as session, pytest.raises(IntegrityError):
        add(session, table, act="signing")


# Words


def test_no_closed_column_takes_another_word(sessions):
    with sessions.writing() as session:
        for key in (key for key in WORDS if "." in key and key not in SEVERAL):
            table, _, column = key.partition(".")
            with pytest.raises(IntegrityError), session.begin_nested():
                add(session, table, **{column: "something else"})


@pytest.mark.parametrize("key", sorted(STUDY_MAY_ADD))
def test_a_study_may_add_statements_of_its_own(sessions, key):
    table, _, column = key.partition(".")
    with sessions.writing() as session:
        add(session, table, **{column: "x_photographs"})
        with pytest.raises(IntegrityError):
            add(session, table, **{column: "photographs"})


# References and empty columns


def test_a_row_cannot_refer_to_something_that_is_not_there(sessions):
    with sessions.writing() as session, pytest.raises(IntegrityError):
        add(session, "participants", study_id=add(session, "users").id)


def test_a_row_that_others_refer_to_cannot_be_removed(sessions):
    with sessions.writing.begin() as session:
        add(session, "interviews")

    with sessions.writing() as session, pytest.raises(IntegrityError):
        session.execute(text("DELETE FROM participants"))


def test_a_list_that_was_forgotten_is_refused_instead_of_stored_as_null(sessions):
    with sessions.writing() as session, pytest.raises(IntegrityError):
        add(session, "memberships", duties=None)
