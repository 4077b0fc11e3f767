"""Versions of documents: written, approved by somebody else, used; their words stay."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from studyhub.domain.document_names import KIND_NAMES, KIND_ORDER
from studyhub.domain.documents import bytes_of_form
from studyhub.domain.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    PasswordNeeded,
    Stale,
    WrongState,
)
from studyhub.domain.vocabulary import Duty, Role
from studyhub.domain.words import WORDS
from studyhub.store.consent import Approval, DocumentVersion
from studyhub.workflows import (
    consent_documents,
    consent_documents_view,
    consent_ethics,
    consent_versions,
    protocol,
    protocol_periods,
)
from studyhub.workflows.consent_documents import Approving, Draft
from studyhub.workflows.consent_ethics import Outcome, Request
from tests import texts
from tests.makers import (
    approve_study,
    approve_version,
    in_use,
    invite_and_grant,
    seen,
    submitted,
)


def row(study, version_id):
    with study.hub.sessions.reading.begin() as session:
        found = session.get_one(DocumentVersion, version_id)
        session.expunge(found)
        return found


def state(study, version_id):
    return row(study, version_id).state


def effective(study, kind):
    with study.hub.sessions.reading.begin() as session:
        found = protocol_periods.in_use_at(session, study.id, kind, "en", study.clock())
        return found.id if found else None


def changed(draft, old, new):
    return replace(draft, body=draft.body.replace(old, new))


NEW_INVITATION = changed(texts.INVITATION_DRAFT, "about an hour", "about 45 minutes")


# Write.


def test_an_approved_study_has_every_document_in_use(study, approved):
    kinds = [row.kind for row in consent_documents_view.ethics(study.ada).versions]
    assert set(kinds) == {
        *("invitation", "reminder", "pis", "consent_form", "confirmation", "summary"),
        *("withdrawal_form", "topic_guide"),
    }
    assert len(kinds) == len(set(kinds))


def test_a_recruiter_writes_letters_and_nothing_else(study):
    consent_documents.draft(study.rita, texts.INVITATION_DRAFT)

    for other in (texts.SHEET_DRAFT, texts.FORM_DRAFT, Draft("topic_guide", "Begin gently.")):
        with pytest.raises(NotPermitted):
            consent_documents.draft(study.rita, other)
    for login in ("ivan", "ravi", "ada", "ann", "tess"):
        with pytest.raises(NotPermitted):
            consent_documents.draft(study.desk(login), texts.INVITATION_DRAFT)


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("kind", Draft("diary", "Text")),
        ("language", Draft("pis", "Text", language="xx")),
        ("body", Draft("pis", "x" * 100_001)),
        ("deadline_rule", Draft("pis", "Text", deadline_rule={"kind": "never"})),
        ("statements", Draft("pis", "Text", statements=texts.statements())),
        (
            "statements",
            Draft(
                "consent_form", "Text", statements=(*texts.statements(), *texts.statements())
            ),
        ),
        (
            "statements",
            Draft(
                "consent_form",
                "Text",
                statements=(replace(texts.statements()[0], code="made_up"),),
            ),
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_message_and_nothing_is_written(
    study, field, draft
):
    petra = study.petra
    before = study.events()

    with pytest.raises(Invalid) as caught:
        consent_documents.draft(petra, draft)

    assert field in caught.value.problems
    assert study.events() == before


def test_a_draft_is_written_anew_by_its_author_only_and_only_as_a_draft(study):
    version_id = consent_documents.draft(study.rita, texts.INVITATION_DRAFT)

    consent_documents.draft(study.rita, NEW_INVITATION, version_id)

    assert row(study, version_id).body == NEW_INVITATION.body
    with pytest.raises(NotPermitted):
        consent_documents.draft(study.petra, texts.INVITATION_DRAFT, version_id)
    consent_documents.submit(study.rita, version_id)
    with pytest.raises(WrongState):
        consent_documents.draft(study.rita, texts.INVITATION_DRAFT, version_id)
    with pytest.raises(Invalid):
        consent_documents.draft(study.rita, Draft("reminder", "Text"), version_id)


def test_statements_are_replaced_when_a_draft_is_written_anew(study):
    version_id = consent_documents.draft(study.petra, texts.FORM_DRAFT)
    fewer = replace(texts.FORM_DRAFT, statements=texts.statements()[:2])

    consent_documents.draft(study.petra, fewer, version_id)

    found = consent_documents_view.show(study.petra, version_id).text.statements
    assert found == texts.statements()[:2]


def test_inv_7_versions_are_numbered_by_whole_numbers(study):
    numbers = []
    for nth in range(11):
        wanted = replace(texts.INVITATION_DRAFT, major=nth == 0)
        version_id = consent_documents.draft(study.rita, wanted)
        numbers.append(consent_documents_view.show(study.rita, version_id).row.number)

    assert numbers[0] == "1.0"
    assert numbers[-2:] == ["1.9", "1.10"]
    shown = [each.number for each in consent_documents_view.ethics(study.rita).versions]
    assert shown[:2] == ["1.10", "1.9"]


# Hand in, send back.


def test_only_a_complete_version_is_handed_in_and_only_by_its_author(study):
    version_id = consent_documents.draft(study.petra, Draft("pis", "## About\n\nThe study."))

    with pytest.raises(Invalid) as caught:
        consent_documents.submit(study.petra, version_id)
    assert set(caught.value.problems) == {"body", "deadline_rule"}
    consent_documents.draft(study.petra, texts.SHEET_DRAFT, version_id)
    with pytest.raises(NotPermitted):
        consent_documents.submit(study.rita, version_id)
    consent_documents.submit(study.petra, version_id)
    assert state(study, version_id) == "submitted"


def test_a_version_is_sent_back_with_a_reason_from_the_list(study):
    version_id = submitted(study, texts.SHEET_DRAFT)

    with pytest.raises(Invalid):
        consent_documents.send_back(study.ravi, version_id, "I do not like it")
    for login in ("rita", "ivan"):  # without the duty
        with pytest.raises(NotPermitted):
            consent_documents.send_back(study.desk(login), version_id, "quality")
    consent_documents.send_back(study.ravi, version_id, "quality")

    assert state(study, version_id) == "draft"
    assert study.last_event().line.count(b'"quality"') == 1


# Approve.


def test_inv_3_nobody_approves_what_they_wrote(study):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)

    with pytest.raises(NotPermitted):
        approve_version(study, version_id, approval_id, approver="petra")
    approve_version(study, version_id, approval_id, approver="ravi")


def test_inv_3_nobody_approves_what_they_wrote_in_another_role(study):
    """H-1 holds for the person: the author comes back in a role with the duty to approve."""
    approval_id = approve_study(study)
    invite_and_grant(study, "ravi", Role.RECRUITER)
    author, back = study.desk("ravi", Role.RECRUITER), study.desk("ravi", Role.REVIEWER)
    version_id = consent_documents.draft(author, texts.INVITATION_DRAFT)
    consent_documents.submit(author, version_id)
    assert Duty.APPROVE in back.actor.duties

    with pytest.raises(NotPermitted, match="in no role of theirs"):
        consent_documents.approve(
            back, version_id, Approving(approval_id, seen(study, version_id))
        )
    assert state(study, version_id) == "submitted"
    approve_version(study, version_id, approval_id, approver="petra")


def test_approving_needs_the_duty_and_a_fresh_password(study):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)

    for login in ("rita", "ivan", "tess", "ada", "ann"):
        with pytest.raises(NotPermitted):
            approve_version(study, version_id, approval_id, approver=login)
    late = study.ravi
    study.clock.advance(minutes=11)
    with pytest.raises(PasswordNeeded):
        consent_documents.approve(
            late, version_id, Approving(approval_id, seen(study, version_id))
        )


def test_what_is_approved_is_what_was_read(study):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.INVITATION_DRAFT, author="rita")
    read = seen(study, version_id)
    consent_documents.send_back(study.petra, version_id, "quality")
    consent_documents.draft(study.rita, NEW_INVITATION, version_id)
    consent_documents.submit(study.rita, version_id)

    with pytest.raises(Stale):
        consent_documents.approve(study.petra, version_id, Approving(approval_id, read))

    assert state(study, version_id) == "submitted"


def test_approving_fixes_the_hash_of_what_everybody_is_shown(study):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.FORM_DRAFT)

    approve_version(study, version_id, approval_id)

    ravi = study.membership_id("ravi")
    with study.hub.sessions.reading.begin() as session:
        version = session.get_one(DocumentVersion, version_id)
        shown = bytes_of_form(protocol.text_of(session, version))
        assert version.body_hash == sha256(shown).digest()
        assert version.approved_by == ravi
        assert b"{{" not in shown


@pytest.mark.parametrize("ended", ["suspended", "expired", "closed"])
def test_a_version_is_approved_under_an_approval_in_force_only(study, ended):
    approval_id = approve_study(study)
    version_id = submitted(study, texts.SHEET_DRAFT)
    consent_ethics.change(study.petra, approval_id, Outcome(ended))

    with pytest.raises(WrongState):
        approve_version(study, version_id, approval_id)


def test_a_new_consent_form_asks_who_signs_again_and_a_letter_does_not(study, approved):
    approval_id = study.approval_id
    form = submitted(study, changed(texts.FORM_DRAFT, "Nothing is ticked", "No box is ticked"))

    for wrong in ("", "everybody"):
        with pytest.raises(Invalid) as caught:
            approve_version(study, form, approval_id, reconsent=wrong)
        assert "reconsent" in caught.value.problems
    approve_version(study, form, approval_id, reconsent="all_active")
    assert row(study, form).reconsent == "all_active"
    letter = submitted(study, NEW_INVITATION, author="rita")
    approve_version(study, letter, approval_id, approver="petra")
    assert row(study, letter).reconsent == "none"


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
