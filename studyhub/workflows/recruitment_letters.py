"""Invitations and reminders: from the version in use, one letter to one person, not too often.

A letter waits ten minutes, so that it can be taken back. Its own link leads to interest, sheet
and questions; its stop link works until the study ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from studyhub.domain.documents import Number
from studyhub.domain.errors import Erased, Held, Invalid, NotFound, NotPermitted, WrongState
from studyhub.domain.recruitment import Sending, reminder_from, reminders_left, why_not
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import DocumentGiven, DocumentVersion, Participant
from studyhub.store.people import Approach
from studyhub.store.users import Study, User
from studyhub.workflows import letters, post
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.links import About, Capsule, make_link
from studyhub.workflows.people import OpenCard, code_of, read_card, refuse_erased
from studyhub.workflows.post import Outgoing
from studyhub.workflows.protocol import need_approval
from studyhub.workflows.protocol_periods import need_effective
from studyhub.workflows.whereabouts import whereabouts_of

MAY_TAKE_BACK = timedelta(minutes=10)
KINDS = ("invitation", "reminder")
LINK_OPENS = ("interest", "sheet", "questions")
# What stands in a preview where each person's own address will be.
OWN_LINK = "https://own-link.invalid"
OWN_STOP_LINK = "https://own-stop-link.invalid"
_BEFORE_AN_ANSWER = frozenset({"listed", "approached"})


@dataclass(frozen=True)
class Preview:
    """One letter as it would be, or why it is not sent."""

    participant_id: UUID
    code: str
    name: str = field(repr=False)
    address: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    version: str = ""
    refused: str = ""


@dataclass(frozen=True)
class Sent:
    """What became of sending to one of several people."""

    participant_id: UUID
    letter_id: UUID | None = None
    refused: str = ""
    code: str = ""


# -- sending -----------------------------------------------------------------------


@action(Act.INVITATION_SEND)
def invite(work: Work, participant_id: UUID) -> UUID:
    """Queue the invitation in use to one person. WrongState says why not."""
    return _send(work, participant_id, "invitation")


@action(Act.REMINDER_SEND)
def remind(work: Work, participant_id: UUID) -> UUID:
    """Queue the reminder in use to one person, if the protocol allows one more."""
    return _send(work, participant_id, "reminder")


def send_each(desk: Desk, kind: str, participant_ids: Sequence[UUID]) -> list[Sent]:
    """Send to several people, each in an act of its own: one refused stops no other."""
    send: Callable[[Desk, UUID], UUID] = invite if kind == "invitation" else remind
    told = []
    for participant_id in dict.fromkeys(participant_ids):
        try:
            told.append(Sent(participant_id, send(desk, participant_id)))
        except (WrongState, Invalid, Erased, Held) as no:
            code = code_of(desk, participant_id)
            told.append(Sent(participant_id, refused=_in_words(no), code=code))
    return told


def _send(work: Work, participant_id: UUID, kind: str) -> UUID:
    person, version, nth = _ready(work, work.load(Participant, participant_id), kind)
    study = work.session.get_one(Study, work.study)
    about = About(person.key.shred_id, participant_id)
    capsule = Capsule(person.card.name, person.card.email, person.language, person.hours)
    link = make_link(work, about, LINK_OPENS, capsule, days=study.settings["link_days"])
    stop = make_link(work, about, ["opt_out"], capsule)
    subject, text = post.rendered(version.body, _values(work, person, link, stop))
    letter = Outgoing(
        kind,
        subject,
        text,
        version.id,
        stop=stop,
        holds_link=True,
        not_before=work.now + MAY_TAKE_BACK,
    )
    letter_id = post.to_participant(work, person, letter)
    _note_approach(work, person, version, kind, nth)
    number = str(Number(version.major, version.minor))
    work.note(version=number, letter=str(letter_id), kind=kind)
    return letter_id


def _ready(
    work: Work, participant: Participant, kind: str
) -> tuple[OpenCard, DocumentVersion, int]:
    """Everything that must hold before a letter is written; WrongState with the first no."""
    refuse_erased(participant)
    need_approval(work.session, work.study, work.now + MAY_TAKE_BACK)
    version = need_effective(work.session, work.study, kind, participant.language, work.now)
    nth = _nth(work, participant.id, kind)
    person = read_card(work, participant.id)
    refused = why_not(person.wishes, "email", Sending(kind, holds_link=True))
    if refused:
        raise WrongState(refused)
    if not person.card.email:
        raise WrongState("There is no e-mail address for this person")
    return person, version, nth


def _nth(work: Work, participant_id: UUID, kind: str) -> int:
    """The number of this approach; WrongState where there may be none (invariants 18, 21)."""
    stage = whereabouts_of(work.session, work.study, work.now, participant_id).stage
    if stage.is_exit or stage.name not in _BEFORE_AN_ANSWER:
        raise WrongState("This person has answered already, or left")
    made = list(
        work.session.scalars(select(Approach).where(Approach.participant_id == participant_id))
    )
    invited = [
        approach
        for approach in made
        if approach.purpose == "invitation" and approach.outcome != "bounced"
    ]
    if kind == "invitation":
        if invited:
            raise WrongState("This person was invited already")
        return 1
    if not invited:
        raise WrongState("This person was not invited yet")
    if any(approach.outcome == "replied" for approach in made):
        raise WrongState("This person has replied already")
    return _nth_reminder(work, made)


def _nth_reminder(work: Work, made: Sequence[Approach]) -> int:
    """As many as the protocol has, over all senders, and as far apart (invariant 18)."""
    study = work.session.get_one(Study, work.study)
    most, days = study.settings["reminders_max"], study.settings.get("reminder_days", 0)
    purposes = [approach.purpose for approach in made]
    if not reminders_left(purposes, most):
        raise WrongState(f"The protocol allows {most} reminder{'' if most == 1 else 's'}")
    earliest = reminder_from(
        (approach.at for approach in made if approach.purpose in KINDS), days
    )
    if earliest is not None and work.now < earliest:
        day = earliest.astimezone(ZoneInfo(study.time_zone))
        raise WrongState(f"The protocol allows a reminder from {day:%-d %B, %H:%M}")
    return purposes.count("reminder") + 1


def _values(work: Work, person: OpenCard, link: str, stop: str) -> dict[str, str]:
    """What fills the open places of a letter. The study has its neutral name here."""
    study = work.session.get_one(Study, work.study)
    if work.actor.user_id is None:
        raise NotPermitted("nobody writes this letter")
    return {
        "name": person.card.name,
        "study": study.neutral_name,
        "recruiter": work.session.get_one(User, work.actor.user_id).name,
        "link": link,
        "stop_link": stop,
    }


def _note_approach(
    work: Work, person: OpenCard, version: DocumentVersion, kind: str, nth: int
) -> None:
    if work.actor.membership_id is None:
        raise NotPermitted("nobody approaches")
    by = {"at": work.now, "by_id": work.actor.membership_id}
    about = {"participant_id": person.participant_id, "version_id": version.id}
    work.session.add(Approach(purpose=kind, nth=nth, channel="email", **about, **by))
    work.session.add(
        DocumentGiven(channel="email", given_at=by["at"], by_id=by["by_id"], **about)
    )
    work.session.flush()


# -- looking first -----------------------------------------------------------------


@action(Act.LETTER_PREVIEW)
def preview(work: Work, kind: str, participant_ids: Sequence[UUID]) -> list[Preview]:
    """Every letter as it would be, with who is left out and why. Nothing is changed."""
    if kind not in KINDS:
        raise Invalid({"kind": "Choose a letter"})
    work.claim_all("letter")
    work.note(kind=kind, count=len(participant_ids))
    return [_preview(work, kind, each) for each in dict.fromkeys(participant_ids)]


def _preview(work: Work, kind: str, participant_id: UUID) -> Preview:
    participant = work.session.get(Participant, participant_id)
    if participant is None or participant.study_id != work.study:
        raise NotFound("participant")
    code, name = participant.code, ""
    try:
        name = read_card(work, participant_id).card.name
        person, version, _ = _ready(work, participant, kind)
        values = _values(work, person, OWN_LINK, OWN_STOP_LINK)
        subject, text = post.rendered(version.body, values)
        post.refuse_sensitive(work, subject)
    except (WrongState, Invalid, Erased, Held) as no:
        return Preview(participant_id, code, name, refused=_in_words(no))
    number = str(Number(version.major, version.minor))
    return Preview(participant_id, code, name, person.card.email, subject, text, number)


def _in_words(no: Exception) -> str:
    if isinstance(no, Invalid):
        return "; ".join(no.problems.values())
    if isinstance(no, Erased):
        return "The data of this person was erased"
    return str(no)


# -- taking back -------------------------------------------------------------------


def take_back_each(desk: Desk, letter_ids: Sequence[UUID]) -> int:
    """Take back those of several letters that have not left. Returns how many."""
    done = 0
    for letter_id in dict.fromkeys(letter_ids):
        try:
            letters.take_back(desk, letter_id)
        except WrongState:
            continue
        done += 1
    return done
