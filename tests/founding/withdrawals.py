"""One of the six takes the transcript back: held at once, decided, erased, and told so."""

import html
import re
from uuid import UUID

import requests
from playwright.sync_api import expect
from sqlalchemy import select

from studyhub.domain import withdrawals
from studyhub.store.withdrawals import Erasure
from studyhub.vault import verify_certificate
from studyhub.workflows import certificates, withdrawal_deciding, withdrawal_steps
from tests.founding.people import SAID, Person
from tests.founding.stage import HERE, Scene, follow, press
from tests.web.real_server import signed_in

LETTERS, QUESTIONS = "recruitment/letters", "recruitment/questions"
PAGES = {
    "rita": ("recruitment", "recruitment?tab=left", "recruitment/interest", LETTERS, QUESTIONS),
    "petra": ("recruitment", LETTERS, "interviews", "recordings", "transcription", "releases"),
    "ivan": ("interviews", "recordings"),
    "tess": ("transcription", "deidentification"),
    "ravi": ("deidentification", "releases", "consent"),
    "ann": ("analysis",),
}


def page_to_stop(scene: Scene, person: Person) -> str:
    """Where somebody stops, by the newest of their letters that leads there."""
    for link in reversed(scene.links_to(person.email)):
        address = f"{link}/withdraw"
        if requests.get(scene.server.address + address, timeout=60).status_code == 200:
            return address
    raise AssertionError("no letter leads to where one can stop")


def the_transcript_is_taken_back(scene: Scene, person: Person, label: str) -> None:
    """On a telephone: one page, one button, no reason. Nobody can open it from that moment."""
    scene.clock.advance(days=1)  # what was done at the very instant would count as after it
    stop = page_to_stop(scene, person)
    assert status(scene, "ann", f"analysis/{label}") == 200
    phone = scene.phone(stop)
    phone.locator("#scope-transcript").check()
    press(phone, "Stop what I chose")
    expect(phone.get_by_role("heading", name="Done. It is stopped.")).to_be_visible()
    assert status(scene, "ann", f"analysis/{label}") == 423
    assert status(scene, "ann", "analysis") == 200
    scene.mail_goes()


def status(scene: Scene, login: str, path: str) -> int:
    """How the server answers a member of the team."""
    with signed_in(scene.server, login) as (session, _headers):
        return session.get(f"{scene.server.address}{HERE}/{path}", timeout=60).status_code


def it_is_decided_and_carried_out(scene: Scene, person: Person) -> None:
    """The PI does as was asked; the worker destroys; the person reads what was done."""
    page = scene.at("petra", f"{HERE}/withdrawals")
    follow(page.locator("main tbody th a").first)
    follow(page.get_by_role("link", name="Choose all as they asked"))
    press(page, "Record the decision")
    expect(page.get_by_text("Decided.", exact=True)).to_be_visible()
    press(page, "Erase what was decided")
    expect(page.get_by_text("It is being carried out.")).to_be_visible()
    before = len(scene.letters_to(person.email))
    scene.mail_goes()
    scene.mail_goes()
    assert len(scene.letters_to(person.email)) == before + 1
    phone = scene.phone(page_to_stop(scene, person))
    expect(phone.get_by_text(re.compile("^This was done by"))).to_be_visible()


def exactly_one_release_disappeared(
    scene: Scene, labels: dict[Person, str], gone: Person
) -> None:
    """The analyst has all the others, to read, and none of that one."""
    left = sorted(
        (label for person, label in labels.items() if person != gone),
        key=lambda label: int(label.removeprefix("P")),
    )
    page = scene.at("ann", f"{HERE}/analysis")
    expect(page.locator("main tbody th a")).to_have_text(left)
    assert status(scene, "ann", f"analysis/{labels[gone]}") in {404, 410}
    for label in left:
        assert status(scene, "ann", f"analysis/{label}") == 200


def the_certificate_says_so(scene: Scene) -> None:
    """Anybody can verify it, with the public key alone."""
    study = scene.study
    with study.hub.sessions.reading.begin() as session:
        erasures = session.scalars(select(Erasure.id).where(Erasure.state == "done")).all()
    assert erasures
    for erasure_id in erasures:
        found = certificates.read(study.petra, str(erasure_id))
        assert verify_certificate.verify(found.content, study.hub.key_files.log_public)


def everything_is_taken_back(scene: Scene, person: Person, participant_id: UUID) -> None:
    """Another of the six stops everything, by link; it is decided and carried out."""
    scene.clock.advance(days=1)
    stop = page_to_stop(scene, person)
    assert scene.sends(stop, scope="all").status_code == 200
    petra = scene.study.petra
    with scene.study.hub.sessions.reading.begin() as session:
        made = withdrawal_steps.of_participant(session, participant_id)[0].id
        classes = [each.class_ for each in withdrawal_steps.rows_of(session, made)]
    asked = withdrawals.asked_for(("all",))
    chosen = {name: withdrawal_deciding.Decision(asked[name]) for name in classes}
    withdrawal_deciding.decide(petra, made, chosen)
    withdrawal_deciding.request(petra, made)
    scene.mail_goes()
    scene.mail_goes()


def nothing_of_them_is_found(scene: Scene, person: Person) -> None:
    """On no page of anybody: not the name, not the address, not a word of what they said."""
    hidden = (person.name, person.email, *SAID[person.text])
    for login, paths in PAGES.items():
        with signed_in(scene.server, login) as (session, _headers):
            for path in paths:
                address = f"{scene.server.address}{HERE}/{path}"
                answer = session.get(address, timeout=60)
                assert answer.status_code == 200, (login, path)
                shown = html.unescape(answer.text)
                assert [word for word in hidden if word in shown] == [], (login, path)
