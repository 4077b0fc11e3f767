"""A study in which every page has something to show: each step of each stage, once.

Made by the acts, once for each process, and copied for each test.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from studyhub.domain import upload_metadata
from studyhub.domain.consent_ways import SPOKEN
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.consent import DocumentVersion, Participant
from studyhub.store.db import Sessions
from studyhub.store.interviews import Interview
from studyhub.store.outbox import Letter
from studyhub.store.transcripts import Transcript
from studyhub.workflows import (
    accounts_admin,
    accounts_exceptions,
    accounts_study,
    accounts_team,
    analysis_reading,
    assignments,
    consent_check,
    consent_documents,
    consent_ethics,
    deidentification,
    entrance,
    erasing,
    incidents,
    interviews_held,
    links,
    mailroom,
    recruitment_opt_out,
    recruitment_questions,
    recruitment_triage,
    releases,
    transcripts,
    uploads,
    withdrawal,
    withdrawal_deciding,
)
from studyhub.workflows.analysis_reading import Copy, Seen
from studyhub.workflows.consent_documents import Draft
from studyhub.workflows.recruitment_questions import Asked
from tests import texts
from tests.makers import (
    SLUG,
    SOUND,
    Clock,
    Study,
    approve_version,
    approved_study,
    assigned,
    confirmed,
    consented,
    contact,
    decided,
    deidentified,
    eligible,
    enrolled,
    entered,
    give_to_read,
    informed,
    interested,
    interviewed,
    invited,
    letter_body,
    new_instance,
    own_token,
    password_of,
    planned,
    quarantined,
    read_twice,
    recorded,
    said_of,
    started,
    submitted,
    token_in,
    transcribed,
    withdrawn,
)
from tests.staged import Staged, copied, staged_as
from tests.workflows.consenting import sign
from tests.workflows.releasing import planted

OTHER = "harbour"  # a study whose kit was not proved yet; Nina leads it
LEGAL = replace(
    texts.INVITATION_DRAFT, body=texts.INVITATION.replace("about an hour", "45 minutes")
)


@dataclass(frozen=True)
class Busy:
    """The study, and what only its letters say: the address of each page by link."""

    study: Study
    links: dict[str, str]
    pages: dict[str, list[str]]  # of one login, where no list of three leads there


@contextmanager
def busy_study() -> Iterator[Busy]:
    """A copy of its own for one test, on SQLite."""
    stage = staged_busy()
    made = stage.made.study
    clock = Clock(made.clock())
    with copied(stage, clock) as hub:
        yield Busy(replace(made, hub=hub, clock=clock), stage.made.links, stage.made.pages)


@cache
def staged_busy() -> Staged[Busy]:
    """Made once for this process."""
    return staged_as("busy", "sqlite", _made)


def _made(sessions: Sessions, folder: Path) -> Busy:
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    _staff(study)
    approval_id = approved_study(study)
    _documents(study, approval_id)
    _releases(study)
    _recordings(study)
    _texts(study)
    found = _recruitment(study) | _consent(study) | _interviews(study)
    found |= _withdrawals(study) | _left(study)
    pages = {
        "petra": _to_write(study),
        "rita": [_stopped(study), *_to_plan(study)],
        "ivan": _to_hold(study),
        "tess": _to_type(study),
    }
    return Busy(study, found | _new_here(study), pages)


def _recordings(study: Study) -> None:
    """One that was typed and waits to be compared, one in quarantine, one on its way."""
    heard = interviewed(study)
    recorded(study, heard)
    give_to_read(study, transcribed(study, assigned(study, heard)))
    quarantined(study)
    uploads.start(study.ivan, upload_metadata.read(said_of(interviewed(study))), 5000)


def _texts(study: Study) -> None:
    """One text in which identifiers are taken out, and one that waits to be read again."""
    give_to_read(study, deidentified(study))
    deidentification.deidentify(study.tess, transcribed(study))


# -- the team ----------------------------------------------------------------------------


def _staff(study: Study) -> None:
    """Somebody who waits for access, one who left, proposals and exceptions."""
    _waits_for_access(study)
    _proposals(study)
    _other_study(study)
    _member_who_left(study)


def _new_here(study: Study) -> dict[str, str]:
    """Somebody who has not joined yet, and one who forgot their password."""
    join = accounts_admin.add(
        study.operator, login="joy", name="Joy Hart", email="joy@team.test"
    )
    invitation = accounts_team.Invitation("", "", Role.TRANSCRIBER, (), login="joy")
    accounts_team.invite(study.petra, study.id, invitation)
    reset = accounts_admin.start_reset(study.operator, study.user_id("ann"))
    return {"join": _path(join), "reset": _path(reset)}


def _path(address: str) -> str:
    return "/" + "/".join(address.rsplit("/", 2)[1:])


def _waits_for_access(study: Study) -> None:
    wanted = accounts_team.Invitation("", "", Role.REVIEWER, (Duty.VERIFY,), login="tess")
    accounts_team.invite(study.petra, study.id, wanted)
    study.cookie("tess")


def _proposals(study: Study) -> None:
    """One that waits, one that was agreed to and waits for its keys; and a rule lifted."""
    accepted = accounts_exceptions.propose(study.petra, Role.TRANSCRIBER)
    accounts_exceptions.decide(study.ravi, accepted, approve=True)
    accounts_exceptions.propose(study.petra, Role.ANALYST)
    ends = study.clock() + timedelta(days=200)
    wish = accounts_exceptions.Wish("S-2", study.user_id("rita"), "Nobody else can.", ends)
    accounts_exceptions.declare(study.petra, wish)


def _other_study(study: Study) -> None:
    nina = entrance.prove(study.hub, "nina", password_of("nina"), "test")
    accounts_study.create(study.hub, slug=OTHER, title="Harbour Lives", pi=nina)


def _member_who_left(study: Study) -> None:
    wanted = accounts_team.Invitation("", "", Role.INTERVIEWER, (), login="ann")
    made = accounts_team.invite(study.petra, study.id, wanted)
    accounts_team.end(study.petra, made)


# -- releases ----------------------------------------------------------------------------


def _releases(study: Study) -> None:
    """A release in use with a copy of it out, one reported, one recalled, a text that waits.

    The first three are rows, sealed as the act seals them: a whole text each takes seconds.
    """
    read_twice(study)
    with study.hub.sessions.reading.begin() as session:
        somebody = session.scalars(select(Participant.id)).one()
    planted(study, somebody, "P2")
    planted(study, somebody, "P5")
    planted(study, somebody, "P6")
    analysis_reading.download(study.ann, "P6", Copy("release_txt", "coding"))
    releases.recall(study.ravi, "P6", "quality")
    analysis_reading.download(study.ann, "P2", Copy("release_docx", "coding"))
    analysis_reading.report(study.ann, "P5", Seen(4, "since Hallowmere", "The only one."))


# -- documents ---------------------------------------------------------------------------


def _documents(study: Study, approval_id: UUID) -> None:
    """A letter that waits for its approval, a draft, and an amendment about both."""
    submitted(study, LEGAL, author="rita")
    draft = consent_documents.draft(study.petra, texts.FORM_DRAFT)
    ready = submitted(study, Draft("summary", texts.SUMMARY), author="rita")
    approve_version(study, ready, approval_id, approver="petra")
    asked = consent_ethics.Request(
        *(texts.COMMITTEE, "A1", "minor", approval_id, "Shorter", "none", (draft,))
    )
    consent_ethics.record(study.petra, asked)


# -- recruitment -------------------------------------------------------------------------


def _recruitment(study: Study) -> dict[str, str]:
    """People at each step: listed, invited, writing, asking, thinking."""
    _letters(study)
    contact(study, "Anna Kern", phone="01632 960 002")
    invited(study, "Peter Lowe")
    invitation = letter_body(study, "invitation")["text"]
    _expressions(study)
    asking = _questions(study)
    return {
        "interest": f"/interest/{SLUG}",
        "invited": "/l/" + token_in(invitation),
        "interested": f"/l/{token_in(invitation)}/interest",
        "stop": "/o/" + token_in(invitation, "o"),
        "asking": "/l/" + asking,
    }


def _stopped(study: Study) -> str:
    """The page of somebody who wants no letters any more."""
    person = contact(study, "Ulla Rhys")
    recruitment_opt_out.opt_out(study.rita, "staff", participant_id=person)
    return f"/s/{SLUG}/recruitment/people/{person}"


def _letters(study: Study) -> None:
    """A letter of which nobody knows whether the mail server took it."""
    person = invited(study, "Doris Lamb")
    with study.hub.sessions.reading.begin() as session:
        letter_id = session.scalars(
            select(Letter.id).where(Letter.participant_id == person)
        ).one()
    study.clock.advance(minutes=11)
    mailroom.take(study.worker, letter_id)
    study.clock.advance(hours=2)


def _expressions(study: Study) -> None:
    interested(study, "Ruth Dale", note="after five")
    interested(study, "Saul Fox", channel="telephone", phone="01632 960 003")
    interested(study, "Anna Kern")  # by the address of somebody who is known
    screening = interested(study, "Hanna Moss")
    recruitment_triage.attach(study.rita, screening, "new")
    eligible(study, "Carl Webb")
    junk = interested(study, "Buy Now")
    recruitment_triage.attach(study.rita, junk, "junk")


def _questions(study: Study) -> str:
    """One that was answered, one that holds everything up, and one by telephone."""
    token = informed(study, eligible(study, "Ines Roth"))
    desk = links.guest(study.hub, token).desk
    first = recruitment_questions.ask(desk, Asked("Who hears it?", blocks=False))
    recruitment_questions.answer(study.rita, first, "Only Ivan.", channel="telephone")
    recruitment_questions.ask(desk, Asked("How long is it kept?", blocks=True))
    return token


# -- consent -----------------------------------------------------------------------------


def _consent(study: Study) -> dict[str, str]:
    """Somebody who may sign now, one who must wait, and consents of every standing."""
    consented(study, eligible(study, "Lena Frost"), but={"quotes"})
    signed = informed(study, eligible(study, "Mark Hill"))
    lasting = _path(sign(study, signed).address)
    locked = informed(study, eligible(study, "Rosa Lind"))
    by_word = sign(study, locked, word="herring").address
    queried = entered(study, informed(study, eligible(study, "Nora Beck")))
    consent_check.query(study.ravi, queried, "quality")
    entered(study, informed(study, eligible(study, "Otto Lane")))
    spoken = informed(study, eligible(study, "Vida Moran"))
    entered(study, spoken, way=SPOKEN, evidence=SOUND.read_bytes())
    signing = informed(study, eligible(study, "Pia West"))
    waiting = informed(study, eligible(study, "Quinn Ash"), hours=1)
    return {
        "signed": lasting,
        "locked": _path(by_word) + "/copy",
        "signing": "/l/" + signing,
        "waiting": "/l/" + waiting,
    }


def _withdrawals(study: Study) -> dict[str, str]:
    """One to acknowledge, one to decide, one that a second person looks at, one carried out."""
    told = _agreed(study, "Yara Finn")
    with study.hub.sessions.reading.begin() as session:
        code = session.get_one(Participant, told).code
    withdrawal.receive(study.ivan, withdrawal.Told(("quotes",), code, "telephone"))
    decided(study, ("contact",), _agreed(study, "Zoe Birch"))
    doubted = withdrawn(study, ("contact",), _agreed(study, "Abel Stone"))
    cannot = withdrawal_deciding.Decision("cannot", "not_found")
    chosen = dict.fromkeys(("contact", "letter"), cannot)
    withdrawal_deciding.decide(study.petra, doubted, chosen)
    waiting = _agreed(study, "Bea Voss")
    withdrawn(study, ("all",), waiting)
    return {"stopping": f"/l/{own_token(study, waiting)}/withdraw"}


def _left(study: Study) -> dict[str, str]:
    """Somebody whose name and address were erased as they wished, and their proof of it."""
    person = _agreed(study, "Edwin Marsh")
    token = own_token(study, person)
    decided(study, ("identity",), person)
    erasing.run(study.hub)
    return {"left": f"/l/{token}/withdraw"}


def _interviews(study: Study) -> dict[str, str]:
    """One that was held, one under way, one agreed, one with times to choose; an incident."""
    held = interviewed(study, _agreed(study, "Rhoda Penn"))
    interviews_held.log(study.ivan, held, "field_note", "A quiet room")
    incidents.report(study.ivan, "distress", "She wept.", interview_id=held)
    _transcripts(study, held)
    under_way = started(study, _agreed(study, "Stan Moor"))
    interviews_held.log(study.ivan, under_way, "interview_log", "Began on time")
    confirmed(study, _agreed(study, "Tilda Rowe"))
    planned(study, _agreed(study, "Una Gray"))
    times = tuple(study.clock() + timedelta(days=days) for days in (3, 4))
    planned(study, _agreed(study, "Vera Holm"), starts_at=None, slots=times)
    study.clock.advance(minutes=1)
    return {"choosing": f"/l/{token_in(letter_body(study, 'appointment')['text'])}/interview"}


def _transcripts(study: Study, interview_id: UUID) -> None:
    """One that Tess types, with two versions, and that Ravi reads a second time."""
    made = assigned(study, interview_id)
    tess = study.desk("tess", Role.TRANSCRIBER)
    transcripts.keep(tess, made, note="first pass")
    study.clock.advance(minutes=1)
    transcripts.keep(tess, made, note="second pass", kind="cleaned")
    gift = assignments.Gift("transcript", made, study.membership_id("ravi"), ("review",))
    assignments.give(study.petra, gift)


def _to_write(study: Study) -> list[str]:
    """The draft of the consent form."""
    with study.hub.sessions.reading.begin() as session:
        drafts = session.scalars(
            select(DocumentVersion.id).where(DocumentVersion.state == "draft")
        )
        return [f"/s/{SLUG}/ethics/documents/{each}/write" for each in drafts]


def _to_hold(study: Study) -> list[str]:
    """Interviews that Ivan may confirm, start, end, and reach somebody for."""
    with study.hub.sessions.reading.begin() as session:
        ahead = session.scalars(
            select(Interview.id).where(
                Interview.state.in_(("scheduled", "confirmed", "in_progress"))
            )
        )
        return [f"/s/{SLUG}/interviews/{each}" for each in ahead]


def _to_type(study: Study) -> list[str]:
    """The transcript that is being typed: three others stand before it in the list."""
    with study.hub.sessions.reading.begin() as session:
        typed = session.scalars(select(Transcript.id).where(Transcript.state == "raw_draft"))
        return [f"/s/{SLUG}/transcription/{each}" for each in typed]


def _to_plan(study: Study) -> list[str]:
    """Somebody to plan with, and interviews that were offered and whose time has passed."""
    person = _agreed(study, "Willa Kent")
    late = _agreed(study, "Xenia Boyd")
    passed = planned(study, late, starts_at=study.clock() + timedelta(minutes=1))
    study.clock.advance(minutes=2)
    with study.hub.sessions.reading.begin() as session:
        offered = session.scalars(select(Interview.id).where(Interview.state == "proposed"))
        shown = [passed, *offered]
    return [
        f"/s/{SLUG}/recruitment/people/{person}",
        *(f"/s/{SLUG}/interviews/{each}" for each in shown),
    ]


def _agreed(study: Study, name: str) -> UUID:
    person = eligible(study, name)
    consented(study, person)
    return person
