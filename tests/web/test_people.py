"""The participants list and the recruiter's day, as they are looked at and searched."""

import re
from uuid import uuid4

import pytest

from studyhub.store.consent import Participant
from studyhub.store.withdrawals import Hold
from studyhub.workflows import recruitment_people
from tests import texts
from tests.makers import SLUG, consented, contact, eligible, in_use, invited
from tests.web.pages import HOSTILE, at_browser, words

PEOPLE = f"/s/{SLUG}/recruitment"


@pytest.fixture
def rita(app, small_study):
    return at_browser(app, small_study, "rita")


def code_of(study, participant_id):
    with study.hub.sessions.reading.begin() as session:
        return session.get_one(Participant, participant_id).code


def hold(study, participant_id):
    row = Hold(
        id=uuid4(),
        participant_id=participant_id,
        scope="all",
        cause="withdrawal",
        opened_at=study.clock(),
    )
    with study.hub.sessions.writing.begin() as session:
        session.add(row)


def links_in(page, words_of_link):
    found = re.findall(rf'href="([^"]+)"[^>]*>{words_of_link}', page.text)
    return [each.replace("&amp;", "&") for each in found]


def test_a_name_is_looked_up_without_ever_standing_in_an_address(rita, small_study):
    contact(small_study, "Grace Adeyemi")
    contact(small_study, "Owen Price")

    found = rita.post(PEOPLE, text="adeyemi")

    assert found.status_code == 200
    assert "Grace Adeyemi" in words(found)
    assert "Owen Price" not in words(found)
    assert not re.search(r'(href|action)="[^"]*deyemi', found.text, re.I)
    everybody = rita.get(f"{PEOPLE}?q=adeyemi&text=adeyemi&search=adeyemi&code=adeyemi")
    assert "Owen Price" in words(everybody)


def test_part_of_a_code_and_the_filters_stay_in_the_address(app, small_study):
    code = code_of(small_study, contact(small_study, "Grace Adeyemi"))
    while not (re.search("[A-Z]", code) and re.search("[0-9]", code)):
        code = code_of(small_study, contact(small_study, f"Grace Adeyemi {uuid4().hex}"))
    rita = at_browser(app, small_study, "rita")

    asked = rita.post(PEOPLE, text=code, tab="listed", waiting="team", order="name")

    assert (asked.status_code, code in asked.location) == (302, True)
    for part in ("tab=listed", "waiting=team", "order=name"):
        assert part in asked.location
    page = rita.get(asked.location)
    assert "1 of 1 shown, name first" in words(page)
    assert f'value="{code}"' in page.text


def test_every_tab_leads_to_those_it_counts(app, small_study, approved):
    invited(small_study, "Peter Lowe")
    hold(small_study, contact(small_study, "Owen Price"))
    rita = at_browser(app, small_study, "rita")
    page = rita.get(PEOPLE)

    for tab, name in (("Not written to", "On hold"), ("Approached", "Peter"), ("On hold", "")):
        href, *_of_people = links_in(page, tab)
        shown = words(rita.get(href))
        assert "1 of 1 shown" in shown, tab
        assert name in shown, tab

    assert "Must sign again" not in words(page)


def test_pages_lead_on_and_back(app, small_study, monkeypatch):
    monkeypatch.setattr(recruitment_people, "PAGE", 2)
    for name in ("Owen Price", "Grace Adeyemi", "Peter Lowe"):
        contact(small_study, name)
    rita = at_browser(app, small_study, "rita")
    page = rita.get(f"{PEOPLE}?order=name")
    assert "2 of 3 shown" in words(page)

    (following,) = links_in(page, "Next")
    page = rita.get(following)

    assert "Peter Lowe" in words(page)
    assert "Grace" not in words(page)
    assert links_in(page, "Next") == []
    (start,) = links_in(page, "Back to start")
    assert "Grace Adeyemi" in words(rita.get(start))
    assert not re.search("Adeyemi|Price|Lowe", following + start)


def test_whatever_stands_in_the_address_the_list_answers(rita, small_study):
    contact(small_study)
    for value in (*HOSTILE.values(), "0~1~", "9" * 400):
        wanted = value[:2000]
        page = rita.get(
            PEOPLE,
            query_string=dict.fromkeys(("tab", "code", "waiting", "order", "after"), wanted),
        )
        assert page.status_code == 200
        assert "Grace Adeyemi" in words(page)
        assert "<script>alert" not in page.text


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_find_nobody_or_are_refused(rita, small_study, kind):
    contact(small_study)

    page = rita.post(PEOPLE, text=HOSTILE[kind])

    assert page.status_code in (200, 302, 422)
    assert "<script>alert" not in page.text
    odd = rita.post(PEOPLE, text="x", waiting=HOSTILE[kind], order=HOSTILE[kind])
    assert odd.status_code == 422


def test_the_pi_finds_by_code_and_sees_no_name(app, small_study):
    made = contact(small_study)
    petra = at_browser(app, small_study, "petra")

    assert "Nobody is here" in words(petra.post(PEOPLE, text="Adeyemi"))
    page = petra.get(f"{PEOPLE}?order=name")
    assert code_of(small_study, made) in words(page)
    assert "Adeyemi" not in page.text


@pytest.mark.parametrize("login", ["ivan", "tess", "ravi", "ann", "ada", "nina"])
def test_nobody_else_finds_anybody(app, small_study, login):
    contact(small_study)
    visit = at_browser(app, small_study, login)

    assert visit.post(PEOPLE, text="Adeyemi").status_code in (403, 404)


def test_inv_9_the_day_lists_who_must_sign_again_and_who_may_be_reminded(
    app, small_study, approved
):
    approval_id = small_study.approval_id
    reminded = invited(small_study, "Peter Lowe")
    consented(small_study, eligible(small_study, "Owen Price"))
    small_study.clock.advance(days=8)
    again = contact(small_study, "Nobody Yet")
    in_use(small_study, texts.FORM_DRAFT, approval_id, reconsent="all_active")
    rita = at_browser(app, small_study, "rita")

    page = rita.get("/home")

    assert "Must sign again 1" in words(page)
    assert "Reminders you may send today 1" in words(page)
    assert code_of(small_study, reminded) in words(page)
    assert code_of(small_study, again) not in words(page)
    for name in ("Peter Lowe", "Owen Price"):
        assert name not in page.text
    assert "Owen Price" in words(rita.get(f"{PEOPLE}?tab=again"))
