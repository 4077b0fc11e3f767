"""Contacts: added with their source, opened, changed, and what came of calling them."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select

from studyhub.domain.errors import Invalid, NotPermitted
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_course import EXPRESSION, choosing
from studyhub.domain.safe_hours import safe_hours
from studyhub.domain.vocabulary import Act, Compartment, Role, Side
from studyhub.domain.words import CHANNELS
from studyhub.store.consent import Participant
from studyhub.store.people import Approach, Contact, Source
from studyhub.store.users import Study
from studyhub.workflows import call_sheets, letters
from studyhub.workflows.contact_checks import Wanted, checked
from studyhub.workflows.contact_story import Given, Happened, given_to, story_of
from studyhub.workflows.expressions import newest_of
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.people import (
    Card,
    OpenCard,
    index_email,
    new_card,
    new_participant,
    read_card,
    refuse_erased,
    write_card,
)
from studyhub.workflows.register import write_register
from studyhub.workflows.sealing import open_column, seal_column
from studyhub.workflows.whereabouts import Whereabouts, whereabouts_of

# Why a PI opened a contact; from the list of reason codes.
READ_REASONS = ("person_asked", "protocol", "committee", "law", "quality", "other")
OUTCOMES = ("replied", "declined", "no_reply")
_DECIDE = Act.EXPRESSION_DECIDE


@dataclass(frozen=True)
class ContactView:
    """An opened contact with where it came from."""

    opened: OpenCard = field(repr=False)
    source_kind: str
    source_label: str = field(repr=False)
    register_due: bool
    where: Whereabouts
    story: list[Happened]
    given: list[Given]


# -- adding ------------------------------------------------------------------------


def add(desk: Desk, wanted: Wanted) -> UUID:
    """Add a contact and write its names into the register. Returns the participant's id.

    Invalid names the code of whoever has this address already.
    """
    participant_id = add_card(desk, wanted)
    write_register(desk, participant_id)
    return participant_id


@action(Act.CONTACT_ADD)
def add_card(work: Work, wanted: Wanted) -> UUID:
    """Seal a new card. Its register entries are due until ``write_register``."""
    # Two recruiters with one address: the second waits here, and is told.
    study = work.session.get_one(Study, work.study, with_for_update=True)
    wanted = checked(work, wanted, None, study.settings["languages"])
    participant = new_participant(work, wanted.language)
    work.claim(participant)
    source_id = _source(work, wanted.source_kind, wanted.source_label)
    new_card(
        work,
        participant,
        wanted.card,
        by_email=wanted.by_email,
        mailbox_private=wanted.mailbox_private,
        source_id=source_id,
    )
    index_email(work, participant.id, wanted.card.email)
    work.note(kind=wanted.source_kind)
    return participant.id


def _source(work: Work, kind: str, label: str) -> UUID:
    """The source of these words: the row that is there, or a new one, sealed."""
    rows = select(Source).where(Source.study_id == work.study, Source.kind == kind)
    for row in work.session.scalars(rows):
        if _label(work, row) == label.strip():
            return row.id
    shred = work.vault.new_shred(Side.STUDY, work.now.date())
    key = work.vault.new_data_key(Compartment.CONTACT, shred)
    made = Source(id=uuid4(), study_id=work.study, kind=kind, data_key_id=key.id)
    seal_column(work, key, made, "label_sealed", work.study, label=label.strip())
    work.session.add(made)
    work.session.flush()
    return made.id


def _label(work: Work, row: Source) -> str:
    values = open_column(work, row.data_key_id, row, "label_sealed", work.study)
    return str(values["label"])


# -- opening and changing ----------------------------------------------------------


def read(desk: Desk, participant_id: UUID, *, reason: str = "") -> ContactView:
    """Open a contact; a recruiter's session writes register entries that are due."""
    found = read_contact(desk, participant_id, reason=reason)
    if found.register_due and desk.actor.role is Role.RECRUITER:
        write_register(desk, participant_id)
    return found


@action(Act.CONTACT_READ)
def read_contact(work: Work, participant_id: UUID, *, reason: str = "") -> ContactView:
    """Open a contact. A PI gives a reason of ``READ_REASONS``, which stays in the record."""
    participant = work.load(Participant, participant_id)
    if work.actor.role is Role.PI:
        if reason not in READ_REASONS:
            raise Invalid({"reason": "Choose why you open this contact"})
        work.note(reason=reason)
    work.note(code=participant.code)
    opened = read_card(work, participant_id)
    row = work.session.get_one(Contact, participant_id)
    source = work.session.get(Source, row.source_id) if row.source_id else None
    return ContactView(
        opened,
        source.kind if source else "",
        _label(work, source) if source else "",
        row.register_due,
        whereabouts_of(work.session, work.study, work.now, participant_id),
        story_of(work.session, participant_id),
        given_to(work.session, participant_id),
    )


def change(
    desk: Desk, participant_id: UUID, wanted: Wanted, *, channel: str = "telephone"
) -> int:
    """Change a contact and its register entries. Returns how many letters were cancelled.

    ``channel`` is how the person told us.
    """
    gone = change_card(desk, participant_id, wanted, channel)
    write_register(desk, participant_id)
    return gone


@action(Act.CONTACT_CHANGE)
def change_card(work: Work, participant_id: UUID, wanted: Wanted, channel: str) -> int:
    """Seal the changed card; cancel letters that break the new wishes (invariant 20)."""
    study = work.session.get_one(Study, work.study, with_for_update=True)
    participant = work.load(Participant, participant_id)
    refuse_erased(participant)
    if channel not in CHANNELS:
        raise Invalid({"channel": "Choose how they told you"})
    wanted = checked(work, wanted, participant_id, study.settings["languages"])
    opened = read_card(work, participant_id)
    narrower = _is_narrower(work, opened, wanted)
    if wanted.card.email != opened.card.email:
        _reached_nobody(work, participant_id)
    row = work.session.get_one(Contact, participant_id)
    row.by_email, row.mailbox_private = wanted.by_email, wanted.mailbox_private
    row.register_due = True
    participant.language = wanted.language
    write_card(work, opened, **_fields(wanted.card))
    index_email(work, participant_id, wanted.card.email)
    call_sheets.refresh(work, read_card(work, participant_id))
    gone = letters.happened(work, participant_id, "contact_changed") if narrower else 0
    work.note(code=participant.code, channel=channel, count=gone)
    return gone


def _is_narrower(work: Work, opened: OpenCard, wanted: Wanted) -> bool:
    """Whether letters that wait may break what is wished now (invariant 20)."""
    return (
        wanted.card.email != opened.card.email
        or (opened.wishes.by_email and not wanted.by_email)
        or (opened.wishes.mailbox_private and not wanted.mailbox_private)
        or _has_narrower_hours(work, opened, wanted.card)
    )


def _has_narrower_hours(work: Work, opened: OpenCard, card: Card) -> bool:
    zone = work.session.get_one(Study, work.study).time_zone
    hours = safe_hours(card.safe_from, card.safe_until, zone)
    return hours is not None and not hours.cover(opened.hours)


def _reached_nobody(work: Work, participant_id: UUID) -> None:
    """A letter that came back was no approach, now that there is another address."""
    work.session.execute(
        delete(Approach).where(
            Approach.participant_id == participant_id, Approach.outcome == "bounced"
        )
    )


def _fields(card: Card) -> dict[str, object]:
    return {name: getattr(card, name) for name in Card.__dataclass_fields__}


@action(Act.CONTACT_CALL)
def note_call(work: Work, participant_id: UUID, *, outcome: str, channel: str) -> None:
    """Record what came of a call or a meeting. A no, or any reply, ends what waits."""
    participant = work.load(Participant, participant_id)
    refuse_erased(participant)
    if outcome not in OUTCOMES:
        raise Invalid({"outcome": "Choose what came of it"})
    if channel not in ("telephone", "in_person", "post"):
        raise Invalid({"channel": "Choose how you spoke"})
    nth = select(func.count()).where(
        Approach.participant_id == participant_id, Approach.version_id.is_(None)
    )
    work.session.add(
        Approach(
            participant_id=participant_id,
            purpose="information",
            nth=(work.session.scalar(nth) or 0) + 1,
            channel=channel,
            outcome=outcome,
            at=work.now,
            by_id=_own_membership(work),
        )
    )
    work.session.flush()
    gone = letters.happened(work, participant_id, "replied") if outcome != "no_reply" else 0
    if outcome == "declined":
        gone += letters.happened(work, participant_id, "refused")
        _declines(work, participant_id)
    work.note(code=participant.code, channel=channel, answer=outcome, count=gone)


def _declines(work: Work, participant_id: UUID) -> None:
    """A no by telephone ends their expression of interest like a no by link."""
    row, act = newest_of(work.session, participant_id), choosing(_DECIDE, "declined")
    if row is not None and (row.state, act) in EXPRESSION:
        row.state = advance(row.state, act, EXPRESSION)


def _own_membership(work: Work) -> UUID:
    if work.actor.membership_id is None:
        raise NotPermitted("nobody's approach")
    return work.actor.membership_id
