"""Pages about letters: what came back and what to do, safe hours, and who wrote again."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from studyhub.domain.mail_reports import read_returned
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact
from studyhub.workflows import (
    bounces,
    consent_ethics,
    mailroom,
    recruitment_opt_out,
)
from tests.mail.returned import report
from tests.makers import (
    LATER,
    SLUG,
    approve_study,
    contact,
    in_use,
    interested,
    invited,
    letter_body,
)
from tests.texts import INVITATION_DRAFT
from tests.web.pages import at_browser, words

PEOPLE = f"/s/{SLUG}/recruitment"
LETTERS = f"{PEOPLE}/letters"


@pytest.fixture
def ready(small_study):
    """A study that may invite; all letters to its team wait for another year."""
    approval_id = approve_study(small_study)
    in_use(small_study, INVITATION_DRAFT, approval_id, author="rita", approver="petra")
    with small_study.hub.sessions.writing.begin() as session:
        session.execute(update(Letter).values(not_before=LATER))
    return small_study


def came_back(study, status="5.1.1"):
    """An invitation was taken, and another server reports what became of it."""
    made = invited(study)
    raw = report(letter_body(study, "invitation")["bounce"], status=status)
    study.clock.advance(minutes=11)
    mailroom.run_once(study.hub)
    bounces.record(study.hub, raw, read_returned(raw))
    return made


def stopped(study):
    made = contact(study)
    recruitment_opt_out.opt_out(study.rita, "staff", participant_id=made)
    study.clock.advance(hours=3)
    return made


def opted_out(study):
    with study.hub.sessions.reading.begin() as session:
        return session.scalars(select(Contact.opted_out_at)).one()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("5.1.1", "There is no such mailbox"),
        ("5.2.2", "The mailbox is full or closed"),
        ("5.7.1", "The other server takes no letters of ours"),
        ("4.4.7", "Tried for days in vain"),
        ("5.0.0", "The other server refused it"),
    ],
)
def test_inv_16_a_letter_that_came_back_is_a_task_that_says_what_to_do(
    app, ready, status, says
):
    made = came_back(ready, status)
    rita = at_browser(app, ready, "rita")

    page = rita.get(f"{LETTERS}?state=bounced")

    assert says in words(page)
    assert f'href="{PEOPLE}/people/{made}/change"' in page.text
    assert "1 letter came back" in words(rita.get("/home"))
    seen = at_browser(app, ready, "petra").get(f"{LETTERS}?state=bounced")
    assert says in words(seen)
    assert "/change" not in seen.text


def told(clock, **changes):
    day, moment = clock.at.strftime("%Y-%m-%d %H:%M").split()
    return {"channel": "telephone", "told_on": day, "told_at": moment, **changes}


def test_a_recruiter_records_how_and_when_somebody_wrote_again(app, ready):
    here = f"{PEOPLE}/people/{stopped(ready)}"
    rita = at_browser(app, ready, "rita")
    assert "They asked us to write again" in words(rita.get(here))
    tomorrow = (ready.clock.at + timedelta(days=1)).strftime("%Y-%m-%d")
    for wrong in (
        {"channel": "rumour"},
        {"told_on": ""},
        {"told_at": "25:00"},
        {"told_on": tomorrow},
        {"told_on": "2026-03-01"},
    ):
        page = rita.post(f"{here}/again", **told(ready.clock, **wrong))
        assert page.status_code == 422, wrong
        assert opted_out(ready) is not None

    done = rita.post(f"{here}/again", **told(ready.clock))

    assert opted_out(ready) is None
    page = rita.get(done.headers["Location"])
    assert "Letters of this study may go to them again" in words(page)
    assert "They asked us to write again" not in words(page)


@pytest.mark.parametrize("login", ["petra", "ivan", "ann", "nina"])
def test_nobody_else_records_it(app, ready, login):
    made = stopped(ready)
    visit = at_browser(app, ready, login)
    here = f"{PEOPLE}/people/{made}/again"
    assert visit.get(here).status_code in (403, 404)
    assert visit.post(here, **told(ready.clock)).status_code in (403, 404)
    assert opted_out(ready) is not None


def test_inv_20_safe_hours_are_typed_shown_and_checked(app, small_study):
    made = contact(small_study)
    rita = at_browser(app, small_study, "rita")
    here = f"{PEOPLE}/people/{made}"
    card = {"name": "Grace", "email": "grace@home.test", "by_email": "y", "channel": "link"}
    for begin, end in (("18:00", ""), ("20:00", "18:00"), ("evening", "20:00")):
        page = rita.post(f"{here}/change", **card, safe_from=begin, safe_until=end)
        assert page.status_code == 422
        assert 'value="Grace"' in page.text

    done = rita.post(f"{here}/change", **card, safe_from="18:00", safe_until="20:00")
    assert done.status_code == 302, words(done)

    assert "18:00 to 20:00" in words(rita.get(here))
    form = rita.get(f"{here}/change").text
    assert 'value="18:00"' in form
    assert 'value="20:00"' in form


def test_a_held_letter_to_who_wrote_and_was_not_sorted_yet_is_shown(app, small_study, approved):
    expression_id = interested(small_study)
    suspended = consent_ethics.Outcome("suspended")
    consent_ethics.change(small_study.petra, small_study.approval_id, suspended)

    page = at_browser(app, small_study, "rita").get(LETTERS)

    assert "Somebody who wrote Acknowledgement" in words(page)
    assert "no approval covers it now" in words(page)
    assert f"/interest/{expression_id}" in page.text
