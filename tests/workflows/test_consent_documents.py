"""Versions of documents are written, numbered and handed in."""

from dataclasses import replace

import pytest

from studyhub.domain.errors import (
    Invalid,
    NotPermitted,
    WrongState,
)
from studyhub.workflows import (
    consent_documents,
    consent_documents_view,
)
from studyhub.workflows.consent_documents import Draft
from tests import texts
from tests.makers import (
    submitted,
)
from tests.workflows.documents import NEW_INVITATION, row, state


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
