"""Consents on pages of the team: the queue, one with its scan, a paper entered by a browser."""

import html
import re
from datetime import timedelta

import pytest

from studyhub.domain.statements import STARTERS
from studyhub.workflows import consent_list
from tests import texts
from tests.makers import SLUG, in_use
from tests.web.browser import let_in, open_page, serve
from tests.web.informed import CONSENT, PDF, but_for_its_consent, code, ivan, ready, small_study
from tests.web.pages import HOSTILE, at_browser, words
from tests.workflows.consenting import (
    PNG,
    approval_of,
    records,
    sign,
    version_of,
)

__all__ = ["code", "ivan", "ready", "small_study"]


def send_scan(visit, code, body=PDF, **headers):
    sent = {"X-CSRF-Token": visit.token, "Content-Type": "application/pdf", **headers}
    return visit.client.post(f"{CONSENT}/enter/{code}/scan", data=body, headers=sent)


def enter(visit, study, code, **more):
    fields = {f"statement:{each.code}": "agree" for each in STARTERS}
    fields |= {"signed_on": f"{study.clock.at:%Y-%m-%d}", "capacity": "own", **more}
    return visit.post(f"{CONSENT}/enter/{code}", **fields)


def test_a_paper_goes_from_the_scan_to_the_second_look(app, small_study, ivan, code):
    scan = send_scan(ivan, code)
    assert scan.status_code == 201
    entered = enter(ivan, small_study, code, scan=scan.json["scan"])
    assert entered.status_code == 302
    one = entered.location.partition("?")[0]

    ravi = at_browser(app, small_study, "ravi")
    queue = ravi.get(CONSENT)
    assert f"Verify the consent of {code}" in words(queue)
    auditor = words(at_browser(app, small_study, "ada").get(CONSENT))
    assert f"Consent of {code}" in auditor
    assert "Verify the consent" not in auditor
    assert "since" in words(queue)
    seen = ravi.get(one + "/evidence/scan")
    assert seen.data == PDF
    assert seen.headers["Content-Security-Policy"].startswith("sandbox")
    assert seen.headers["Cache-Control"] == "no-store"
    assert ravi.post(one + "/verify").status_code == 302
    assert "Nothing waits" in words(ravi.get(CONSENT))


def test_inv_41_what_was_kept_with_a_consent_is_no_recording(app, small_study, ivan, code):
    scan = send_scan(ivan, code).json["scan"]
    assert enter(ivan, small_study, code, scan=scan).status_code == 302
    small_study.clock.advance(minutes=11)

    for login in ("petra", "ivan", "tess", "ravi", "ann"):
        visit = at_browser(app, small_study, login)
        heard = [visit.post(f"/recordings/{scan}/listen", reason="quality")]
        heard += [visit.get(f"/recordings/{scan}/{what}") for what in ("audio", "peaks")]
        assert {answer.status_code for answer in heard} <= {403, 404}, login
        for listed in (f"/s/{SLUG}/recordings", f"/s/{SLUG}/transcripts"):
            assert scan not in visit.get(listed, follow_redirects=True).text, login
        assert scan not in but_for_its_consent(visit.get("/home"), scan), login


def test_a_paper_that_was_entered_already_is_said_first(small_study, ivan, code):
    scan = send_scan(ivan, code).json["scan"]
    assert enter(ivan, small_study, code, scan=scan).status_code == 302

    for more in ({}, {"statement:quotes": ""}, {"signed_on": "no day", "capacity": ""}):
        assert enter(ivan, small_study, code, scan=scan, **more).status_code == 409

    assert ivan.post(f"{CONSENT}/enter/{code}").status_code == 422
    assert len(records(small_study)) == 1


def test_what_waits_to_be_verified_goes_on_page_after_page(
    app, small_study, ivan, code, monkeypatch
):
    monkeypatch.setattr(consent_list, "ROWS_A_PAGE", 2)
    for _ in range(5):
        scan = send_scan(ivan, code).json["scan"]
        assert enter(ivan, small_study, code, scan=scan).status_code == 302
        small_study.clock.advance(minutes=1)

    path, seen = CONSENT, []
    ravi = at_browser(app, small_study, "ravi")
    while path:
        page = ravi.get(path)
        queue = page.text.partition("Newest consents")[0]
        seen += re.findall(r"/consent/([0-9a-f-]{36})", queue)
        onward = re.findall(r'href="([^"]*[?]waiting=[^"]*)"', page.text)
        path = html.unescape(onward[0]) if onward else ""

    oldest_first = [row.id for row, _ in sorted(records(small_study), key=entered)]
    assert seen == [str(each) for each in oldest_first]
    newest = ravi.get(CONSENT)
    assert "2 of 5 shown, newest first" in words(newest)
    onward = html.unescape(re.findall(r'href="([^"]*[?]newest=[^"]*)"', newest.text)[0])
    assert "Back to start" in words(ravi.get(onward))


def entered(record):
    return record[0].entered_at


@pytest.mark.parametrize("body", [b"", b"GIF89a" + b"x" * 50, b"<script>"])
def test_what_is_no_scan_is_refused(ivan, code, body):
    assert send_scan(ivan, code, body).status_code == 422


def test_a_scan_without_the_token_in_its_header_is_refused(ivan, code):
    sent = ivan.client.post(f"{CONSENT}/enter/{code}/scan", data=PDF)

    assert sent.status_code == 400


@pytest.mark.parametrize("login", ["tess", "ann", "nina"])
def test_consents_are_hidden_from_who_has_no_act_on_them(app, small_study, code, login):
    visit = at_browser(app, small_study, login)

    assert visit.get(CONSENT).status_code == 404


DAYS = {"year one": "0001-01-01", "the last year": "9999-12-31", "no day": "2026-02-31"}


@pytest.mark.parametrize(
    "field", ["scan", "signed_on", "signed_at", "capacity", "version", "statement:quotes"]
)
def test_hostile_values_enter_nothing_and_what_was_typed_stays(small_study, ivan, code, field):
    scan = send_scan(ivan, code).json["scan"]
    # Blanks in place of a time are no time, which a paper may lack.
    wrong = {name: HOSTILE[name] for name in HOSTILE if (field, name) != ("signed_at", "blank")}
    days = DAYS if field == "signed_on" else {}

    for name, value in {**wrong, **days}.items():
        page = enter(ivan, small_study, code, **{"scan": scan, field: value})

        assert page.status_code == 422, name
        assert "<script>alert" not in page.text
        assert "What you typed is still here" in words(page)
        if field != "signed_on":  # on another day there was another form
            others = len(STARTERS) - (field == "statement:quotes")
            assert page.text.count(" checked") >= others, name
    assert records(small_study) == []


def test_what_a_paper_does_not_say_is_asked_for_at_its_sentence(small_study, ivan, code):
    scan = send_scan(ivan, code).json["scan"]

    page = enter(ivan, small_study, code, scan=scan, **{"statement:quotes": "", "capacity": ""})

    assert page.status_code == 422
    number = [each.code for each in STARTERS].index("quotes") + 1
    assert f"Choose what the paper says for sentence {number}" in words(page)
    assert "Choose how the person decided" in words(page)
    assert 'id="quotes-problem"' in page.text
    assert scan in page.text


def test_a_paper_that_could_not_be_signed_then_is_refused_with_the_reason(
    small_study, ivan, code
):
    scan = send_scan(ivan, code).json["scan"]
    day = small_study.clock.at - timedelta(days=2)

    page = enter(
        ivan, small_study, code, scan=scan, signed_on=f"{day:%Y-%m-%d}", signed_at="12:00"
    )

    assert page.status_code == 409
    assert "take your time with the information sheet" in words(page)
    assert page.text.count(" checked") == len(STARTERS) + 1
    assert records(small_study) == []


def test_how_somebody_decided_stands_on_the_record_and_on_its_page(small_study, ivan, code):
    scan = send_scan(ivan, code).json["scan"]
    fields = {"scan": scan, "capacity": "supported", "interpreter": "y", "signed_at": "08:00"}

    done = enter(ivan, small_study, code, **fields)

    ((row, _),) = records(small_study)
    assert (row.capacity, row.interpreter, row.time_source) == ("supported", True, "attested")
    assert "With support, with an interpreter" in words(ivan.get(done.location))
    assert "attested by who took it" in words(ivan.get(done.location))


def test_the_form_of_that_day_is_asked_and_answers_to_another_enter_nothing(
    small_study, ivan, code
):
    scan = send_scan(ivan, code).json["scan"]

    page = enter(ivan, small_study, code, scan=scan, version="0.9")

    assert page.status_code == 422
    assert "On that day form 1.0 was in use" in words(page)
    assert records(small_study) == []
    assert enter(ivan, small_study, code, scan=scan, version="1.0").status_code == 302


def test_a_paper_of_yesterday_is_entered_on_the_form_of_yesterday(small_study, ivan, code):
    scan = send_scan(ivan, code).json["scan"]
    yesterday = {
        "scan": scan,
        "signed_on": f"{small_study.clock.at - timedelta(days=1):%Y-%m-%d}",
    }
    old = version_of(small_study, "consent_form")
    in_use(small_study, texts.FORM_DRAFT, approval_of(small_study), reconsent="none")
    assert "on consent form 1.1" in words(ivan.get(f"{CONSENT}/enter/{code}"))

    other = enter(ivan, small_study, code, version="1.1", **yesterday)
    right = enter(ivan, small_study, code, version="1.0", **yesterday)

    assert other.status_code == 422
    assert "On that day form 1.0 was in use" in words(other)
    assert right.status_code == 302
    ((row, _),) = records(small_study)
    assert (row.form_version_id, row.time_source) == (old, "date_only")


@pytest.mark.parametrize("act", ["query", "invalidate"])
def test_a_reason_comes_from_the_list_or_nothing_is_done(app, small_study, code, act):
    consent = sign(small_study, small_study.token).consent_id
    petra = at_browser(app, small_study, "petra" if act == "invalidate" else "ravi")
    before = small_study.events()

    for value in ["", *HOSTILE.values()]:
        page = petra.post(f"{CONSENT}/{consent}/{act}", reason=value)

        assert page.status_code == 422
        assert "<script>alert" not in page.text
    assert small_study.events() == before


def test_who_may_only_agree_is_not_offered_to_declare_a_consent_void(app, small_study, code):
    consent = sign(small_study, small_study.token).consent_id
    petra, ravi = (at_browser(app, small_study, login) for login in ("petra", "ravi"))
    assert "Declare void" not in words(ravi.get(f"{CONSENT}/{consent}"))

    petra.post(f"{CONSENT}/{consent}/invalidate", reason="wrong_person")

    assert "Declare void" in words(ravi.get(f"{CONSENT}/{consent}"))
    done = ravi.post(f"{CONSENT}/{consent}/invalidate", reason="wrong_person")
    assert "It is void" in ravi.get(done.location).text


def test_the_pi_is_asked_for_the_password_before_evidence_is_opened(app, small_study, code):
    consent = sign(small_study, small_study.token).consent_id
    petra = at_browser(app, small_study, "petra")
    assert petra.get(f"{CONSENT}/{consent}/evidence/copy").status_code == 200
    small_study.clock.advance(minutes=11)

    asked = petra.get(f"{CONSENT}/{consent}/evidence/copy")

    assert asked.status_code == 302
    assert "/step-up" in asked.location
    assert petra.get(f"{CONSENT}/{consent}/evidence/scan").status_code in {302, 404}


def test_a_scan_announced_as_too_large_is_not_read(ivan, code):
    sent = ivan.client.post(
        f"{CONSENT}/enter/{code}/scan",
        data=PDF,
        headers={"X-CSRF-Token": ivan.token, "Content-Type": "application/pdf"},
        environ_overrides={"CONTENT_LENGTH": str(21 * 1024 * 1024)},
    )

    assert sent.status_code in {413, 422}


def test_evidence_is_shown_under_a_policy_that_runs_and_keeps_nothing(
    app, small_study, ivan, code
):
    """A picture and a text are shown, a PDF comes as a file; each opening is in the record."""
    kept = {}
    for body in (PNG, PDF):
        scan = send_scan(ivan, code, body).json["scan"]
        done = enter(ivan, small_study, code, scan=scan)
        kept[body] = done.location.partition("?")[0] + "/evidence/scan"
    ravi = at_browser(app, small_study, "ravi")

    seen = {body: ravi.get(path) for body, path in kept.items()}

    assert seen[PNG].headers["Content-Disposition"] == "inline; filename=evidence.png"
    assert seen[PDF].headers["Content-Disposition"] == "attachment; filename=evidence.pdf"
    for body, page in seen.items():
        assert page.data == body
        assert page.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert small_study.last_event().act == "consent.read"
    assert list(small_study.hub.settings.tmp.iterdir()) == []


def test_who_verifies_meets_a_waiting_paper_on_the_first_screen(app, small_study, ivan, code):
    scan = send_scan(ivan, code).json["scan"]
    path = enter(ivan, small_study, code, scan=scan).location.partition("?")[0]
    ravi = at_browser(app, small_study, "ravi")

    assert f'href="{path}"' in ravi.get("/home").text
    assert f"Verify the consent of {code}" in ravi.get("/home").text
    assert path not in at_browser(app, small_study, "tess").get("/home").text


def test_the_team_reads_a_copy_as_a_text(app, small_study, code):
    consent = sign(small_study, small_study.token).consent_id
    ravi = at_browser(app, small_study, "ravi")

    page = ravi.get(f"{CONSENT}/{consent}/evidence/copy")

    assert page.mimetype == "text/plain"
    assert "Signed by Grace Adeyemi" in page.text
    assert page.headers["Content-Security-Policy"].startswith("sandbox")


def test_a_scan_chosen_on_the_page_is_sent_at_once(app, small_study, ivan, code, chromium):
    with serve(app) as address, open_page(chromium, 1280) as page:
        let_in(page, ivan.cookie)
        page.goto(f"{address}{CONSENT}/enter/{code}")
        page.get_by_label("Scan of the paper").set_input_files(
            {"name": "grace adeyemi.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )
        page.get_by_text("The scan was received whole.").wait_for()
        page.get_by_label("Day on the paper").fill(f"{small_study.clock.at:%Y-%m-%d}")
        for each in STARTERS:
            page.locator(f"#{each.code}-agree").check()
        page.get_by_label("By themselves").check()
        page.get_by_role("button", name="Enter this paper").click()
        page.get_by_text("It counts when somebody else has verified it.").wait_for()
    assert len(records(small_study)) == 1
