"""What an interviewer needs to reach one person, sealed for them with an end.

It lies under a data key of its own: to ``contact``, to the interviewer until the window closes,
and, while times are offered, to the person's own link, so that they can hand it on by choosing.
"""

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, select

from studyhub.domain.errors import HouseRuleBroken, NotFound
from studyhub.domain.interviews import window
from studyhub.domain.safe_hours import SafeHours, safe_hours
from studyhub.domain.vocabulary import Compartment, Side
from studyhub.store.interviews import CallSheet, Interview
from studyhub.store.keys import DataKey, DataKeyGrant
from studyhub.store.users import Membership, Study
from studyhub.workflows.kernel import Work
from studyhub.workflows.keyring import OpenKey
from studyhub.workflows.people import OpenCard, side_of
from studyhub.workflows.proofs import certificate_of
from studyhub.workflows.sealing import open_with, seal_column


@dataclass(frozen=True)
class Sheet:
    """How to reach a person safely. ``to`` is for letters about it; no page shows it."""

    first: str
    phone: str = ""
    place: str = ""
    safe_contact: str = ""
    safe_from: str = ""
    safe_until: str = ""
    zone: str = ""
    to: str = ""

    def hours(self, zone: str) -> SafeHours | None:
        """When of each day they may be reached."""
        return safe_hours(self.safe_from, self.safe_until, zone)


@dataclass(frozen=True)
class OpenSheet:
    """A call sheet in the memory of one act, with its key."""

    row: CallSheet
    sheet: Sheet
    key: OpenKey = field(repr=False)


def sheet_of(person: OpenCard, *, place: str, zone: str) -> Sheet:
    """What of a card an interviewer may know: no family name, no address of a home."""
    card = person.card
    return Sheet(
        first=card.name.split()[0] if card.name.split() else "",
        phone=card.phone if person.wishes.by_telephone or not card.email else "",
        place=place,
        safe_contact=card.safe_contact,
        safe_from=card.safe_from,
        safe_until=card.safe_until,
        zone=zone,
        to=card.email,
    )


def new_sheet(work: Work, interview: Interview, sheet: Sheet, times: list[datetime]) -> OpenKey:
    """Seal a call sheet in the place of an earlier one; its window spans all these times.

    The interviewer gets it only once a time was agreed.
    """
    drop(work, interview)
    shred = side_of(work, interview.participant_id, Side.CONTACT)
    key = work.vault.new_data_key(Compartment.CONTACT, shred)
    hours = work.session.get_one(Study, work.study).settings["call_sheet_hours"]
    row = CallSheet(
        id=uuid4(),
        interview_id=interview.id,
        data_key_id=key.id,
        visible_from=window(min(times), hours)[0],
        visible_until=window(max(times), hours)[1],
    )
    seal_column(work, key, row, "body_sealed", interview.participant_id, **asdict(sheet))
    work.session.add(row)
    work.session.flush()
    if interview.planned_at is not None:
        give(work, interview, key, row.visible_until)
    return key


def agree(work: Work, interview: Interview, opened: OpenSheet, *, keeps_place: bool) -> None:
    """A time was chosen: narrow the window to it, and let the interviewer have the sheet."""
    if interview.planned_at is None:
        raise HouseRuleBroken("no time was agreed")
    hours = work.session.get_one(Study, work.study).settings["call_sheet_hours"]
    row = opened.row
    row.visible_from, row.visible_until = window(interview.planned_at, hours)
    if not keeps_place:
        sheet = replace(opened.sheet, place="")
        who = interview.participant_id
        seal_column(work, opened.key, row, "body_sealed", who, **asdict(sheet))
    give(work, interview, opened.key, row.visible_until)


def give(work: Work, interview: Interview, key: OpenKey, until: datetime) -> None:
    """Grant the sheet to the one interviewer of it, with an end."""
    member = work.session.get(Membership, interview.interviewer_id)
    certificate = certificate_of(member) if member else None
    if certificate is None:
        raise HouseRuleBroken("an interviewer without a certificate")
    work.vault.grant_data_key(key, certificate, until)
    work.session.flush()


def row_of(work: Work, interview: Interview) -> CallSheet:
    """The call sheet of an interview. NotFound where there is none any more."""
    found = work.session.scalar(select(CallSheet).where(CallSheet.interview_id == interview.id))
    if found is None:
        raise NotFound("call sheet")
    return found


def open_sheet(work: Work, interview: Interview) -> OpenSheet:
    """Open the call sheet of an interview, by whatever key the actor has to it."""
    row = row_of(work, interview)
    key = work.vault.data_key(row.data_key_id)
    values = open_with(work, key, row, "body_sealed", interview.participant_id)
    return OpenSheet(row, Sheet(**values), key)


def refresh(work: Work, person: OpenCard) -> None:
    """Bring a changed card onto the call sheets of appointments that stand."""
    rows = work.session.scalars(
        select(Interview)
        .join(CallSheet, CallSheet.interview_id == Interview.id)
        .where(Interview.participant_id == person.participant_id, Interview.ended_at.is_(None))
    )
    for interview in rows.all():
        opened = open_sheet(work, interview)
        sheet = sheet_of(person, place=opened.sheet.place, zone=opened.sheet.zone)
        who = person.participant_id
        seal_column(work, opened.key, opened.row, "body_sealed", who, **asdict(sheet))


def drop(work: Work, interview: Interview) -> None:
    """Take a call sheet away from everybody."""
    rows = select(CallSheet).where(CallSheet.interview_id == interview.id)
    for row in work.session.scalars(rows).all():
        work.session.execute(
            delete(DataKeyGrant).where(DataKeyGrant.data_key_id == row.data_key_id)
        )
        work.session.delete(row)
        work.session.flush()
        work.session.execute(delete(DataKey).where(DataKey.id == row.data_key_id))
