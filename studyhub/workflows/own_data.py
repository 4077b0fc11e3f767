"""Everything that is held on one person, taken out for that person (invariant 79).

What lies in ``contact`` and ``consent`` is opened; of recordings, texts and releases there is
only a list. Nothing says what somebody else is called: neither staff, nor whom they named.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from studyhub.domain.errors import Erased
from studyhub.domain.vocabulary import Act
from studyhub.store.consent import Consent, Decision, Evidence, Participant, Statement
from studyhub.store.db import Base
from studyhub.store.interviews import CallSheet, Incident, Interview, Recording
from studyhub.store.keys import SealedObject
from studyhub.store.people import Contact, Expression, Question
from studyhub.store.transcripts import Transcript
from studyhub.store.withdrawals import Withdrawal
from studyhub.vault.stream_format import ObjectKey
from studyhub.workflows import consent_evidence
from studyhub.workflows.contact_story import given_to, number_of, story_of
from studyhub.workflows.expressions import told_in
from studyhub.workflows.holding import refuse_held
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.people import read_card
from studyhub.workflows.sealing import open_column
from studyhub.workflows.withdrawal_things import their_releases

Facts = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What is held on a person, by part; and the files that prove what they agreed to."""

    code: str
    parts: dict[str, list[Facts]]
    files: tuple[tuple[str, str, bytes], ...]


@dataclass(frozen=True)
class _File:
    number: int
    kind: str
    secret: ObjectKey
    store_name: str


def take_out(desk: Desk, participant_id: UUID) -> Held:
    """Open everything for the person it is about; who did is on the record. Held, NotFound."""
    code, parts, found = _open(desk, participant_id)
    files = (
        (f"consent-{each.number}-{each.kind}", each.kind, _content(desk, each))
        for each in found
    )
    return Held(code, parts, tuple(files))


def _content(desk: Desk, file: _File) -> bytes:
    return consent_evidence.read(desk.hub, file.secret, file.store_name)


@action(Act.CONTACT_EXPORT)
def _open(work: Work, participant_id: UUID) -> tuple[str, dict[str, list[Facts]], list[_File]]:
    person = work.load(Participant, participant_id)
    refuse_held(work.session, person.id, "card")
    parts = {
        "contact": _card(work, person),
        "interest": _expressions(work, person.id),
        "questions": _questions(work, person.id),
        "letters": _letters(work, person.id),
        "documents": [asdict(each) for each in given_to(work.session, person.id)],
        "consents": _consents(work, person.id),
        "withdrawals": _rows(_of(work, Withdrawal, person.id), _WITHDRAWAL),
        "incidents": _rows(_of(work, Incident, person.id), _INCIDENT),
        **_material(work, person.id),
    }
    files = _files(work, person.id)
    work.note(code=person.code, count=len(files))
    return person.code, parts, files


_WITHDRAWAL = ("reference", "scopes", "received_at", "channel")
_INCIDENT = ("kind", "state", "reported_at")
_INTERVIEW = ("state", "mode", "planned_at", "started_at", "ended_at")
_RECORDING = ("state", "media_type", "duration_s", "started_at", "deposited_at")
_CONSENT = ("mode", "capacity", "kind", "signed_at", "entered_at", "deadline_at")


def _of(work: Work, table: Any, who: UUID) -> list[Any]:
    """The rows of one table about one person."""
    return list(work.session.scalars(select(table).where(table.participant_id == who)))


def _rows(rows: Iterable[Base], names: Sequence[str]) -> list[Facts]:
    return [{name: getattr(row, name) for name in names} for row in rows]


# -- what lies in contact ---------------------------------------------------------------


def _card(work: Work, person: Participant) -> list[Facts]:
    """The card, with what the mailer must know; nothing where its key was destroyed."""
    told: Facts = {"code": person.code, "language": person.language}
    told |= {"listed_on": person.listed_on, "erased_at": person.emptied_at}
    row = work.session.get(Contact, person.id)
    if row is None:
        return [told]
    told |= {"by_email": row.by_email, "mailbox_private": row.mailbox_private}
    told |= {"letters_stopped_at": row.opted_out_at}
    with suppress(Erased):
        told |= asdict(read_card(work, person.id).card)
    return [told]


def _expressions(work: Work, who: UUID) -> list[Facts]:
    found = []
    for row in _of(work, Expression, who):
        told: Facts = {"state": row.state, "received_at": row.received_at}
        with suppress(Erased):
            told |= asdict(told_in(work, row))
        found.append(told)
    return found


def _questions(work: Work, who: UUID) -> list[Facts]:
    found = []
    for row in _of(work, Question, who):
        told: Facts = {"topic": row.topic, "state": row.state, "asked_at": row.asked_at}
        with suppress(Erased):
            told |= open_column(work, row.data_key_id, row, "text_sealed", who)
            if row.answer_sealed is not None:
                told |= open_column(work, row.data_key_id, row, "answer_sealed", who)
        found.append(told | {"answered_at": row.answered_at})
    return found


def _sheets(work: Work, who: UUID) -> list[Facts]:
    """What an interviewer was told to reach them safely."""
    mine = select(Interview.id).where(Interview.participant_id == who)
    rows = work.session.scalars(select(CallSheet).where(CallSheet.interview_id.in_(mine)))
    found = []
    for row in rows:
        with suppress(Erased):
            found.append(open_column(work, row.data_key_id, row, "body_sealed", who))
    return found


def _letters(work: Work, who: UUID) -> list[Facts]:
    """Letters and calls by kind and time: their words were emptied when they left."""
    return [
        {"what": each.kind, "purpose": each.name, "state": each.state, "at": each.at}
        for each in story_of(work.session, who)
        if each.kind in ("letter", "call")
    ]


# -- what lies in consent ---------------------------------------------------------------


def _consents(work: Work, who: UUID) -> list[Facts]:
    found = []
    for row in _of(work, Consent, who):
        version = number_of(work.session, row.form_version_id)
        answers = work.session.execute(
            select(Statement.wording, Decision.answer)
            .join(Decision, Decision.statement_id == Statement.id)
            .where(Decision.consent_id == row.id)
            .order_by(Statement.position)
        )
        (facts,) = _rows([row], _CONSENT)
        found.append({"version": version, **facts, **dict(answers.all())})
    return found


def _files(work: Work, who: UUID) -> list[_File]:
    """The files that prove each consent, with the keys to open them."""
    found = []
    rows = work.session.execute(
        select(Consent.seq, Consent.id, Evidence.kind, SealedObject)
        .join(Evidence, Evidence.consent_id == Consent.id)
        .join(SealedObject, SealedObject.id == Evidence.object_id)
        .where(Consent.participant_id == who, SealedObject.gone_at.is_(None))
        .order_by(Consent.seq, Evidence.kind)
    )
    for number, consent_id, kind, stored in rows:
        key = work.vault.data_key(stored.data_key_id)
        secret = consent_evidence.object_key(key, work.study, consent_id, stored.id)
        found.append(_File(number, kind, secret, stored.store_name))
    return found


# -- what is only listed ----------------------------------------------------------------


def _material(work: Work, who: UUID) -> dict[str, list[Facts]]:
    """That there are recordings, texts and releases; no content, and no label."""
    mine = select(Interview.id).where(Interview.participant_id == who)
    sound = select(Recording).where(Recording.interview_id.in_(mine))
    texts = select(Transcript).where(Transcript.interview_id.in_(mine))
    return {
        "interviews": [*_rows(_of(work, Interview, who), _INTERVIEW), *_sheets(work, who)],
        "recordings": _rows(work.session.scalars(sound), _RECORDING),
        "transcripts": _rows(work.session.scalars(texts), ("state",)),
        "releases": _rows(their_releases(work, who), ("number", "state")),
    }
