"""Versions are used one at a time, under an approval; their words stay as they are."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from studyhub.domain.document_names import KIND_NAMES, KIND_ORDER
from studyhub.domain.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    WrongState,
)
from studyhub.domain.words import WORDS
from studyhub.store.consent import Approval, DocumentVersion
from studyhub.workflows import (
    consent_documents,
    consent_documents_view,
    consent_ethics,
    consent_versions,
    protocol_periods,
)
from studyhub.workflows.consent_ethics import Outcome, Request
from tests import texts
from tests.makers import (
    approve_study,
    approve_version,
    in_use,
    seen,
    submitted,
)
from tests.workflows.documents import NEW_INVITATION, effective, row, state


# Use and retire.
def test_inv_4_a_version_that_no_approval_lists_cannot_be_used(study):
    approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)
    for unapproved in ("draft", "submitted"):
        with study.hub.sessions.writing.begin() as session:
            session.get_one(DocumentVersion, version_id).state = unapproved
        with pytest.raises(WrongState):
            consent_versions.use(study.petra, version_id)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(DocumentVersion, version_id).state = "approved"
    with pytest.raises(WrongState):
        consent_versions.use(study.petra, version_id)


@pytest.mark.parametrize("ended", ["suspended", "expired", "closed"])
def test_inv_4_and_8_a_version_cannot_be_used_while_the_approval_is_not_in_force(study, ended):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)
    approve_version(study, version_id, approval_id)
    consent_ethics.change(study.petra, approval_id, Outcome(ended))

    with pytest.raises(WrongState):
        consent_versions.use(study.petra, version_id)
    assert consent_documents_view.show(study.ada, version_id).row.state == "approved"


def test_inv_4_a_version_cannot_be_used_after_the_last_day_of_the_approval(study):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)
    approve_version(study, version_id, approval_id)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Approval, approval_id).ends_at = study.clock() + timedelta(days=5)
    study.clock.advance(days=6)

    with pytest.raises(WrongState):
        consent_versions.use(study.petra, version_id)


def test_inv_5_using_a_version_supersedes_the_one_before(study, approved):
    approval_id = study.approval_id
    older = effective(study, "invitation")
    study.clock.advance(hours=1)

    newer = in_use(study, NEW_INVITATION, approval_id, author="rita", approver="petra")

    assert effective(study, "invitation") == newer
    assert (state(study, older), state(study, newer)) == ("superseded", "effective")
    assert row(study, older).retired_at == row(study, newer).use_from == study.clock()


def test_inv_5_the_database_keeps_one_effective_version(study, approved):
    approval_id = study.approval_id
    version_id = submitted(study, NEW_INVITATION, author="rita")
    approve_version(study, version_id, approval_id, approver="petra")

    with pytest.raises((IntegrityError, DBAPIError)), study.hub.sessions.writing.begin() as raw:
        raw.execute(
            text("UPDATE document_versions SET state = 'effective' WHERE id = :id"),
            {"id": _stored(study, version_id)},
        )


def _stored(study, version_id):
    """An id as this engine keeps it."""
    is_sqlite = study.hub.sessions.engine.dialect.name == "sqlite"
    return version_id.hex if is_sqlite else version_id


@pytest.mark.parametrize("frozen", ["approved", "effective", "superseded", "retired"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE document_versions SET body = 'other words' WHERE id = :id",
        "UPDATE document_versions SET body_hash = NULL WHERE id = :id",
        "UPDATE document_versions SET minor = 77 WHERE id = :id",
        "UPDATE document_versions SET state = 'draft' WHERE id = :id",
        "UPDATE statements SET wording = 'I agree to all.' WHERE version_id = :id",
        "UPDATE statements SET position = position + 50 WHERE version_id = :id",
        "DELETE FROM statements WHERE version_id = :id",
        "DELETE FROM document_versions WHERE id = :id",
    ],
)
def test_inv_2_the_words_of_an_approved_version_are_frozen_in_the_database(
    study, frozen, change
):
    version_id = _brought_to(study, frozen)

    with pytest.raises(DBAPIError, match="frozen"), study.hub.sessions.writing.begin() as raw:
        raw.execute(text(change), {"id": _stored(study, version_id)})


def _brought_to(study, frozen):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.FORM_DRAFT)
    approve_version(study, version_id, approval_id)
    if frozen in {"effective", "superseded"}:
        consent_versions.use(study.petra, version_id)
    if frozen == "superseded":
        in_use(study, texts.FORM_DRAFT, approval_id, reconsent="none")
    if frozen == "retired":
        consent_versions.retire(study.petra, version_id, "protocol")
    assert state(study, version_id) == frozen
    return version_id


@pytest.mark.parametrize("frozen", ["approved", "effective", "superseded", "retired"])
def test_inv_2_no_act_changes_the_words_of_an_approved_version(study, frozen):
    version_id = _brought_to(study, frozen)
    before = seen(study, version_id)

    for act in (
        lambda: consent_documents.draft(study.petra, texts.FORM_DRAFT, version_id),
        lambda: consent_documents.submit(study.petra, version_id),
        lambda: consent_documents.send_back(study.ravi, version_id, "quality"),
    ):
        with pytest.raises(WrongState):
            act()
    assert seen(study, version_id) == before


def test_only_the_pi_uses_and_retires(study):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)
    approve_version(study, version_id, approval_id)

    for login in ("rita", "ivan", "ravi", "tess", "ann", "ada"):
        with pytest.raises(NotPermitted):
            consent_versions.use(study.desk(login), version_id)
        with pytest.raises(NotPermitted):
            consent_versions.retire(study.desk(login), version_id, "protocol")


def test_a_retired_version_leaves_nothing_in_use(study, approved):
    version_id = effective(study, "invitation")

    with pytest.raises(Invalid):
        consent_versions.retire(study.petra, version_id, "because")
    consent_versions.retire(study.petra, version_id, "protocol")

    assert effective(study, "invitation") is None
    with pytest.raises(WrongState):
        consent_versions.use(study.petra, version_id)


def test_inv_6_without_a_version_in_use_nothing_can_be_sent(study):
    approve_study(study)
    submitted(study, texts.INVITATION_DRAFT, author="rita")

    with study.hub.sessions.reading.begin() as session, pytest.raises(WrongState):
        protocol_periods.need_effective(session, study.id, "invitation", "en", study.clock())


# Amendments.
def amended(study, approval_id, versions, *, reconsent="none", to=()):
    asked = Request(
        *(texts.COMMITTEE, "FREC 2026-0142-A1", "substantial", approval_id),
        reason="Shorter interviews",
        reconsent=reconsent,
        versions=versions,
    )
    amendment_id = consent_ethics.record(study.petra, asked)
    for following in to:
        now = study.clock()
        outcome = Outcome(following, now.date(), now)
        consent_ethics.change(study.petra, amendment_id, outcome)
    return amendment_id


def test_inv_4_a_version_of_an_amendment_waits_until_it_is_implemented(study, approved):
    approval_id = study.approval_id
    version_id = submitted(study, NEW_INVITATION, author="rita")
    amendment_id = amended(study, approval_id, (version_id,), to=("submitted", "approved"))

    with pytest.raises(WrongState):
        approve_version(study, version_id, amendment_id, approver="petra")
    with pytest.raises(Invalid):
        approve_version(study, version_id, approval_id, approver="petra")
    consent_ethics.change(study.petra, amendment_id, Outcome("implemented"))
    approve_version(study, version_id, amendment_id, approver="petra")
    consent_versions.use(study.petra, version_id)

    assert effective(study, "invitation") == version_id


@pytest.mark.parametrize("reconsent", ["none", "future_contacts", "all_active"])
def test_inv_9_and_10_a_version_takes_who_signs_again_from_its_amendment(
    study, reconsent, approved
):
    approval_id = study.approval_id
    version_id = submitted(study, texts.FORM_DRAFT)
    steps = ("submitted", "approved", "implemented")
    amendment_id = amended(study, approval_id, (version_id,), reconsent=reconsent, to=steps)

    other = "none" if reconsent != "none" else "all_active"
    with pytest.raises(Invalid):
        approve_version(study, version_id, amendment_id, reconsent=other)
    approve_version(study, version_id, amendment_id)

    assert row(study, version_id).reconsent == reconsent


# Read.
def test_who_has_no_part_in_documents_does_not_read_them(study):
    version_id = consent_documents.draft(study.petra, texts.SHEET_DRAFT)

    for login in ("tess", "ann"):
        with pytest.raises(NotPermitted):
            consent_documents_view.ethics(study.desk(login))
        with pytest.raises(NotPermitted):
            consent_documents_view.show(study.desk(login), version_id)
    for login in ("petra", "rita", "ivan", "ravi", "ada"):
        assert consent_documents_view.show(study.desk(login), version_id).row.number == "1.0"


def test_a_version_is_compared_with_one_of_the_same_document_only(study):
    sheet = consent_documents.draft(study.petra, texts.SHEET_DRAFT)
    letter = consent_documents.draft(study.rita, texts.INVITATION_DRAFT)

    with pytest.raises(NotFound):
        consent_documents_view.show(study.ada, sheet, letter)


def test_every_kind_of_document_has_a_name_and_a_place():
    assert set(KIND_NAMES) == set(KIND_ORDER) == set(WORDS["documents.kind"])
