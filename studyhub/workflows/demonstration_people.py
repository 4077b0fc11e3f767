"""How the people of the demonstration come to take part: from the card to the interview.

Each function is a piece of a story. Nobody here is real; whoever has a link follows it.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from studyhub.domain.errors import HouseRuleBroken
from studyhub.domain.interviews import Check
from studyhub.workflows import (
    consent_check,
    consent_form,
    consent_paper,
    consent_signing,
    incidents,
    interviews,
    interviews_held,
    recruitment_contacts,
    recruitment_information,
    recruitment_interest,
    recruitment_letters,
    recruitment_questions,
    recruitment_triage,
)
from studyhub.workflows.consent_ground import Ground
from studyhub.workflows.contact_checks import Wanted
from studyhub.workflows.demonstration_props import a_paper
from studyhub.workflows.demonstration_stage import SLUG, Stage
from studyhub.workflows.expressions import Told
from studyhub.workflows.interviews import Plan
from studyhub.workflows.interviews_held import Ending
from studyhub.workflows.kernel import Desk
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_questions import Asked

Piece: TypeAlias = Generator[datetime, None, UUID]


@dataclass(frozen=True)
class Person:
    """A fictional participant: how they came, how they talk, and what they decline."""

    name: str
    day: int  # the working day on which their story begins, counted from 0
    by: str = "letter"  # letter, or call: they heard of the study and wrote to it
    mode: str = "telephone"
    form: str = "link"  # link, paper, or unverified: a paper that nobody compared yet
    declines: frozenset[str] = field(default=frozenset())
    minutes: int = 50
    note: str = "Calm and unhurried."  # of the interviewer
    place: str = ""
    asks: str = ""  # a question before they decide, which is answered
    log: str = "Began on time; every question of the guide was asked."
    distress: str = ""  # what the interviewer reports, where it was hard

    @property
    def email(self) -> str:
        return f"{self.file}@post.example"

    @property
    def file(self) -> str:
        """The name of the text of their interview."""
        return self.name.lower().replace(" ", "-")


# -- recruitment --------------------------------------------------------------------------


def listed(stage: Stage, person: Person) -> Piece:
    """The recruiter adds a contact that a partner named."""
    yield stage.clock.on(person.day, "10:00")
    card = Card(person.name, person.email, preference=person.mode)
    wanted = Wanted(
        card,
        source_kind="network",
        source_label="Partners of the region",
        by_email=True,
        mailbox_private=True,
    )
    return recruitment_contacts.add(stage.desk("rita"), wanted)


def invited(stage: Stage, person: Person) -> Piece:
    """The recruiter invites somebody who was listed."""
    participant_id = yield from listed(stage, person)
    yield stage.clock.later(0, "10:30")
    recruitment_letters.invite(stage.desk("rita"), participant_id)
    return participant_id


def interested(stage: Stage, person: Person) -> Piece:
    """They say that they might take part, by their link or by the public form."""
    if person.by == "letter":
        participant_id = yield from invited(stage, person)
        yield stage.clock.later(2, "19:40")
        told = Told("", channel="link")
        written = recruitment_interest.receive(stage.guest(person.email, "interest"), told)
        yield stage.clock.later(1, "09:30")
        recruitment_triage.attach(stage.desk("rita"), written, "known", known_as=participant_id)
        return written
    yield stage.clock.on(person.day, "18:15")
    desk = recruitment_interest.public_study(stage.hub, SLUG).desk
    told = Told(person.name, channel="email", email=person.email)
    written = recruitment_interest.receive(desk, told)
    yield stage.clock.later(1, "09:30")
    recruitment_triage.attach(stage.desk("rita"), written, "new")
    return written


def informed(stage: Stage, person: Person) -> Piece:
    """The recruiter finds them eligible and sends the sheet with the link to the form."""
    written = yield from interested(stage, person)
    yield stage.clock.later(0, "09:45")
    eligible = recruitment_triage.Eligible(criteria="1.0")
    rita = stage.desk("rita")
    participant_id = recruitment_triage.decide(rita, written, "eligible", eligible)
    if participant_id is None:
        raise HouseRuleBroken("who is eligible becomes a participant")
    recruitment_information.send(stage.desk("rita"), participant_id)
    if person.asks:
        yield stage.clock.later(0, "20:05")
        asked = Asked(person.asks, blocks=True)
        question_id = recruitment_questions.ask(stage.guest(person.email, "questions"), asked)
        yield stage.clock.later(1, "09:50")
        answer = "Only Ivan, Tess who types it, and Ravi who reads it again. All have signed."
        recruitment_questions.answer(stage.desk("rita"), question_id, answer, channel="email")
    return participant_id


# -- consent ------------------------------------------------------------------------------


def consented(stage: Stage, person: Person) -> Piece:
    """They decide in their own time, by their link or on paper with the interviewer."""
    participant_id = yield from informed(stage, person)
    yield stage.clock.later(2, "16:20")
    desk = stage.guest(person.email, "consent")
    answers, ground = _answered(desk, person.declines)
    if person.form == "link":
        filled = consent_signing.Filled(
            *(ground.next_seq, ground.text_hash, ground.sheet_id, answers), name=person.name
        )
        consent_signing.sign(desk, filled)
        return participant_id
    consent_id = _on_paper(stage, person, participant_id, answers)
    if person.form == "paper":
        yield stage.clock.later(1, "09:10")
        consent_check.verify(stage.desk("ravi"), consent_id)
    return participant_id


def _answered(desk: Desk, declines: frozenset[str]) -> tuple[dict[str, str], Ground]:
    """Every statement of the form answered, and what the form rests on."""
    ground = consent_form.open_form(desk).ground
    codes = [each.code for each in ground.form.statements] if ground.form else []
    return {code: "decline" if code in declines else "agree" for code in codes}, ground


def _on_paper(
    stage: Stage, person: Person, participant_id: UUID, answers: Mapping[str, str]
) -> UUID:
    """The interviewer takes the paper, sends its scan and enters what stands there."""
    ivan, code = stage.desk("ivan"), stage.code(participant_id)
    scan = a_paper(person.name, answers)
    scan_id = consent_paper.take_scan(ivan, code, [scan], len(scan))
    now = stage.clock()
    paper = consent_paper.Paper(answers, now.date(), now)
    return consent_paper.enter(ivan, scan_id, code, paper)


# -- interviews ---------------------------------------------------------------------------


def scheduled(stage: Stage, person: Person, *, at: datetime | None = None) -> Piece:
    """The recruiter plans, the interviewer accepts. Returns the interview's id."""
    participant_id = yield from consented(stage, person)
    yield stage.clock.later(1, "10:15")
    starts_at = at or stage.clock.later(2, "15:00")
    plan = Plan(person.mode, stage.member("ivan"), starts_at, place=person.place)
    planned = interviews.plan(stage.desk("rita"), participant_id, plan)
    yield stage.clock.later(0, "13:30")
    interviews.confirm(stage.desk("ivan"), planned.interview_id, relationship="none")
    return planned.interview_id


def interviewed(stage: Stage, person: Person) -> Piece:
    """They talk, and the interviewer keeps a note. Returns the interview's id."""
    interview_id = yield from scheduled(stage, person)
    yield stage.clock.later(2, "15:00")
    ivan = stage.desk("ivan")
    interviews_held.start(ivan, interview_id, Check("yes", "yes"))
    yield stage.clock() + timedelta(minutes=person.minutes)
    ending = Ending("completed", "home", "no", stage.version_in_use("topic_guide"))
    interviews_held.end(ivan, interview_id, ending)
    interviews_held.log(ivan, interview_id, "field_note", person.note)
    if person.log:
        interviews_held.log(ivan, interview_id, "interview_log", person.log)
    if person.distress:
        incident_id = incidents.report(
            ivan, "distress", person.distress, interview_id=interview_id
        )
        yield stage.clock() + timedelta(minutes=30)
        says = "Rita rings her tomorrow and offers the list of places that give support."
        incidents.decide(stage.desk("petra"), incident_id, "triaged", says)
    return interview_id
