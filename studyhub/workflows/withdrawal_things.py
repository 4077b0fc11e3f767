"""What there is of a person, by class and number: what a withdrawal covers, without any key.

Releases and what rests on them are found through the keystore and are only counted here: no
row and no event ever joins them to a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from studyhub.domain.deadlines import deadline_of, in_words, never_earlier
from studyhub.domain.lifecycle_material import INTERVIEW
from studyhub.domain.vocabulary import Side
from studyhub.store.analysis import Cell, CellQuote, Coding, Export, ExportItem
from studyhub.store.consent import Consent, DocumentVersion
from studyhub.store.interviews import Interview, Recording, Upload
from studyhub.store.keys import DataKey, SealedObject
from studyhub.store.outbox import Letter
from studyhub.store.people import Contact, Expression, Question
from studyhub.store.releases import Case, Release
from studyhub.store.transcripts import CaseNote, RegisterEntry, Transcript
from studyhub.store.users import Study
from studyhub.vault.threads import shreds_of
from studyhub.workflows.kernel import Work

# Interviews that are still to come.
TO_COME = tuple(state for state, act in INTERVIEW if act == "interview.cancel")
_NOTES = ("field_note", "interview_log", "attributes")
_LATER = (Side.CONTACT, Side.RELEASE)


def things_of(work: Work, participant_id: UUID) -> dict[str, int]:
    """How many there are of each class; classes of which there is nothing are left out."""
    releases = [row.id for row in their_releases(work, participant_id)]
    counted = {name: _count(work, *found) for name, found in _plain(participant_id).items()}
    counted |= {
        "recording": counted["recording"] + _count(work, *_arriving(participant_id)),
        "release": len(releases),
        "coding": _codings(work, releases),
        "quote": _count(work, CellQuote.coding_id, _on(releases)),
        "export": len(exports_of(work.session, releases)),
    }
    return {name: number for name, number in counted.items() if number}


def _plain(who: UUID) -> Mapping[str, tuple[Any, ColumnElement[bool]]]:
    """Where to count what hangs on a person or on their interviews."""
    mine = select(Interview.id).where(Interview.participant_id == who)
    kept = Recording.state.not_in(("rejected", "disposed"))
    notes = CaseNote.interview_id.in_(mine) | (CaseNote.participant_id == who)
    return {
        "recording": (Recording.id, Recording.interview_id.in_(mine) & kept),
        "transcript": (
            Transcript.id,
            Transcript.interview_id.in_(mine) & Transcript.data_key_id.is_not(None),
        ),
        "notes": (CaseNote.id, notes & CaseNote.kind.in_(_NOTES)),
        "register": (RegisterEntry.id, RegisterEntry.participant_id == who),
        "contact": (Contact.participant_id, Contact.participant_id == who),
        "letter": (Letter.id, Letter.participant_id == who),
        "question": (Question.id, Question.participant_id == who),
        "interview": (
            Interview.id,
            (Interview.participant_id == who) & Interview.state.in_(TO_COME),
        ),
    }


def their_releases(work: Work, participant_id: UUID) -> list[Release]:
    """Their releases, only looked at; ``projections`` locks them to change them."""
    shred_id = shreds_of(work.hub.keystore, participant_id).get(Side.RELEASE)
    wanted = select(Release).join(DataKey, DataKey.id == Release.data_key_id)
    return list(work.session.scalars(wanted.where(DataKey.shred_id == shred_id)))


def _arriving(who: UUID) -> tuple[Any, ColumnElement[bool]]:
    """Sound that is still being sent."""
    mine = select(Interview.id).where(Interview.participant_id == who)
    return Upload.id, Upload.interview_id.in_(mine) & (Upload.state == "receiving")


def _on(releases: list[UUID]) -> ColumnElement[bool]:
    return CellQuote.coding_id.in_(select(Coding.id).where(Coding.release_id.in_(releases)))


def _codings(work: Work, releases: list[UUID]) -> int:
    found = _count(work, Coding.id, Coding.release_id.in_(releases))
    labels = select(Release.label).where(Release.id.in_(releases))
    cells = Cell.case_id.in_(
        select(Case.id).where(Case.study_id == work.study, Case.label.in_(labels))
    )
    return found + _count(work, Cell.id, cells)


def _count(work: Work, column: Any, which: ColumnElement[bool]) -> int:
    return work.session.scalar(select(func.count(column)).where(which)) or 0


def exports_of(session: Session, releases: list[UUID]) -> list[Export]:
    """Every copy of these releases that was taken out."""
    wanted = (
        select(Export)
        .join(ExportItem, ExportItem.export_id == Export.id)
        .where(ExportItem.release_id.in_(releases))
    )
    return list(session.scalars(wanted.order_by(Export.made_at, Export.id)).unique())


# -- what was promised ------------------------------------------------------------------


@dataclass(frozen=True)
class Promise:
    """Until when the person could count on everything being erased, by the sheet they had.

    ``ends_at`` empty: what starts the clock has not happened, or they never signed.
    """

    rule: str
    ends_at: datetime | None


def promise_of(work: Work, participant_id: UUID) -> Promise:
    """The latest of all promises made to them, never earlier than one shown (invariant 68)."""
    zone = work.session.get_one(Study, work.study).time_zone
    signed = work.session.execute(
        select(Consent.deadline_at, DocumentVersion.deadline_rule)
        .join(DocumentVersion, DocumentVersion.id == Consent.sheet_version_id)
        .where(Consent.participant_id == participant_id, Consent.kind == "signed")
        .order_by(Consent.seq.desc())
    ).all()
    held, out = held_at(work, participant_id), _released_on(work, participant_id)
    found: list[datetime | None] = [
        never_earlier(shown, deadline_of(rule, zone, interviewed_at=held, released_on=out))
        for shown, rule in signed
        if rule
    ]
    words = next((in_words(rule) for _, rule in signed if rule), "")
    ends = [each for each in found if each is not None]
    return Promise(words, max(ends) if ends and None not in found else None)


def held_at(work: Work, participant_id: UUID) -> datetime | None:
    """When they were interviewed, the last time."""
    return work.session.scalar(
        select(func.max(Interview.ended_at)).where(Interview.participant_id == participant_id)
    )


def _released_on(work: Work, participant_id: UUID) -> date | None:
    """The day of the first release; found through the keystore, and kept nowhere."""
    return min((row.released_on for row in their_releases(work, participant_id)), default=None)


# -- what is destroyed ------------------------------------------------------------------


@dataclass(frozen=True)
class Doomed:
    """Shred keys to be destroyed, in their order, and the roots of the files under them."""

    shred_ids: tuple[UUID, ...]
    roots: tuple[str, ...]


def doomed(work: Work, participant_id: UUID, sides: Sequence[Side]) -> Doomed:
    """The shred keys of these sides, with the person's expressions before their contact."""
    known = shreds_of(work.hub.keystore, participant_id)
    # The release side is found again when it is destroyed; in a row it would lead to the label.
    ids = [known[side] for side in sides if side in known and side not in _LATER]
    if Side.CONTACT in sides:
        ids += shreds_of_expressions(work.session, participant_id)
        ids += [known[Side.CONTACT]] * (Side.CONTACT in known)
    roots = work.session.scalars(
        select(SealedObject.root)
        .join(DataKey, DataKey.id == SealedObject.data_key_id)
        .where(DataKey.shred_id.in_(ids), SealedObject.root.is_not(None))
        .order_by(SealedObject.id)
    )
    return Doomed(tuple(ids), tuple(root.hex() for root in roots if root))


def shreds_of_expressions(session: Session, participant_id: UUID) -> list[UUID]:
    """The shred keys of what somebody wrote before they were a participant."""
    wanted = (
        select(DataKey.shred_id)
        .join(Expression, Expression.data_key_id == DataKey.id)
        .where(Expression.participant_id == participant_id)
        .distinct()
    )
    return sorted(session.scalars(wanted))
