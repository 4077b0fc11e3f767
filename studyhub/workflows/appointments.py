"""Letters about an appointment: offered, agreed, moved, cancelled, with its calendar entry.

Who may write depends on the person's wishes alone, which are plain; the address comes from the
card, the call sheet or the capsule of the person's own link, whichever the actor can open.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from studyhub.domain import calendar, letter_texts
from studyhub.domain.interviews import LASTS
from studyhub.domain.letter_texts import AppointmentLetter
from studyhub.domain.recruitment import SafeContact, Sending, why_not
from studyhub.domain.safe_hours import SafeHours
from studyhub.domain.vocabulary import Side
from studyhub.mail import attachment
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact
from studyhub.store.users import Membership, Study, User
from studyhub.workflows import letters, links
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.links import About, Capsule
from studyhub.workflows.people import side_of
from studyhub.workflows.post import Outgoing, refuse_sensitive, rendered, to_holder
from studyhub.workflows.protocol_periods import in_use_at

APPOINTMENT = "appointment"
LINK = "interview"
# What a new link of this kind does not replace.
KEPT = frozenset(
    {
        *("opt_out", "withdraw", "copy", "page", "interest", "sheet", "questions"),
        "consent",
    }
)
MODES = {"telephone": "by phone", "video": "by video call", "in_person": "in person"}
_LOST = ("cancelled", "suppressed", "bounced_hard", "bounced_final")


@dataclass(frozen=True)
class Reach:
    """Whom a letter is for, as the actor knows them."""

    participant_id: UUID
    name: str
    to: str
    language: str
    hours: SafeHours | None = None


def why_no_letter(work: Work, reach: Reach, *, link: bool) -> str:
    """Why nobody may write about an appointment, in plain words; or nothing (invariant 20)."""
    row = work.session.get_one(Contact, reach.participant_id)
    wishes = SafeContact(
        by_email=row.by_email,
        mailbox_private=row.mailbox_private,
        opted_out=row.opted_out_at is not None,
    )
    if not reach.to:
        return "There is no e-mail address for this person"
    return why_not(wishes, "email", Sending(APPOINTMENT, holds_link=link))


def new_link(work: Work, reach: Reach, shows: list[OpenKey]) -> str:
    """The person's link for choosing and changing a time, in the place of an earlier one."""
    links.revoke(work, reach.participant_id, keep=KEPT)
    study = work.session.get_one(Study, work.study)
    return links.make_link(
        work,
        About(side_of(work, reach.participant_id, Side.CONTACT), reach.participant_id),
        (LINK,),
        Capsule(reach.name, reach.to, reach.language),
        shows=shows,
        days=int(study.settings["link_days"]),
    )


def offer(
    work: Work, interview: Interview, reach: Reach, times: list[datetime], link: str
) -> UUID:
    """Queue the letter that offers several times."""
    study = work.session.get_one(Study, work.study)
    zone = study.time_zone
    letter = letter_texts.offer_of_times(
        name=reach.name,
        study=study.neutral_name,
        sender=_sender(work, interview),
        times=[in_words(each, zone) for each in sorted(times)],
        zone=place_name(zone),
        address=link,
    )
    return _post(work, reach, Outgoing(APPOINTMENT, letter.subject, letter.text))


def agreed(work: Work, interview: Interview, reach: Reach, zone: str, link: str) -> UUID | None:
    """Queue the letter about a time that was agreed or moved; None where none may be sent.

    Where others read the person's mail it is a short one, without link and calendar.
    """
    if why_no_letter(work, reach, link=False):
        return None
    told = _told(work, interview, reach, zone)
    version = in_use_at(work.session, work.study, "confirmation", reach.language, work.now)
    if not link or version is None:
        short = letter_texts.appointment(told)
        return _post(work, reach, Outgoing(APPOINTMENT, short.subject, short.text))
    values = {
        "name": told.name,
        "study": told.study,
        "recruiter": told.sender,
        "time": told.time,
        "mode": told.mode,
        "link": link,
    }
    subject, text = rendered(version.body, values)
    letter = Outgoing(
        APPOINTMENT,
        subject,
        text,
        version.id,
        attachments=(_entry(work, interview, reach, "REQUEST"),),
    )
    return _post(work, reach, letter)


def cancelled(work: Work, interview: Interview, reach: Reach, zone: str) -> UUID | None:
    """Queue the cancellation of an appointment that the person was told of (invariant 56)."""
    if why_no_letter(work, reach, link=False) or interview.planned_at is None:
        return None
    letter = letter_texts.cancellation(_told(work, interview, reach, zone))
    private = not why_no_letter(work, reach, link=True)
    files = (_entry(work, interview, reach, "CANCEL"),) if private else ()
    return _post(
        work, reach, Outgoing("cancellation", letter.subject, letter.text, attachments=files)
    )


def take_back(work: Work, interview: Interview) -> bool:
    """Cancel what waits about an appointment. Returns whether a letter went out before."""
    letters.happened(work, interview.participant_id, "interview_changed")
    sent = select(Letter.id).where(
        Letter.participant_id == interview.participant_id,
        Letter.purpose == APPOINTMENT,
        Letter.state.not_in(_LOST),
    )
    return work.session.scalar(sent.limit(1)) is not None


def in_words(at: datetime, zone: str) -> str:
    """An instant as a letter says it: Thursday 19 November 2026, 14:00."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"


def place_name(zone: str) -> str:
    """A time zone as people call it: London, for Europe/London."""
    return zone.rpartition("/")[2].replace("_", " ")


def _told(work: Work, interview: Interview, reach: Reach, zone: str) -> AppointmentLetter:
    study = work.session.get_one(Study, work.study)
    at, zone = interview.planned_at or work.now, zone or study.time_zone
    return AppointmentLetter(
        name=reach.name,
        study=study.neutral_name,
        sender=_sender(work, interview),
        time=f"{in_words(at, zone)} ({place_name(zone)} time)",
        mode=MODES[interview.mode],
    )


def _sender(work: Work, interview: Interview) -> str:
    """Who writes: whoever acts, or the interviewer where the person chose by link."""
    user_id = work.actor.user_id
    if user_id is None and interview.interviewer_id is not None:
        user_id = work.session.get_one(Membership, interview.interviewer_id).user_id
    return work.session.get_one(User, user_id).name if user_id else ""


def _entry(work: Work, interview: Interview, reach: Reach, method: str) -> dict[str, str]:
    at, summary = interview.planned_at or work.now, calendar.summary_of(interview.mode)
    refuse_sensitive(work, summary)
    entry = calendar.Entry(
        uid=interview.calendar_uid,
        sequence=interview.calendar_sequence,
        starts_at=at,
        ends_at=at + LASTS,
        written_at=work.now,
        organizer=parseaddr(work.hub.settings.mail_from)[1],
        attendee=reach.to,
        summary=summary,
    )
    write = calendar.invitation if method == "REQUEST" else calendar.cancellation
    return attachment(calendar.FILE_NAME, calendar.media_type(method), write(entry).encode())


def _post(work: Work, reach: Reach, letter: Outgoing) -> UUID:
    shred = side_of(work, reach.participant_id, Side.CONTACT)
    letter = replace(letter, hours=reach.hours)
    return to_holder(work, reach.participant_id, shred, reach.to, letter)


def language_of(work: Work, participant_id: UUID) -> str:
    """The language in which a participant is written to."""
    return work.session.get_one(Participant, participant_id).language
