"""Versions are approved by somebody else, under an approval in force, as they were read."""

from hashlib import sha256

import pytest

from studyhub.domain.documents import bytes_of_form
from studyhub.domain.errors import (
    Invalid,
    NotPermitted,
    PasswordNeeded,
    Stale,
    WrongState,
)
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.consent import DocumentVersion
from studyhub.workflows import (
    consent_documents,
    consent_ethics,
    protocol,
)
from studyhub.workflows.consent_documents import Approving
from studyhub.workflows.consent_ethics import Outcome
from tests import texts
from tests.makers import (
    approve_study,
    approve_version,
    invite_and_grant,
    seen,
    submitted,
)
from tests.workflows.documents import NEW_INVITATION, changed, row, state


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
