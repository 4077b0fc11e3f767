"""Letters: rendered and sealed in the request of whoever may see the address.

A queued letter is cancelled, never altered. Letters to team members name codes only; the
address of a team member is no secret of the study.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.config import Settings
from studyhub.domain import letter_texts
from studyhub.domain.documents import letter_of, sensitive_in, subject_of
from studyhub.domain.errors import Invalid, WrongState
from studyhub.domain.placeholders import fill, fill_markdown, placeholders_in
from studyhub.domain.recruitment import Sending, cancel_when, why_not
from studyhub.domain.rendering import to_text
from studyhub.domain.safe_hours import SafeHours
from studyhub.domain.vocabulary import Side
from studyhub.store.outbox import Letter
from studyhub.store.users import Membership, Study, User, UserToken
from studyhub.vault.seal import pack
from studyhub.vault.words import new_token, token_hash
from studyhub.workflows.kernel import Work
from studyhub.workflows.people import OpenCard

JOIN_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(minutes=30)


def to_staff(work: Work, person: User, purpose: str, subject: str, text: str) -> None:
    """Queue a letter to a team member, sealed to the mailer under a shred key of its own."""
    bounce, _ = new_token()
    letter = Letter(
        id=uuid4(),
        user_id=person.id,
        purpose=purpose,
        not_before=work.now,
        cancel_when=[],
        shred_id=work.vault.new_shred(Side.STUDY, work.now.date()),
        bounce_hash=token_hash(bounce),
        by_id=work.actor.membership_id,
    )
    body = _plain(person.email, subject, text, bounce)
    letter.body_sealed = work.vault.seal_letter(letter, pack(body))
    work.session.add(letter)


@dataclass(frozen=True)
class Outgoing:
    """A finished letter to a participant, before it is sealed.

    ``stop`` is the one-click opt-out address of recruitment mail (RFC 8058).
    """

    purpose: str
    subject: str
    text: str
    version_id: UUID | None = None
    stop: str = ""
    holds_link: bool = False
    not_before: datetime | None = None
    hours: SafeHours | None = None
    attachments: tuple[Mapping[str, str], ...] = ()


def to_participant(work: Work, person: OpenCard, letter: Outgoing) -> UUID:
    """Queue a letter to a participant, sealed to the mailer under their contact shred key.

    WrongState where their wishes forbid it (invariant 20); Invalid where the subject holds a
    sensitive term of the study (invariant 19).
    """
    sending = Sending(
        letter.purpose,
        holds_link=letter.holds_link,
        holds_attachment=bool(letter.attachments),
    )
    refused = why_not(person.wishes, "email", sending)
    if refused or not person.card.email:
        raise WrongState(refused or "There is no e-mail address for this person")
    return _queue(
        work,
        replace(letter, hours=person.hours),
        person.card.email,
        person.key.shred_id,
        participant_id=person.participant_id,
    )


def to_expression(
    work: Work, expression_id: UUID, shred_id: UUID, address: str, letter: Outgoing
) -> UUID:
    """Queue a letter to somebody who is no participant yet, under their expression's key."""
    return _queue(work, letter, address, shred_id, expression_id=expression_id)


def to_holder(
    work: Work, participant_id: UUID, shred_id: UUID, address: str, letter: Outgoing
) -> UUID:
    """Queue a letter to who acts by their own link, to the address in its capsule.

    Whether it may be written at all is asked before: no card is opened here, so the hours in
    which it may arrive come from the capsule as well.
    """
    return _queue(work, letter, address, shred_id, participant_id=participant_id)


def _queue(work: Work, letter: Outgoing, address: str, shred_id: UUID, **about: UUID) -> UUID:
    refuse_sensitive(work, letter.subject)
    for attachment in letter.attachments:
        refuse_sensitive(work, attachment["name"])
    bounce, _ = new_token()
    row = Letter(
        id=uuid4(),
        study_id=work.study,
        **about,
        purpose=letter.purpose,
        version_id=letter.version_id,
        not_before=_leaves(work, letter),
        cancel_when=cancel_when(letter.purpose),
        shred_id=shred_id,
        bounce_hash=token_hash(bounce),
        by_id=work.actor.membership_id,
    )
    body = _plain(address, letter.subject, letter.text, bounce)
    body["headers"] = _headers(work, letter)
    body["hours"] = letter.hours.written if letter.hours else None
    body["attachments"] = list(letter.attachments)
    row.body_sealed = work.vault.seal_letter(row, pack(body))
    work.session.add(row)
    work.session.flush()
    return row.id


def _leaves(work: Work, letter: Outgoing) -> datetime:
    """When a letter may leave: outside the person's hours it waits for them (invariant 20)."""
    at = letter.not_before or work.now
    return letter.hours.next(at) if letter.hours else at


def refuse_sensitive(work: Work, subject: str) -> None:
    """Invalid where subject or sender hold a sensitive term of the study (invariant 19)."""
    terms = work.session.get_one(Study, work.study).settings["sensitive_terms"]
    shown = {"subject": subject, "sender": work.hub.settings.mail_from}
    for part, text in shown.items():
        found = sensitive_in(text, terms)
        if found:
            raise Invalid({part: f"The {part} must not contain: {', '.join(found)}"})


def _headers(work: Work, letter: Outgoing) -> dict[str, str]:
    headers = stop_headers(work.hub.settings, letter.stop) if letter.stop else {}
    if work.actor.user_id is not None:
        headers["Reply-To"] = work.session.get_one(User, work.actor.user_id).email
    return headers


def stop_headers(settings: Settings, stop: str) -> dict[str, str]:
    """How a mail program stops letters by one click, or by a letter (RFC 8058, RFC 2369)."""
    ways = [f"<{stop}>"]
    if settings.stop_address:
        name, _, host = settings.stop_address.partition("@")
        ways.append(f"<mailto:{name}+{stop.rpartition('/')[2]}@{host}>")
    return {
        "List-Unsubscribe": ", ".join(ways),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _plain(to: str, subject: str, text: str, bounce: str) -> dict[str, Any]:
    """What the mailer needs to send a letter. ``bounce`` names it to servers that return it."""
    return {
        "to": to,
        "subject": subject,
        "text": text,
        "headers": {},
        "html": None,
        "attachments": [],
        "bounce": bounce,
    }


@dataclass(frozen=True)
class Stopping:
    """Somebody who wants no more letters."""

    name: str
    address: str
    participant_id: UUID | None = None
    expression_id: UUID | None = None


def confirm_opt_out(work: Work, person: Stopping, *, origin: str, everywhere: bool) -> UUID:
    """Queue the one confirmation of an opt-out."""
    study = work.session.get_one(Study, work.study)
    told = letter_texts.stopped(
        name=person.name, study=study.neutral_name, everywhere=everywhere
    )
    letter = Outgoing("suppression_confirmed", told.subject, told.text)
    return to_leave_last(work, person, letter, origin=origin, everywhere=everywhere)


def to_leave_last(
    work: Work, person: Stopping, letter: Outgoing, *, origin: str, everywhere: bool = False
) -> UUID:
    """Queue a letter that outlives the keys of its person, under a shred key of its own.

    Where ``origin`` says why no other follows, the mailer gets with it the address whose tag it
    keeps; nobody else can compute that tag.
    """
    bounce, _ = new_token()
    row = Letter(
        id=uuid4(),
        study_id=work.study,
        participant_id=person.participant_id,
        expression_id=person.expression_id,
        purpose=letter.purpose,
        not_before=letter.not_before or work.now,
        cancel_when=[],
        shred_id=work.vault.new_shred(Side.STUDY, work.now.date()),
        bounce_hash=token_hash(bounce),
        by_id=work.actor.membership_id,
    )
    body = _plain(person.address, letter.subject, letter.text, bounce)
    body["hours"] = letter.hours.written if letter.hours else None
    if origin:
        asked = {"everywhere": everywhere, "origin": origin, "at": work.now.isoformat()}
        body["suppress"] = asked
    row.body_sealed = work.vault.seal_letter(row, pack(body))
    work.session.add(row)
    work.session.flush()
    return row.id


def rendered(body: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Subject and plain text of a mail, from the body of its version in use (invariant 6)."""
    subject, text = subject_of(body), letter_of(body)
    return fill(subject, _used(subject, values)), to_text(
        fill_markdown(text, _used(text, values))
    )


def _used(text: str, values: Mapping[str, str]) -> dict[str, str]:
    return {name: values[name] for name in placeholders_in(text) if name in values}


def to_everybody(work: Work, study_id: UUID, subject: str, text: str) -> None:
    """Queue a notice to every active member of a study."""
    active = select(Membership.user_id).where(
        Membership.study_id == study_id, Membership.state == "active"
    )
    for person in work.session.scalars(select(User).where(User.id.in_(active))):
        to_staff(work, person, "staff_notice", subject, text)


def ask_to_join(work: Work, person: User, where: str) -> str:
    """Send the link by which a person sets their first password. Returns its address."""
    address = _address(work, person, "join")
    text = (
        f"Dear {person.name},\n\nyou are asked to join {where} in StudyHub.\n\n"
        f"Set your password here, within seven days:\n\n{address}\n\n"
        f"You sign in as: {person.login}\n\n"
        "If you did not expect this letter, do nothing.\n"
    )
    to_staff(work, person, "staff_join", "Set your password", text)
    return address


def ask_to_reset(work: Work, person: User) -> str:
    """Send the link by which a person sets a new password. Returns its address."""
    address = _address(work, person, "reset")
    text = (
        f"Dear {person.name},\n\nset a new password here, within 30 minutes:\n\n{address}\n\n"
        "Have your recovery code at hand: with it nothing is lost. Without it, a principal\n"
        "investigator has to give you access again.\n\n"
        "If you did not ask for this, tell your operator.\n"
    )
    to_staff(work, person, "staff_reset", "Set a new password", text)
    return address


def _address(work: Work, person: User, purpose: str) -> str:
    """A new single-use address; only the hash of its token is kept."""
    token, _ = new_token()
    lasts = JOIN_LASTS if purpose == "join" else RESET_LASTS
    work.session.add(
        UserToken(
            user_id=person.id,
            purpose=purpose,
            token_hash=token_hash(token),
            made_at=work.now,
            expires_at=work.now + lasts,
        )
    )
    return f"{work.hub.settings.public_url}/{purpose}/{token}"
