"""The pages of ethics: approvals, versions, the decision, two versions beside each other."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from studyhub.workflows import consent_documents, consent_documents_view, consent_ethics
from studyhub.workflows.consent_ethics import Request
from tests import texts
from tests.makers import (
    CAST,
    SLUG,
    approve_study,
    approve_version,
    approved_study,
    seen,
    submitted,
)
from tests.web.browser import complaints, let_in, open_page, serve
from tests.web.pages import HOSTILE, at_browser, keep_desk, words

ETHICS = f"/s/{SLUG}/ethics"
NEW = f"{ETHICS}/documents/new"
READERS = {"petra", "rita", "ivan", "ravi", "ada"}
NEWER = replace(
    texts.INVITATION_DRAFT, body=texts.INVITATION.replace("about an hour", "45 minutes")
)
STATEMENT = {
    "statement-0-place": "1",
    "statement-0-code": "participate",
    "statement-0-wording": "I take part.",
    "statement-0-mandatory": "y",
}


@pytest.fixture
def petra(visit, small_study):
    """The principal investigator at a browser, and at the same desk in the test."""
    visit.sign_in("petra")
    keep_desk(small_study, visit, "petra")
    return visit


def versions(study):
    return consent_documents_view.ethics(study.petra).versions


def newest(study, kind):
    return next(row for row in versions(study) if row.kind == kind)


def page_of(version_id, what=""):
    return f"{ETHICS}/documents/{version_id}{what}"


def prepared(study):
    """A study in use, an amendment, a letter of Rita's that waits, and a draft of Petra's."""
    approval_id = approved_study(study)
    waiting = submitted(study, NEWER, author="rita")
    draft = consent_documents.draft(study.petra, texts.FORM_DRAFT)
    asked = Request(texts.COMMITTEE, "A1", "minor", approval_id, "Shorter", "none", (draft,))
    amendment = consent_ethics.record(study.petra, asked)
    older = newest(study, "invitation").older_id
    return approval_id, amendment, waiting, draft, older


def every_page(study):
    approval_id, amendment, waiting, draft, older = prepared(study)
    return {
        ETHICS: READERS,
        f"{ETHICS}/approvals/{approval_id}": READERS,
        f"{ETHICS}/approvals/{amendment}": READERS,
        f"{ETHICS}/approvals/add": {"petra"},
        f"{ETHICS}/amendments/add": {"petra"},
        f"{ETHICS}/fixed-letters": READERS,
        NEW: {"petra", "rita"},
        f"{NEW}?kind=invitation": {"petra", "rita"},
        f"{NEW}?kind=pis": {"petra", "rita"},  # a recruiter is offered the letters instead
        f"{NEW}?kind=consent_form": {"petra", "rita"},
        page_of(waiting): READERS,
        page_of(older): READERS,
        page_of(waiting, f"/beside/{older}"): READERS,
        page_of(waiting, f"/beside/{older}?all=1"): READERS,
        page_of(waiting, "/decide"): {"petra", "rita", "ivan", "ravi"},
        page_of(draft, "/write"): {"petra"},
        page_of(older, "/retire"): {"petra"},
    }


def test_each_page_is_open_to_whom_the_matrix_names(app, small_study):
    pages = every_page(small_study)
    for login in CAST:
        visit = at_browser(app, small_study, login)
        for path, may in pages.items():
            wanted = 200 if login in may else 404 if login == "nina" else 403
            assert visit.get(path).status_code == wanted, (login, path)


def test_nobody_does_by_posting_what_their_role_may_not(app, small_study):
    approval_id, _, waiting, draft, older = prepared(small_study)
    posts = {
        f"{ETHICS}/approvals/add": {"committee": "C", "reference": "R"},
        f"{ETHICS}/approvals/{approval_id}": {"to": "suspended"},
        page_of(draft, "/submit"): {},
        page_of(draft, "/write"): {"body": "## Text"},
        page_of(older, "/retire"): {"reason": "protocol"},
        page_of(waiting, "/use"): {},
        page_of(waiting, "/send-back"): {"reason": "quality"},
    }
    for login in ("nina", "rita", "ivan", "ada", "ann", "tess"):
        visit = at_browser(app, small_study, login)
        for path, fields in posts.items():
            wanted = 404 if login == "nina" else 403
            assert visit.post(path, **fields).status_code == wanted, (login, path)
    assert newest(small_study, "invitation").state == "submitted"


def test_the_page_says_what_is_in_use_and_under_which_approval(app, small_study, approved):
    shown = words(at_browser(app, small_study, "ada").get(ETHICS))

    assert "In force Committee Faculty Research Ethics Committee" in shown
    assert "Information sheet Information sheet 1.0 Effective 2 Mar 2026 0" in shown
    assert "At most one reminder to each person." in shown


def test_without_an_approval_the_page_says_what_comes_first(small_study, petra):
    assert "Record the approval" in words(petra.get(ETHICS))


def test_an_approval_is_recorded_on_pages(small_study, petra):
    petra.post(f"{ETHICS}/approvals/add", committee="Faculty", reference="F-1")
    approval_id = consent_documents_view.ethics(small_study.petra).first.id
    path = f"{ETHICS}/approvals/{approval_id}"
    petra.post(path, to="submitted")

    missing = petra.post(path, to="approved", conditions="Only one reminder")
    assert missing.status_code == 422
    assert "Enter the day of the decision" in missing.text
    assert "Only one reminder" in missing.text
    done = petra.post(path, to="approved", decided_on="2026-03-02", starts="2026-03-02")

    assert done.status_code == 302
    assert consent_documents_view.ethics(small_study.petra).first.in_force


def test_a_letter_goes_from_draft_to_use_on_pages(app, small_study, petra):
    approve_study(small_study)
    rita, ravi = (at_browser(app, small_study, login) for login in ("rita", "ravi"))
    kept = rita.post(f"{NEW}?kind=invitation", body=texts.INVITATION)
    assert kept.status_code == 302
    version = newest(small_study, "invitation")
    rita.post(page_of(version.id, "/submit"))
    approval_id = consent_documents_view.ethics(small_study.petra).first.id
    read = seen(small_study, version.id).hex()

    decided = ravi.post(page_of(version.id, "/decide"), approval_id=approval_id, seen=read)
    assert decided.status_code == 302
    assert petra.post(page_of(version.id, "/use")).status_code == 302

    found = newest(small_study, "invitation")
    assert (found.state, found.author, found.approver) == (
        "effective",
        "Rita Osei",
        "Ravi Nair",
    )


def test_nothing_is_chosen_beforehand_when_a_form_is_approved(
    app, small_study, petra, approved
):
    form = submitted(small_study, texts.FORM_DRAFT)
    ravi = at_browser(app, small_study, "ravi")

    page = ravi.get(page_of(form, "/decide"))
    assert "Who must sign again?" in page.text
    assert " checked" not in page.text
    read = seen(small_study, form).hex()
    approval_id = consent_documents_view.ethics(small_study.petra).first.id
    answer = ravi.post(page_of(form, "/decide"), approval_id=approval_id, seen=read)

    assert answer.status_code == 422
    assert "Choose who must sign again" in answer.text


def test_the_author_is_told_that_somebody_else_decides(small_study, petra):
    approve_study(small_study)
    version_id = submitted(small_study, texts.SHEET_DRAFT)

    assert "somebody else decides" in words(petra.get(page_of(version_id)))
    approval_id = consent_documents_view.ethics(small_study.petra).first.id
    read = seen(small_study, version_id).hex()
    answer = petra.post(page_of(version_id, "/decide"), approval_id=approval_id, seen=read)
    assert answer.status_code == 403


def test_approving_another_text_than_was_read_is_refused(app, small_study, petra):
    approval_id = approve_study(small_study)
    version_id = submitted(small_study, texts.SHEET_DRAFT)
    ravi = at_browser(app, small_study, "ravi")

    for wrong, status in {"00" * 32: 409, "": 409, "zz": 422}.items():
        answer = ravi.post(page_of(version_id, "/decide"), approval_id=approval_id, seen=wrong)
        assert answer.status_code == status


def test_the_password_is_asked_again_and_nothing_typed_is_lost(app, small_study, petra):
    approval_id = approve_study(small_study)
    version_id = submitted(small_study, texts.SHEET_DRAFT)
    ravi = at_browser(app, small_study, "ravi")
    small_study.clock.advance(minutes=11)

    read = seen(small_study, version_id).hex()
    answer = ravi.post(page_of(version_id, "/decide"), approval_id=approval_id, seen=read)

    assert answer.status_code == 403
    assert str(approval_id) in answer.text


def test_a_draft_that_is_not_complete_says_what_is_missing(small_study, petra):
    petra.post(f"{NEW}?kind=pis", body="## About", rule="until_release")
    version = newest(small_study, "pis")

    assert "no section that says until when" in words(petra.get(page_of(version.id)))
    answer = petra.post(page_of(version.id, "/submit"))

    assert answer.status_code == 422
    assert "{#complaints}" in answer.text


def test_a_consent_form_is_written_row_by_row_and_ordered_by_place(small_study, petra):
    second = {name.replace("-0-", "-1-"): value for name, value in STATEMENT.items()}
    second |= {
        "statement-1-place": "1",
        "statement-1-code": "quotes",
        "statement-1-wording": "You may quote me.",
    }
    first = {**STATEMENT, "statement-0-place": "2"}
    empty = {"statement-2-place": "3", "statement-2-code": "results"}

    petra.post(f"{NEW}?kind=consent_form", body="Please decide.", **first, **second, **empty)

    found = consent_documents_view.show(
        small_study.petra, newest(small_study, "consent_form").id
    )
    assert [one.code for one in found.text.statements] == ["quotes", "participate"]


def test_a_new_form_begins_with_the_starter_statements(small_study, petra):
    page = petra.get(f"{NEW}?kind=consent_form")

    assert "I agree to take part in one interview." in page.text
    assert page.text.count("statement-") > 40


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    ("kind", "field", "rule"),
    [
        ("invitation", "body", ""),
        ("pis", "body", "until_release"),
        ("pis", "days", "days_after_interview"),
        ("pis", "last", "fixed_date"),
        ("pis", "rule", ""),
        ("consent_form", "statement-0-wording", ""),
        ("consent_form", "statement-0-code", ""),
        ("consent_form", "statement-0-place", ""),
    ],
)
def test_whatever_is_typed_into_a_version_is_kept_or_refused_in_words(
    petra, name, kind, field, rule
):
    typed = {"body": "Text", "rule": rule, **STATEMENT, field: HOSTILE[name]}
    answer = petra.post(f"{NEW}?kind={kind}", **typed)

    assert answer.status_code in {302, 422}
    if answer.status_code == 302:
        answer = petra.get(answer.headers["Location"])
        assert answer.status_code == 200
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("field", ["committee", "reference", "reason", "kind", "reconsent"])
def test_whatever_is_typed_into_an_amendment_is_kept_or_refused_in_words(
    small_study, petra, name, field
):
    approve_study(small_study)
    typed = {
        "committee": "Faculty",
        "reference": "A1",
        "reason": "Shorter",
        "kind": "minor",
        "reconsent": "none",
    }

    answer = petra.post(f"{ETHICS}/amendments/add", **{**typed, field: HOSTILE[name]})

    assert answer.status_code in {302, 422}
    assert "<script>alert" not in petra.get(ETHICS).text


PDF = b"%PDF-1.7 approved"


def send_letter(visit, approval_id, body=PDF, **headers):
    """Send a letter as script does. The token stands in the header."""
    told = {"X-CSRF-Token": visit.token, "Accept": "application/json", **headers}
    return visit.client.post(
        f"{ETHICS}/approvals/{approval_id}/upload", data=body, headers=told
    )


def test_the_letter_is_sent_kept_and_read_as_it_was(app, small_study, petra):
    approval_id = approve_study(small_study)
    where = f"{ETHICS}/approvals/{approval_id}"
    assert petra.get(f"{where}/letter").status_code == 404
    answer = send_letter(petra, approval_id)
    assert answer.status_code == 201

    kept = petra.post(f"{where}/letter", letter=answer.json["letter"])

    assert kept.status_code == 302
    assert "Letter of the committee (PDF)" in words(petra.get(where))
    for login in CAST:
        found = at_browser(app, small_study, login).get(f"{where}/letter")
        may = 200 if login in READERS else 404 if login == "nina" else 403
        assert found.status_code == may, login
    found = petra.get(f"{where}/letter")
    assert (found.data, found.mimetype) == (PDF, "application/pdf")
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in found.headers["Content-Security-Policy"]


@pytest.mark.parametrize("named", ["", "made up", "0" * 32])
def test_a_letter_that_was_not_sent_is_asked_for_in_words(small_study, petra, named):
    approval_id = approve_study(small_study)

    page = petra.post(f"{ETHICS}/approvals/{approval_id}/letter", letter=named)

    assert page.status_code == 422
    assert "Send the letter first" in words(page)


@pytest.mark.parametrize(
    "body", [b"", b"GIF89a", b"<html>", b"MZ", b"PK\x03\x04", b"%PDF"], ids=repr
)
def test_what_is_no_scan_of_a_letter_is_refused(small_study, petra, body):
    assert send_letter(petra, approve_study(small_study), body).status_code == 422


class NotRead(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *_size):
        pytest.fail("was read")


def send_stream(visit, approval_id, body, length, token):
    """Send a body of which the header tells another length than it has."""
    return visit.client.post(
        f"{ETHICS}/approvals/{approval_id}/upload",
        input_stream=body,
        headers={"X-CSRF-Token": token, "Accept": "application/json"},
        environ_overrides={"CONTENT_LENGTH": str(length)},
    )


def test_a_letter_that_breaks_off_is_refused(small_study, petra):
    approval_id = approve_study(small_study)
    short = io.BytesIO(PDF)

    answer = send_stream(petra, approval_id, short, len(PDF) + 5, petra.token)

    assert 400 <= answer.status_code < 500
    assert small_study.last_event().act == "approval.change"


def test_a_letter_without_the_token_or_too_large_is_refused_unread(small_study, petra):
    approval_id, token = approve_study(small_study), petra.token

    assert send_stream(petra, approval_id, NotRead(), len(PDF), "").status_code == 400
    assert send_stream(petra, approval_id, NotRead(), 2**30, token).status_code in {413, 422}


def test_a_version_is_planned_for_the_beginning_of_a_later_day(app, small_study, approved):
    approval_id = small_study.approval_id
    version_id = submitted(small_study, NEWER, author="rita")
    approve_version(small_study, version_id, approval_id)
    petra = at_browser(app, small_study, "petra")
    keep_desk(small_study, petra, "petra")
    today = small_study.clock().date()
    use = page_of(version_id, "/use")
    for day in (today - timedelta(days=1), "soon"):
        refused = petra.post(use, use_from=str(day))
        assert refused.status_code == 422
        assert f'value="{day}"' in refused.text

    planned = petra.post(use, use_from=str(today + timedelta(days=3)))

    assert planned.status_code == 302
    assert "Planned" in words(petra.get(ETHICS))
    assert "Planned: in use from" in words(petra.get(page_of(version_id)))
    assert newest(small_study, "invitation").use_from.date() == today + timedelta(days=3)
    assert petra.post(use).status_code == 302
    assert newest(small_study, "invitation").state == "effective"


def test_inv_6_the_words_of_letters_that_have_no_version_can_be_read(small_study, petra):
    page = words(petra.get(f"{ETHICS}/fixed-letters"))

    for subject in (
        "We have your message",
        "The information you asked for",
        "The answer to your question",
        "We have your answer",
        "We will not write to you again",
    ):
        assert f"Subject: {subject} Dear {{{{name}}}}," in page
    assert "the form opens 24 hours after this letter" in page
    for form in (
        "ready. Please call",
        "after that we ask for the word",
        "in any study of this",
    ):
        assert form in page
    assert "/fixed-letters" in petra.get(ETHICS).text


def test_unknown_versions_and_kinds_are_not_found(small_study, petra):
    approval_id = approve_study(small_study)

    for path in (
        page_of(approval_id),
        page_of(approval_id, "/decide"),
        f"{ETHICS}/approvals/{small_study.id}",
        f"{NEW}?kind=pis&language=xx",
    ):
        assert petra.get(path).status_code == 404, path
    assert petra.get(f"{NEW}?kind=made_up").status_code == 200  # the list of kinds


def test_two_versions_are_shown_beside_each_other(app, small_study):
    _, _, waiting, _, older = prepared(small_study)
    ada = at_browser(app, small_study, "ada")

    page = ada.get(page_of(waiting, f"/beside/{older}"))

    assert "<del>about an hour, </del>" in page.text
    assert "<ins>45 minutes, </ins>" in page.text
    assert "are the same" in page.text
    whole = ada.get(page_of(waiting, f"/beside/{older}?all=1"))
    assert "are the same" not in whole.text


def test_a_keyboard_and_a_browser_are_enough_to_write_a_letter(small_study, app, chromium):
    approve_study(small_study)
    with serve(app) as address, open_page(chromium, 390) as page:
        let_in(page, small_study.cookie("rita"))
        page.goto(address + ETHICS)
        page.get_by_role("link", name="New version").click()
        page.get_by_role("link", name="Invitation").click()
        page.get_by_label("Text").fill(texts.INVITATION)
        page.get_by_role("button", name="Keep as a draft").click()
        expect(page.get_by_role("status")).to_contain_text("Kept as a draft.")
        page.get_by_role("button", name="Hand in for approval").click()
        expect(page.get_by_role("status")).to_contain_text("Handed in.")
        assert complaints(page) == []
