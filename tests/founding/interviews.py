"""Seven interviews of 40 to 62 minutes, all but one by telephone, and their recordings."""

import re
from datetime import timedelta
from uuid import UUID

import requests
from playwright.sync_api import expect
from sqlalchemy import select

from studyhub.domain.interviews import Check
from studyhub.store.consent import Consent
from studyhub.store.interviews import Interview, Recording
from studyhub.workflows import interviews, interviews_held
from studyhub.workflows.interviews import Plan
from tests.founding.people import CLIVE, LIZ, SECRETS, SIX, SOUNDS, Person
from tests.founding.stage import HERE, Scene, follow, press, to
from tests.makers import as_planned, said_of
from tests.web.browser import complaints
from tests.web.real_server import signed_in

NO_SOUND = {"name": "memo.mp3", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}


def they_are_interviewed(scene: Scene, people: dict[Person, UUID]) -> dict[Person, UUID]:
    """The first in browsers. Returns which interview is whose."""
    held = {LIZ: the_first_is_interviewed(scene, people[LIZ])}
    for person in SIX[1:]:
        held[person] = interviewed(scene, person, people[person])
    scene.mail_goes()
    return held


def the_first_is_interviewed(scene: Scene, participant_id: UUID) -> UUID:
    """Rita plans it, Ivan accepts it, opens the call sheet, talks, and writes the log."""
    starts_at = scene.clock() + timedelta(hours=3)
    page = scene.at("rita", f"{HERE}/recruitment/people/{participant_id}")
    to(page, "Plan an interview")
    page.locator("[name=mode][value=telephone]").check()
    page.get_by_label("One time is agreed").check()
    page.locator("[name=starts_at]").fill(f"{starts_at:%Y-%m-%dT%H:%M}")
    press(page, "Plan it")
    expect(page.get_by_text("Planned.")).to_be_visible()
    scene.mail_goes()
    scene.clock.at = starts_at
    page = scene.at("ivan")
    to(page, "Open the interview")
    interview_id = UUID(page.url.rpartition("/")[2])
    page.get_by_label("I do not know this person").check()
    press(page, "Confirm")
    press(page, "Open the call sheet")
    expect(page.get_by_text(SECRETS["phone"])).to_be_visible()
    the_first_talks(scene, interview_id)
    return interview_id


def the_first_talks(scene: Scene, interview_id: UUID) -> None:
    page = scene.at("ivan", f"{HERE}/interviews/{interview_id}")
    page.locator("[name=still_willing][value=yes]").check()
    page.locator("[name=may_record][value=yes]").check()
    press(page, "Start the interview")
    expect(page.get_by_role("timer")).to_be_visible()
    scene.clock.advance(minutes=LIZ.minutes)
    page = scene.at("ivan", f"{HERE}/interviews/{interview_id}")
    page.get_by_label("We finished").check()
    page.get_by_label("Where they were").select_option("home")
    page.get_by_label("Anybody else there").select_option("no")
    page.get_by_label("Topic guide").select_option(index=1)
    press(page, "End the interview")
    expect(page.get_by_text("Write the log while you remember it.")).to_be_visible()
    page.get_by_label("Your note").fill(SECRETS["log"])
    press(page, "Keep this note")
    expect(page.locator(".sh-log", has_text=SECRETS["log"])).to_be_visible()


def interviewed(scene: Scene, person: Person, participant_id: UUID) -> UUID:
    """Planned for the next day, accepted, and held for as long as this person talked."""
    study, starts_at = scene.study, scene.clock() + timedelta(days=1)
    place = SECRETS["place"] if person.mode == "in_person" else ""
    wanted = Plan(person.mode, study.membership_id("ivan"), starts_at, place=place)
    interview_id = interviews.plan(study.rita, participant_id, wanted).interview_id
    interviews.confirm(study.ivan, interview_id, relationship="none")
    scene.clock.at = starts_at
    interviews_held.start(study.ivan, interview_id, Check("yes", "yes"))
    scene.clock.advance(minutes=person.minutes)
    interviews_held.end(study.ivan, interview_id, as_planned(study))
    return interview_id


# -- the recordings --------------------------------------------------------------------


def the_recordings_are_sent(scene: Scene, held: dict[Person, UUID]) -> None:
    """The first from the page; the others as the page would, last interview first."""
    the_first_is_sent(scene)
    with signed_in(scene.server, "ivan") as (session, headers):
        for person in reversed(SIX[1:]):
            sent(scene, session, headers, (person, held[person]))


def the_first_is_sent(scene: Scene) -> None:
    page = scene.at("ivan", f"{HERE}/recordings")
    follow(page.locator(".sh-queue__what a").first)
    page.locator("#sound").set_input_files(NO_SOUND)
    expect(page.get_by_text("This is no sound that can be kept.").first).to_be_visible()
    complaints(page).clear()  # the browser remarks that it was refused
    with page.expect_navigation(url=re.compile("done=received")):
        page.locator("#sound").set_input_files(SOUNDS / LIZ.sound)
    expect(page.get_by_text("Received whole", exact=True).first).to_be_visible()
    to(page, "Listen")
    to(page, "Give it to somebody")
    page.get_by_label("To", exact=True).select_option(label="Tess Bowen, transcriber")
    press(page, "Give it")
    expect(page.get_by_text("Given.")).to_be_visible()


def sent(
    scene: Scene,
    session: requests.Session,
    headers: dict[str, str],
    what: tuple[Person, UUID],
) -> None:
    """Ivan sends a recording to the server by the protocol for uploads."""
    person, interview_id = what
    told = {
        "Upload-Length": str(len(person.recording)),
        "Upload-Metadata": said_of(interview_id, person.media_type),
    }
    where = f"{scene.server.address}/api/uploads"
    made = session.post(where, headers={**headers, **told}, timeout=60)
    kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    path = scene.server.address + made.headers["Location"]
    done = session.patch(path, person.recording, headers={**headers, **kind}, timeout=60)
    assert done.status_code == 204, done.text


def the_seventh_stays_quarantined(scene: Scene, participant_id: UUID) -> UUID:
    """Consented on a paper that nobody verified: talked with, recorded, and heard by nobody."""
    interview_id = interviewed(scene, CLIVE, participant_id)
    with signed_in(scene.server, "ivan") as (session, headers):
        sent(scene, session, headers, (CLIVE, interview_id))
    with scene.study.hub.sessions.reading.begin() as session:
        wanted = select(Recording).where(Recording.interview_id == interview_id)
        row = session.scalars(wanted).one()
        assert row.state == "quarantined"
        recording_id = row.id
    for login in ("ivan", "petra", "ravi", "tess"):
        with signed_in(scene.server, login) as (session, headers):
            path = f"{scene.server.address}{HERE}/recordings/{recording_id}/listen"
            told = {"reason": "quality"}
            heard = session.post(path, told, headers=headers, timeout=60)
            assert heard.status_code in {403, 404, 409, 423}, (login, heard.status_code)
    return recording_id


def assert_interviews(scene: Scene, held: dict[Person, UUID]) -> None:
    """Each six: consent before it, its length, its mode, its sound accepted."""
    with scene.study.hub.sessions.reading.begin() as session:
        for person, interview_id in held.items():
            row = session.get_one(Interview, interview_id)
            assert row.started_at is not None
            assert row.ended_at is not None
            assert row.ended_at - row.started_at == timedelta(minutes=person.minutes)
            assert row.mode == person.mode
            wanted = select(Consent).where(Consent.participant_id == row.participant_id)
            assert session.scalars(wanted).one().entered_at < row.started_at
            found = select(Recording.state).where(Recording.interview_id == interview_id)
            assert session.scalars(found).one() == "accepted"
    assert sorted(each.mode for each in held) == ["in_person", *["telephone"] * 5]
    assert {each.minutes for each in held} <= set(range(40, 63))
