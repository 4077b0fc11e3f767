"""Consent by word of mouth on pages of the team: sent, entered, heard by somebody else."""

import html
import re
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from studyhub.domain.consent_ways import SPOKEN
from studyhub.domain.statements import STARTERS
from studyhub.store.keys import CompartmentKey, DataKey, DataKeyGrant, SealedObject
from studyhub.workflows.consent_documents import Draft
from tests.makers import SLUG, SOUND, in_use
from tests.web.browser import let_in, open_page, serve
from tests.web.informed import CONSENT, PDF, but_for_its_consent, code, ivan, ready, small_study
from tests.web.pages import at_browser, fits_everywhere, words
from tests.workflows.consenting import approval_of, records

__all__ = ["code", "ivan", "ready", "small_study"]

HEARD = SOUND.read_bytes()
JSON = {"Accept": "application/json"}
TEAM = ("petra", "rita", "ivan", "tess", "ravi", "ann", "ada")
ZONE = ZoneInfo("Europe/London")


def send_sound(visit, code, body=HEARD, **more):
    headers = {"X-CSRF-Token": visit.token, "Content-Type": "audio/mpeg", **JSON}
    return visit.client.post(
        f"{CONSENT}/spoken/{code}/sound", data=body, headers=headers, **more
    )


def enter(visit, study, code, **more):
    fields = {f"statement:{each.code}": "agree" for each in STARTERS}
    day = f"{study.clock.at:%Y-%m-%d}"
    fields |= {"signed_on": day, "signed_at": "08:00", "capacity": "own", **more}
    return visit.post(f"{CONSENT}/spoken/{code}", **fields)


@pytest.fixture
def spoken(small_study, ivan, code):
    """The page of a spoken consent that Ivan entered."""
    sent = send_sound(ivan, code).json["scan"]
    return enter(ivan, small_study, code, scan=sent).location.partition("?")[0]


def opened(visit, one):
    """The address of the sound, once somebody opened it."""
    page = visit.get(visit.post(f"{one}/hear").location)
    return html.unescape(re.search(r'<audio[^>]* src="([^"]+)"', page.text)[1])


def test_a_spoken_consent_goes_from_its_sound_to_the_second_look(
    app, small_study, ivan, code, spoken
):
    ravi = at_browser(app, small_study, "ravi")
    assert "Spoken, not verified yet" in words(ravi.get(CONSENT))
    before = ravi.get(spoken)
    assert "Open the sound" in words(before)
    assert "<audio" not in before.text

    heard = ravi.get(opened(ravi, spoken))

    assert heard.data == HEARD
    assert heard.mimetype == "audio/mpeg"
    assert heard.headers["Cache-Control"] == "no-store"
    assert ravi.post(f"{spoken}/verify").status_code == 302
    assert "Nothing waits" in words(ravi.get(CONSENT))
    ((row, _),) = records(small_study)
    assert (row.mode, row.time_source) == (SPOKEN.mode, "attested")


def test_the_page_on_which_it_is_heard_fits_every_width(app, small_study, spoken, chromium):
    ravi = at_browser(app, small_study, "ravi")
    with serve(app) as address, open_page(chromium, 1280) as page:
        let_in(page, ravi.cookie)
        page.goto(address + spoken)
        with page.expect_navigation():
            page.get_by_role("button", name="Open the sound").click()

        assert page.locator("audio").is_visible()
        fits_everywhere(page)


def test_hearing_is_one_line_of_the_record_and_its_ranges_are_none(app, small_study, spoken):
    ravi = at_browser(app, small_study, "ravi")
    lines = small_study.events()

    path = opened(ravi, spoken)
    parts = [ravi.get(path, headers={"Range": each}) for each in ("bytes=0-99", "bytes=100-")]

    assert b"".join(part.data for part in parts) == HEARD
    assert [part.status_code for part in parts] == [206, 206]
    assert ravi.get(path, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert small_study.events() == lines + 1
    assert small_study.last_event().act == "consent.read"


def test_a_sound_is_heard_by_who_opened_it_in_that_session_alone(app, small_study, spoken):
    path = opened(at_browser(app, small_study, "ravi"), spoken)
    plain = path.partition("?")[0]

    for login in ("ivan", "petra"):  # each of them could open it
        assert at_browser(app, small_study, login).get(path).status_code == 404
    ravi = at_browser(app, small_study, "ravi")
    for address in (path, plain, f"{plain}?p=no-id", f"{spoken}/evidence/audio"):
        assert ravi.get(address).status_code == 404


@pytest.mark.parametrize("login", ["rita", "tess", "ann", "ada", "nina"])
def test_nobody_else_hears_it(app, small_study, spoken, login):
    visit = at_browser(app, small_study, login)

    assert visit.post(f"{spoken}/hear").status_code in {403, 404}
    assert "Open the sound" not in visit.get(spoken).text


def test_the_pi_is_asked_for_the_password_before_hearing(app, small_study, spoken):
    petra = at_browser(app, small_study, "petra")
    small_study.clock.advance(minutes=11)

    asked = petra.post(f"{spoken}/hear")

    assert asked.status_code == 403
    assert "This act asks for the password" in words(asked)


def test_inv_41_the_sound_of_a_consent_is_no_recording(app, small_study, spoken):
    """Invariant 41."""
    sealed = spoken.rpartition("/")[2]
    number = opened(at_browser(app, small_study, "ravi"), spoken).rpartition("=")[2]
    listed = ("recordings", "transcripts", "releases", "analysis", "reading", "export")
    small_study.clock.advance(minutes=11)

    assert lies_under(small_study, sealed) == ("evidence", "consent")
    assert held_by(small_study, sealed) == {"ivan", "ravi"}
    for login in ("petra", "ivan", "tess", "ravi", "ann"):
        visit = at_browser(app, small_study, login)
        heard = [visit.post(f"/recordings/{sealed}/listen", reason="quality")]
        heard += [
            visit.get(f"/recordings/{sealed}/{what}?p={number}") for what in ("audio", "peaks")
        ]
        heard += [visit.get(f"/s/{SLUG}/{what}/{sealed}") for what in listed]
        assert {answer.status_code for answer in heard} <= {403, 404}, login
        for what in listed:
            page = visit.get(f"/s/{SLUG}/{what}", follow_redirects=True)
            assert sealed not in page.text, (login, what)
        assert sealed not in but_for_its_consent(visit.get("/home"), sealed), login


def lies_under(study, sealed):
    """The kind of the file, and the compartment that its key is sealed to."""
    with study.hub.sessions.reading.begin() as session:
        row = session.get(SealedObject, UUID(sealed))
        key = session.get(DataKey, row.data_key_id)
        return row.kind, session.get(CompartmentKey, key.compartment_key_id).compartment


def held_by(study, sealed):
    """The members who were given the key themselves."""
    with study.hub.sessions.reading.begin() as session:
        key_id = session.get(SealedObject, UUID(sealed)).data_key_id
        held = set(
            session.scalars(
                select(DataKeyGrant.grantee_id).where(DataKeyGrant.data_key_id == key_id)
            )
        )
    return {login for login in TEAM if study.membership_id(login) in held}


def test_pages_name_the_script_where_one_is_in_use(small_study, ivan, code):
    assert "No script for verbal consent is in use" in words(form_of(ivan, code))
    script = Draft("script_verbal_consent", "I will now read each sentence aloud.")
    in_use(small_study, script, approval_of(small_study))

    sent = send_sound(ivan, code).json["scan"]
    now = f"{small_study.clock.at.astimezone(ZONE):%H:%M}"
    done = enter(ivan, small_study, code, scan=sent, signed_at=now)

    assert "Read out the script for verbal consent, version 1.0" in words(form_of(ivan, code))
    assert "Script for verbal consent in use then: version 1.0" in words(
        ivan.get(done.location)
    )


def form_of(visit, code):
    return visit.get(f"{CONSENT}/spoken/{code}")


@pytest.mark.parametrize("body", [PDF, b"<script>", HEARD[:20], b"\0" * 5000])
def test_what_is_no_sound_is_refused_whatever_it_is_called(small_study, ivan, code, body):
    lines = small_study.events()

    answer = send_sound(ivan, code, body)

    assert answer.status_code == 415
    assert nothing_kept(small_study)
    assert small_study.events() == lines


def test_an_empty_a_cut_and_too_large_a_sound_are_refused(small_study, ivan, code):
    announced = [str(len(HEARD) + 1), str(SPOKEN.most_bytes + 1)]

    answers = [send_sound(ivan, code, b"")]
    answers += [
        send_sound(ivan, code, environ_overrides={"CONTENT_LENGTH": each}) for each in announced
    ]

    assert {answer.status_code for answer in answers} <= {400, 413, 422}
    assert nothing_kept(small_study)


def nothing_kept(study):
    with study.hub.sessions.reading.begin() as session:
        rows = session.scalar(select(func.count(SealedObject.id)))
    return rows == 0 and not list(study.hub.settings.tmp.iterdir())


def test_a_sound_is_entered_as_no_paper_and_a_scan_as_nothing_said(small_study, ivan, code):
    sound = send_sound(ivan, code).json["scan"]
    headers = {"X-CSRF-Token": ivan.token}
    scan = ivan.client.post(f"{CONSENT}/enter/{code}/scan", data=PDF, headers=headers)

    as_paper = ivan.post(
        f"{CONSENT}/enter/{code}", **(fields := typed(small_study)), scan=sound
    )
    as_sound = ivan.post(f"{CONSENT}/spoken/{code}", **fields, scan=scan.json["scan"])

    assert as_paper.status_code == as_sound.status_code == 422
    assert "What was sent is no scan" in words(as_paper)
    assert "What was sent is no sound" in words(as_sound)
    assert records(small_study) == []


def typed(study):
    answers = {f"statement:{each.code}": "agree" for each in STARTERS}
    day = f"{study.clock.at:%Y-%m-%d}"
    return answers | {"signed_on": day, "signed_at": "08:00", "capacity": "own"}


def test_what_was_heard_and_when_is_asked_for_in_words_of_this_way(small_study, ivan, code):
    page = enter(ivan, small_study, code, signed_at="", **{"statement:quotes": ""})

    assert page.status_code == 422
    for said in ("Send the sound first", "Enter the time at which you heard it"):
        assert said in words(page)
    assert "Choose what you heard for sentence" in words(page)
    assert "paper" not in words(page).partition("What you heard")[2]
    assert records(small_study) == []
