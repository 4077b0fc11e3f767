"""Participant links: made by the act that has the address, opened by whoever holds the token.

Each mailed link is a row of its own: the token's hash, a public key derived from the token, a
capsule (name and address for receipts), and single grants for what its pages show. Unknown,
expired and revoked tokens are the same NotFound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from studyhub.domain.errors import NotFound
from studyhub.domain.safe_hours import SafeHours, safe_hours
from studyhub.domain.settings import settled
from studyhub.domain.vocabulary import Actor, Role
from studyhub.store.consent import Participant
from studyhub.store.people import Expression, Link
from studyhub.store.users import Study
from studyhub.vault.keys import link_keys
from studyhub.vault.prints import form_token
from studyhub.vault.seal import pack, unpack
from studyhub.vault.words import new_token, parse_token, token_hash
from studyhub.workflows.kernel import Desk, Hub, Work
from studyhub.workflows.keyring import Keyring, OpenKey

FREE_KNOCKS = 20
STOP = "opt_out"


@dataclass(frozen=True)
class Capsule:
    """What a link's own token opens: the name for greetings, the address for receipts.

    ``hours`` are those in which letters may arrive, as they were when the link was made.
    """

    name: str
    to: str
    lang: str
    hours: SafeHours | None = None


@dataclass(frozen=True)
class About:
    """Whom a link is for, and the shred key under which it lies."""

    shred_id: UUID
    participant_id: UUID | None = None
    expression_id: UUID | None = None


@dataclass(frozen=True)
class Guest:
    """Somebody who came with a valid link: their desk, and what the link is for."""

    desk: Desk
    link_id: UUID
    participant_id: UUID | None
    expression_id: UUID | None
    purposes: frozenset[str]
    slug: str
    neutral_name: str
    time_zone: str
    language: str
    safe_site: str
    phone: str
    email: str
    form_key: bytes = field(repr=False)

    def form_token(self, form: str) -> str:
        """The forgery token of one form of this link."""
        return form_token(self.form_key, self.link_id, form)


def make_link(
    work: Work,
    about: About,
    purposes: Sequence[str],
    capsule: Capsule,
    *,
    shows: Sequence[OpenKey] = (),
    days: int | None = None,
    seen_by_staff: bool = False,
    word: bytes | None = None,
) -> str:
    """Make a link and return its address. ``days`` empty lasts until the study ends.

    ``word`` is a memorable word, stretched, that is asked for before copies are shown again.
    """
    text, raw = new_token()
    keys, link_id = link_keys(raw), uuid4()
    sealed = work.vault.seal_capsule(
        link_id,
        about.shred_id,
        keys.pair.public,
        pack(
            {
                "name": capsule.name,
                "to": capsule.to,
                "lang": capsule.lang,
                "hours": capsule.hours.written if capsule.hours else None,
            }
        ),
    )
    work.session.add(
        Link(
            id=link_id,
            participant_id=about.participant_id,
            expression_id=about.expression_id,
            purposes=sorted(purposes),
            token_hash=token_hash(text),
            public_key=keys.pair.public,
            word_verifier=word,
            capsule_sealed=sealed,
            shred_id=about.shred_id,
            made_at=work.now,
            expires_at=work.now + timedelta(days=days) if days else None,
            seen_by_staff=seen_by_staff,
        )
    )
    work.session.flush()
    for opened in shows:
        work.vault.grant_to_link(opened, link_id, keys.pair.public)
    way = "o" if set(purposes) == {STOP} else "l"
    return f"{work.hub.settings.public_url}/{way}/{text}"


def guest(hub: Hub, token: str, purpose: str = "") -> Guest:
    """Who comes with this token. NotFound, always the same, unless it is valid now."""
    raw = parse_token(token)
    with hub.sessions.reading.begin() as session:
        link = session.scalar(select(Link).where(Link.token_hash == token_hash(token)))
        if link is None or not _holds(link, hub.now()):
            raise NotFound("no such link")
        if purpose and purpose not in link.purposes:
            raise NotFound("no such link")
        language, study_id = "en", None
        if link.participant_id is not None:
            participant = session.get_one(Participant, link.participant_id)
            language, study_id = participant.language, participant.study_id
        elif link.expression_id is not None:
            study_id = session.get_one(Expression, link.expression_id).study_id
        study = session.get(Study, study_id)
        if study is None:
            raise NotFound("no such link")
        keys, now = link_keys(raw), settled(study.settings)
        return Guest(
            desk=Desk(
                hub,
                Actor(None, None, Role.PARTICIPANT),
                study.id,
                Keyring(link_id=link.id, link=keys),
            ),
            link_id=link.id,
            participant_id=link.participant_id,
            expression_id=link.expression_id,
            purposes=frozenset(link.purposes),
            slug=study.slug,
            neutral_name=study.neutral_name,
            time_zone=study.time_zone,
            language=language,
            safe_site=now["safe_site"],
            phone=now["team_phone"],
            email=now["team_email"],
            form_key=keys.form_key,
        )


def knock(hub: Hub, token: str, purpose: str, source: str) -> Guest:
    """``guest`` for a page: a valid token always enters, who tries others waits ever longer.

    A token that stops letters stands in headers that mail programs read: it opens no page.
    """
    try:
        return _for_a_page(guest(hub, token, purpose), purpose)
    except NotFound:
        hub.counters.count("link", hub.now())
        hub.throttles.knock("link", source, hub.now(), free=FREE_KNOCKS)
        raise


def _for_a_page(found: Guest, purpose: str) -> Guest:
    if not purpose and found.purposes == {STOP}:
        raise NotFound("no such link")
    return found


def _holds(link: Link, now: datetime) -> bool:
    return link.revoked_at is None and (link.expires_at is None or link.expires_at > now)


def own_link(work: Work, *purposes: str) -> Link:
    """The link this act came with, valid for one of these, locked and checked again."""
    link_id = work.link_id
    found = work.session.get(Link, link_id, with_for_update=True) if link_id else None
    if found is None or not set(purposes) & set(found.purposes) or not _holds(found, work.now):
        raise NotFound("no such link")
    return found


def open_capsule(work: Work, link: Link) -> Capsule:
    """Name and address of the person who holds the link. NotFound once it was emptied."""
    if link.capsule_sealed is None:
        raise NotFound("no such link")
    values = unpack(work.vault.open_capsule(link.shred_id, link.capsule_sealed))
    hours = safe_hours(*values["hours"]) if values.get("hours") else None
    return Capsule(values["name"], values["to"], values["lang"], hours)


def revoke(work: Work, participant_id: UUID, *, keep: frozenset[str]) -> int:
    """Revoke a participant's links but those with a purpose to ``keep``. Returns how many."""
    living = work.session.scalars(
        select(Link).where(Link.participant_id == participant_id, Link.revoked_at.is_(None))
    )
    gone = [link for link in living if not keep & set(link.purposes)]
    for link in gone:
        link.revoked_at = work.now
    return len(gone)
