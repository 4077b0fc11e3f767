"""The copy somebody was given at signing, opened by their own link and never made again.

Whoever chose a memorable word is asked for it. The lasting link shows its copy once without: in
the half hour after signing, and in the half hour that begins when the link is first opened
later. Earlier decisions always need the word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from studyhub.domain.consent_copy import Copy, copy_from
from studyhub.domain.errors import Busy, Invalid, NotFound, WrongState
from studyhub.domain.vocabulary import Act
from studyhub.store.audit import Event
from studyhub.store.consent import Consent, Decision, Evidence, Statement
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.store.people import Link
from studyhub.vault.seal import unpack
from studyhub.vault.stream_format import ObjectKey
from studyhub.workflows import consent_evidence
from studyhub.workflows.kernel import Desk, Work, action
from studyhub.workflows.links import own_link

SITTING = timedelta(minutes=30)
NOT_THE_WORD = "This is not the word you chose. Please try again"


class WordNeeded(WrongState):
    """A copy that was shown before opens with the memorable word."""


@dataclass(frozen=True)
class Earlier:
    """An earlier decision of the same person, and the answer to each statement."""

    signed_at: datetime
    kind: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OwnCopy:
    """A copy as it was made, and what was decided before it."""

    copy: Copy
    earlier: tuple[Earlier, ...]
    locked: bool


@dataclass(frozen=True)
class _Found:
    secret: ObjectKey
    store_name: str
    earlier: tuple[Earlier, ...]


def copy(desk: Desk, word: str = "", source: str = "") -> OwnCopy:
    """The newest copy that this link was given. NotFound without any.

    WordNeeded where a word was chosen and none is given; Invalid for a wrong one, Throttled
    after several, Busy when too many come at once.
    """
    kept, free = _lock(desk)
    proved = kept is None
    if kept is not None and word:
        _prove(desk, word, kept, source)
        proved = True
    if not proved and not free:
        raise WordNeeded("the memorable word is asked for")
    found = _open(desk, with_earlier=proved)
    content = consent_evidence.read(desk.hub, found.secret, found.store_name)
    return OwnCopy(copy_from(unpack(content)), found.earlier, locked=kept is not None)


def _lock(desk: Desk) -> tuple[bytes | None, bool]:
    """The word of this link, stretched, and whether its copy shows without it now."""
    with desk.hub.sessions.reading.begin() as session:
        link_row = session.get(Link, desk.keys.link_id) if desk.keys.link_id else None
        row = _newest(session, link_row.participant_id, link_row.id) if link_row else None
        if link_row is None or row is None:
            return None, True
        consent, _ = row
        return link_row.word_verifier, _shows_once(session, desk, consent)


def _shows_once(session: Session, desk: Desk, consent: Consent) -> bool:
    """Whether a copy is still seen without the word: just signed, or just opened later."""
    signed = consent.signed_at + SITTING
    first = session.scalar(
        select(func.min(Event.at)).where(
            Event.chain == desk.study,
            Event.act == Act.CONSENT_COPY,
            Event.subject == f"consent:{consent.id}",
            Event.outcome == "done",
            Event.at > signed,
        )
    )
    return first is None or desk.hub.now() <= max(signed, first + SITTING)


def _prove(desk: Desk, word: str, kept: bytes, source: str) -> None:
    """Invalid unless this is the word. A try counts before it is proved wrong."""
    hub, account = desk.hub, f"word of {desk.keys.link_id}"
    hub.throttles.attempt(account, source, hub.now())
    try:
        fits = hub.kitchen.word_fits(word, hub.key_files.pepper, kept)
    except Busy:
        hub.throttles.not_looked_at(account, source, hub.now())
        raise
    if not fits:
        hub.counters.count("word", hub.now())
        raise Invalid({"word": NOT_THE_WORD})
    hub.throttles.succeeded(account, source, hub.now())


@action(Act.CONSENT_COPY)
def _open(work: Work, *, with_earlier: bool) -> _Found:
    """Open the key of the copy; its file is read outside the transaction."""
    link_row = own_link(work, "copy")
    row = _newest(work.session, link_row.participant_id, link_row.id)
    if row is None:
        raise NotFound("no copy")
    consent, stored = row
    work.claim(consent)
    key = work.vault.data_key(stored.data_key_id)
    secret = consent_evidence.object_key(key, work.study, consent.id, stored.id)
    earlier = _earlier(work.session, consent) if with_earlier else ()
    return _Found(secret, stored.store_name, earlier)


def _newest(
    session: Session, participant_id: UUID | None, link_id: UUID
) -> tuple[Consent, SealedObject] | None:
    found = session.execute(
        select(Consent, SealedObject)
        .join(Evidence, Evidence.consent_id == Consent.id)
        .join(SealedObject, SealedObject.id == Evidence.object_id)
        .join(DataKeyGrant, DataKeyGrant.data_key_id == SealedObject.data_key_id)
        .where(
            Consent.participant_id == participant_id,
            Evidence.kind == "copy",
            DataKeyGrant.grantee_kind == "link",
            DataKeyGrant.grantee_id == link_id,
        )
        .order_by(Consent.seq.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found else None


def _earlier(session: Session, newest: Consent) -> tuple[Earlier, ...]:
    """Every decision before this one, newest first, in the words of the form of its time."""
    rows = session.scalars(
        select(Consent)
        .where(Consent.participant_id == newest.participant_id, Consent.seq < newest.seq)
        .order_by(Consent.seq.desc())
    ).all()
    answers = _answers(session, [row.id for row in rows])
    return tuple(Earlier(row.signed_at, row.kind, answers[row.id]) for row in rows)


def _answers(
    session: Session, consents: list[UUID]
) -> Mapping[UUID, tuple[tuple[str, str], ...]]:
    found: dict[UUID, tuple[tuple[str, str], ...]] = dict.fromkeys(consents, ())
    rows = session.execute(
        select(Decision.consent_id, Statement.wording, Decision.answer)
        .join(Statement, Statement.id == Decision.statement_id)
        .where(Decision.consent_id.in_(consents))
        .order_by(Statement.position)
    )
    for consent_id, wording, answer in rows:
        found[consent_id] = (*found[consent_id], (wording, answer))
    return found
