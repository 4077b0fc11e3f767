"""Five sign by link, one on paper that a second person verifies; a seventh paper waits."""

import re
from uuid import UUID

from playwright.sync_api import Page, expect
from sqlalchemy import select

from studyhub.domain.statements import STARTERS
from studyhub.store.consent import Consent, Participant
from studyhub.workflows import consent_paper
from tests.founding.people import BRIGID, BY_LINK, LIZ, SECRETS, Person
from tests.founding.stage import HERE, Scene, follow, press

AGREED = {f"statement:{each.code}": "agree" for each in STARTERS}


def five_sign_by_link(scene: Scene) -> None:
    """The first on a telephone: not before a day has passed and the question is answered."""
    link = scene.link_to(LIZ.email)
    scene.clock.advance(hours=25)
    phone = scene.phone(f"{link}/questions")
    expect(phone.get_by_text(SECRETS["answer"])).to_be_visible()
    phone = scene.phone(f"{link}/consent")
    for each in STARTERS:
        phone.locator(f"#{each.code}-agree").check()
    phone.locator("[name=typed_name]").fill(LIZ.name)
    phone.locator("[name=word]").fill(SECRETS["word"])
    press(phone, "Sign and send")
    expect(phone.get_by_text("Your decision is recorded")).to_be_visible()
    the_copy_is_shown(phone)
    for person in BY_LINK[1:]:
        signs(scene, person)
    scene.mail_goes()


def the_copy_is_shown(phone: Page) -> None:
    """With every statement in its words."""
    shown = phone.locator("main").inner_text()
    assert [each.code for each in STARTERS if starts(each.wording) not in shown] == []


def starts(wording: str) -> str:
    """A statement as far as nothing is filled in for a person."""
    return wording.partition("{{")[0].strip()


def signs(scene: Scene, person: Person) -> None:
    """Somebody answers every statement by their link, and is shown the copy."""
    link = f"{scene.link_to(person.email)}/consent"
    done = scene.sends(link, **AGREED, typed_name=person.name)
    assert done.status_code == 200
    assert "Your decision is recorded" in done.text


def one_signs_on_paper(scene: Scene, participant_id: UUID) -> None:
    """Ivan enters the paper and its scan; Ravi opens the scan and verifies it. In browsers."""
    code = code_of(scene, participant_id)
    page = scene.at("ivan", f"{HERE}/consent/paper")
    page.get_by_label("Code").fill(code)
    press(page, "Go on")
    scan = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": a_paper("paper")}
    page.locator("#scan-file").set_input_files(scan)
    expect(page.get_by_text("The scan was received whole.")).to_be_visible()
    page.locator("[name=signed_on]").fill(f"{scene.clock():%Y-%m-%d}")
    page.locator("[name=signed_at]").fill(f"{scene.clock():%H:%M}")
    page.get_by_label("By themselves").check()
    for each in STARTERS:
        page.locator(f"#{each.code}-agree").check()
    press(page, "Enter this paper")
    expect(page.get_by_text("waits to be verified").first).to_be_visible()
    page = scene.at("ravi", f"{HERE}/consent")
    follow(page.get_by_role("link", name=code).first)
    press(page, "Verify")
    expect(page.get_by_text(re.compile("^Verified by")).first).to_be_visible()


def a_paper_that_nobody_verifies(scene: Scene, participant_id: UUID) -> None:
    """Ivan took it from the seventh; nobody has compared it with its scan."""
    scene.clock.advance(hours=25)
    ivan, code = scene.study.ivan, code_of(scene, participant_id)
    paper = a_paper("other paper")
    scan = consent_paper.take_scan(ivan, code, [paper], len(paper))
    now = scene.clock()
    answers = {each.code: "agree" for each in STARTERS}
    consent_paper.enter(ivan, scan, code, consent_paper.Paper(answers, now.date(), now))


def a_paper(which: str) -> bytes:
    """What a scanner gives."""
    return b"%PDF-1.7\n" + SECRETS[which].encode() * 40


def code_of(scene: Scene, participant_id: UUID) -> str:
    """The code by which the team knows somebody."""
    with scene.study.hub.sessions.reading.begin() as session:
        return session.get_one(Participant, participant_id).code


def assert_consents(scene: Scene, people: dict[Person, UUID]) -> None:
    """Five by link and one on paper that somebody else verified than took it."""
    with scene.study.hub.sessions.reading.begin() as session:
        told = session.execute(select(Consent.participant_id, Consent.mode)).all()
    by_link = {who for who, mode in told if mode == "digital_link"}
    assert by_link == {people[each] for each in BY_LINK}
    assert [who for who, mode in told if mode == "paper_scan"] == [people[BRIGID]]
