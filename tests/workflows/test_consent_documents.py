"""Versions of documents: written, approved by somebody else, used; their words stay."""

from tests.makers import approved_study


def test_an_approved_study_has_every_document_in_use(study):
    approved_study(study)

    assert study.last_event().act == "document.use"
