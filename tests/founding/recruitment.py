"""Nine people are invited by mail, six say by their link that they are interested."""

import re
from uuid import UUID

import requests
from playwright.sync_api import expect
from sqlalchemy import select

from studyhub.store.people import Expression, Question
from studyhub.workflows import (
    recruitment_information,
    recruitment_interest,
    recruitment_letters,
    recruitment_questions,
    recruitment_triage,
)
from studyhub.workflows.expressions import Told
from tests.founding.people import (
    BY_LINK,
    CLIVE,
    DOREEN,
    LIZ,
    NINE,
    SECRETS,
    SIX,
    Person,
)
from tests.founding.stage import HERE, Scene, follow, press
from tests.makers import contact


def nine_are_invited(scene: Scene) -> dict[Person, UUID]:
    """The first in a browser. Returns who has which id."""
    people = {each: contact(scene.study, each.name, each.email) for each in NINE[1:]}
    for participant_id in people.values():
        recruitment_letters.invite(scene.study.rita, participant_id)
    people[LIZ] = the_first_is_invited(scene)
    scene.mail_goes()
    invitations = scene.mail_to_participants()
    assert sorted(one.recipients for one in invitations) == sorted([one.email] for one in NINE)
    for one in invitations:
        assert one.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return people


def the_first_is_invited(scene: Scene) -> UUID:
    page = scene.at("rita", f"{HERE}/recruitment/add")
    page.get_by_label("Name", exact=True).fill(LIZ.name)
    page.get_by_label("E-mail address").fill(LIZ.email)
    page.get_by_label("Letters may go to this address").check()
    page.get_by_label("Nobody else reads this mailbox").check()
    page.get_by_label("Phone number").fill(SECRETS["phone"])
    page.get_by_label("We may call this number").check()
    page.locator("[name=safe_contact]").fill(SECRETS["safe"])
    page.locator("input[name=source_kind]").first.check()
    follow(page.locator("main form button[type=submit]").first)
    found = re.search(r"/people/([0-9a-f-]{36})", page.url)
    press(page, "Preview invitation")
    follow(page.locator("form[action$='/letters/send'] button").first)
    expect(page.get_by_text("1 letter waits to leave.")).to_be_visible()
    assert found
    return UUID(found[1])


def six_are_interested(scene: Scene) -> None:
    """One of them on a telephone; one of the others opts out, and two do not answer yet."""
    scene.clock.advance(hours=20)
    phone = scene.phone(scene.link_to(LIZ.email))
    phone.get_by_label("By e-mail, to the address our letter came to").check()
    phone.locator("[name=note]").fill(SECRETS["note"])
    press(phone, "I am interested")
    expect(phone.get_by_text("You told us that you are interested").first).to_be_visible()
    for each in SIX[1:]:
        link = scene.link_to(each.email)
        assert scene.sends(f"{link}/interest", channel="link").status_code == 200
    one_click(scene, DOREEN)


def one_click(scene: Scene, person: Person) -> None:
    """A mail program stops the letters: no cookie, no token of a form, no page."""
    letter = next(one for one in scene.mail.taken if one.recipients == [person.email])
    found = re.search(r"<(http[^>]+/o/[^>]+)>", letter.message["List-Unsubscribe"])
    assert found
    sent = requests.post(found[1], data={"List-Unsubscribe": "One-Click"}, timeout=60)
    assert sent.status_code == 200


def six_are_informed(scene: Scene, people: dict[Person, UUID]) -> None:
    """Found eligible and sent the sheet with the form: the first in a browser."""
    the_first_is_sorted(scene)
    for each in SIX[1:]:
        sort(scene, people[each])
    scene.mail_goes()


def the_first_is_sorted(scene: Scene) -> None:
    page = scene.at("rita", f"{HERE}/recruitment/interest")
    follow(page.get_by_role("link", name=LIZ.name).first)
    page.get_by_label(re.compile("whose link it came by")).check()
    press(page, "Sort it")
    page.get_by_label("Eligible", exact=True).check()
    page.get_by_label("Version of the criteria").fill("1.0")
    press(page, "Record it")
    press(page, "Send the sheet and the link")
    expect(page.get_by_text("The sheet and the link are in the queue.")).to_be_visible()


def sort(scene: Scene, participant_id: UUID, expression_id: UUID | None = None) -> None:
    """Rita says whose expression it is, finds them eligible, and sends sheet and form."""
    rita, found = scene.study.rita, expression_id
    with scene.study.hub.sessions.reading.begin() as session:
        wanted = select(Expression.id).where(Expression.participant_id == participant_id)
        found = found or session.scalars(wanted).one()
    recruitment_triage.attach(rita, found, "known", known_as=participant_id)
    criteria = recruitment_triage.Eligible(criteria="1.0")
    recruitment_triage.decide(rita, found, "eligible", criteria)
    recruitment_information.send(rita, participant_id)


def they_read_and_ask(scene: Scene) -> None:
    """Everybody opens sheet and form; the first asks what has to be answered beforehand."""
    for each in BY_LINK[1:]:
        link = scene.link_to(each.email)
        assert "If you change your mind" in scene.reads(f"{link}/sheet")
        assert "You can take your time" in scene.reads(f"{link}/consent")
    link = scene.link_to(LIZ.email)
    phone = scene.phone(f"{link}/sheet")
    expect(phone.get_by_role("heading", name="If you change your mind")).to_be_visible()
    phone = scene.phone(f"{link}/questions")
    phone.get_by_label("Your question").fill(SECRETS["question"])
    phone.locator("input[name=blocks][value=yes]").check()
    press(phone, "Send my question")
    expect(phone.get_by_text(SECRETS["question"])).to_be_visible()
    other = scene.link_to(BY_LINK[1].email)
    told = {"question": "How long does it take?", "blocks": "no"}
    assert scene.sends(f"{other}/questions", **told).status_code == 200


def the_questions_are_answered(scene: Scene) -> None:
    page = scene.at("rita", f"{HERE}/recruitment/questions")
    follow(page.locator(".sh-queue__what a", has_text=SECRETS["question"]))
    page.get_by_label("Your answer").fill(SECRETS["answer"])
    page.get_by_label("I told them by phone").check()
    press(page, "Answer")
    expect(page.get_by_text("The answer stands on their page.")).to_be_visible()
    with scene.study.hub.sessions.reading.begin() as session:
        open_now = session.scalars(
            select(Question.id).where(Question.state.in_(("open", "assigned")))
        ).all()
    for question_id in open_now:
        words = "About an hour."
        recruitment_questions.answer(scene.study.rita, question_id, words, channel="email")
    scene.mail_goes()


def a_seventh_rings_up(scene: Scene, participant_id: UUID) -> None:
    """Weeks later, by telephone: one of the three who had not answered."""
    told = Told(CLIVE.name, "email", email=CLIVE.email)
    expression_id = recruitment_interest.receive(scene.study.rita, told)
    sort(scene, participant_id, expression_id)
    scene.mail_goes()
