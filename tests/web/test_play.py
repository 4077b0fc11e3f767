"""The whole way in one play: from the invitation by mail to a signed consent, in browsers."""

import re
from contextlib import contextmanager
from dataclasses import replace

from playwright.sync_api import expect
from sqlalchemy import select

from studyhub.domain.statements import STARTERS
from studyhub.store.people import Contact
from studyhub.vault import verify_audit
from studyhub.workflows import trail
from studyhub.workflows.kernel import operator_desk
from studyhub.workflows.worker import work_once
from tests.makers import SLUG, approved_study, password_of
from tests.smtp_server import mail_server
from tests.web.browser import complaints, open_page, serve

NAME, ADDRESS, QUESTION, ANSWER = (
    "Wilhelmina Okonkwo",
    "wilhelmina@home.test",
    "Will my sister Perpetua hear of it?",
    "Nobody in your family hears of it from us.",
)
CANARIES = ("Wilhelmina", "Okonkwo", "wilhelmina@home", "Perpetua", "Nobody in your family")
LINK = re.compile(r"http://127\.0\.0\.1:8000(/l/[\w-]{43})")
START = f"/s/{SLUG}"


class Play:
    """A study, its mail server, the window of the recruiter, the phone of the participant."""

    def __init__(self, study, server, address, desk, phone):
        self.study, self.server, self.address = study, server, address
        self.desk, self.phone = desk, phone

    def works(self, path):
        """The recruiter comes back to their desk, signs in and opens a page."""
        self.desk.context.clear_cookies()
        self.desk.goto(f"{self.address}/sign-in")
        self.desk.locator("[name=login]").fill("rita")
        self.desk.locator("[name=password]").fill(password_of("rita"))
        self.press("Sign in")
        self.desk.goto(f"{self.address}{START}{path}")
        return self.desk

    def press(self, name, page=None):
        page = page or self.desk
        self.follow(page.get_by_role("button", name=name, exact=True))

    def follow(self, leads_on):
        """Press what leads to another page, and be there."""
        with leads_on.page.expect_navigation():
            leads_on.click()

    def reads_mail(self, **passed):
        """Time passes, the worker sends, and the newest letter with a link is read."""
        self.study.clock.advance(**passed)
        settings = replace(self.study.hub.settings, smtp_url=self.server.url)
        work_once(replace(self.study.hub, settings=settings))
        mine = [one.message for one in self.server.taken if one.recipients == [ADDRESS]]
        letters = [one.get_content() for one in mine]
        return [text for text in letters if LINK.search(text)][-1]

    def opens(self, letter):
        self.phone.goto(self.address + LINK.search(letter)[1])
        return self.phone


@contextmanager
def play(chromium, app, study):
    with (
        mail_server() as server,
        serve(app) as address,
        open_page(chromium, 1280) as desk,
        open_page(chromium, 390) as phone,
    ):
        desk.set_default_timeout(10_000)
        phone.set_default_timeout(10_000)
        yield Play(study, server, address, desk, phone)
        assert complaints(desk) + complaints(phone) == []
        assert phone.context.cookies() == []


def test_from_the_invitation_to_the_signed_consent(chromium, app, small_study, tmp_path):
    approved_study(small_study)

    with play(chromium, app, small_study) as scene:
        the_recruiter_invites(scene)
        the_participant_is_interested(scene)
        the_recruiter_sends_the_sheet(scene)
        link = the_participant_asks(scene)
        the_recruiter_answers(scene)
        copy = the_participant_signs(scene, link)
        the_recruiter_sees_the_light(scene)

    assert all(each.wording in copy for each in STARTERS if "{{" not in each.wording)
    assert_whole(small_study, tmp_path)
    assert_sealed(small_study)


def the_recruiter_invites(scene):
    desk = scene.works("/recruitment/add")
    desk.get_by_label("Name", exact=True).fill(NAME)
    desk.get_by_label("E-mail address").fill(ADDRESS)
    desk.get_by_label("Letters may go to this address").check()
    desk.get_by_label("Nobody else reads this mailbox").check()
    desk.locator("input[name=source_kind]").first.check()
    scene.follow(desk.locator("main form button[type=submit]").first)
    scene.press("Preview invitation")
    scene.follow(desk.locator("form[action$='/letters/send'] button").first)
    expect(desk.get_by_text("1 letter waits to leave.")).to_be_visible()


def the_participant_is_interested(scene):
    phone = scene.opens(scene.reads_mail(minutes=11))
    phone.get_by_label("By e-mail, to the address our letter came to").check()
    scene.press("I am interested", phone)
    expect(phone.get_by_text("You told us that you are interested").first).to_be_visible()


def the_recruiter_sends_the_sheet(scene):
    desk = scene.works("/recruitment/interest")
    scene.follow(desk.locator(".sh-queue__what a").first)
    desk.get_by_label(re.compile("whose link it came by")).check()
    scene.press("Sort it")
    desk.get_by_label("Eligible", exact=True).check()
    desk.get_by_label("Version of the criteria").fill("1.0")
    scene.press("Record it")
    scene.press("Send the sheet and the link")
    expect(desk.get_by_text("The sheet and the link are in the queue.")).to_be_visible()


def the_participant_asks(scene):
    letter = scene.reads_mail(minutes=11)
    phone = scene.opens(letter)
    phone.goto(phone.url + "/sheet")
    expect(phone.get_by_role("heading", name="If you change your mind")).to_be_visible()
    scene.opens(letter)
    phone.goto(phone.url + "/questions")
    phone.get_by_label("Your question").fill(QUESTION)
    phone.locator("input[name=blocks][value=yes]").check()
    scene.press("Send my question", phone)
    expect(phone.get_by_text(QUESTION)).to_be_visible()
    return LINK.search(letter)[1]


def the_recruiter_answers(scene):
    desk = scene.works("/recruitment/questions")
    scene.follow(desk.locator(".sh-queue__what a").first)
    desk.get_by_label("Your answer").fill(ANSWER)
    desk.get_by_label("I told them by phone").check()
    scene.press("Answer")
    expect(desk.get_by_text("The answer stands on their page.")).to_be_visible()


def the_participant_signs(scene, link):
    """Before the time to think is over the form waits; after it, it is signed."""
    phone = scene.phone
    phone.goto(f"{scene.address}{link}/questions")
    expect(phone.get_by_text(ANSWER)).to_be_visible()
    phone.goto(f"{scene.address}{link}/consent")
    expect(phone.get_by_text("You can take your time")).to_be_visible()
    scene.study.clock.advance(hours=25)
    phone.goto(f"{scene.address}{link}/consent")
    for each in STARTERS:
        phone.locator(f"#{each.code}-agree").check()
    phone.locator("[name=typed_name]").fill(NAME)
    scene.press("Sign and send", phone)
    expect(phone.get_by_text("Your decision is recorded")).to_be_visible()
    address = LINK.search(phone.locator(".sh-once").inner_text())[1]
    sent = phone.request.get(f"{scene.address}{address}/copy?as=text")
    assert sent.headers["content-disposition"] == "attachment; filename=copy.txt"
    return sent.text()


def the_recruiter_sees_the_light(scene):
    desk = scene.works("/consent")
    scene.follow(desk.locator("main table a").first)
    expect(desk.locator(".sh-lights li.is-ok")).to_have_count(len(STARTERS))


def assert_whole(study, folder):
    """The record holds together, as somebody finds who has nothing of ours."""
    made = trail.export(operator_desk(study.hub, study.id))
    (folder / "log.jsonl").write_bytes(made.log)
    (folder / "heads.jsonl").write_bytes(made.heads)
    (folder / "witness.txt").write_bytes(made.witness)
    (folder / "pub.txt").write_bytes(made.public_key)
    assert verify_audit.main([str(folder)]) == 0
    log = made.log.decode()
    assert [word for word in CANARIES if word in log] == []


def assert_sealed(study):
    """Nothing that anybody typed is in the bytes of the database or in any file."""
    with study.hub.sessions.reading.begin() as session:
        assert session.scalars(select(Contact)).one()
    raw = study.hub.sessions.engine.raw_connection()
    files = [raw.driver_connection.serialize()]
    instance = study.hub.settings.instance
    files += [path.read_bytes() for path in instance.rglob("*") if path.is_file()]
    found = [word for word in CANARIES for file in files if word.encode() in file]
    assert found == []
