"""The worker: mail, signed heads, counted attempts and clearing away, round after round."""

import logging
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from studyhub.config import write_whole
from studyhub.domain.errors import StudyHubError
from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.users import Study
from studyhub.vault.heads import instant_text
from studyhub.workflows import (
    consent_paper,
    consent_versions,
    deposits,
    erasing,
    forwarding,
    heads_mailed,
    mailroom,
    releases,
    trail,
    upkeep,
    withdrawal_deciding,
)
from studyhub.workflows.inspect_files import SEEN
from studyhub.workflows.kernel import Hub, worker_desk
from studyhub.workflows.mailroom import Done
from studyhub.workflows.record import unsigned

PAUSE = 5.0  # seconds between two rounds
HEAD_EVERY_LINES = 100
HEAD_EVERY = timedelta(minutes=15)
SWEEP_EVERY = timedelta(hours=1)

_log = logging.getLogger(__name__)


def work_once(hub: Hub) -> Done:
    """Do everything that is due, and say what became of the letters."""
    done = _round(hub)
    sweep(hub)
    return done


def work_forever(hub: Hub, stop: Event) -> None:
    """Work until told to stop; then sign the records once more."""
    swept = hub.now() - SWEEP_EVERY
    while not stop.is_set():
        try:
            _round(hub)
            if hub.now() - swept >= SWEEP_EVERY:
                sweep(hub)
                swept = hub.now()
        except (StudyHubError, OperationalError) as trouble:
            # The next round tries again: a busy database or a full disk may have passed.
            _log.warning("this round of the worker ended early: %s", trouble)
        stop.wait(PAUSE)
    sign_heads(hub, every=timedelta(0))


def _round(hub: Hub) -> Done:
    mark_seen(hub)
    consent_versions.begin_planned(hub)
    releases.refresh_due(hub)
    erasing.run(hub)
    withdrawal_deciding.confirm_due(hub)
    forwarding.call_deciders(hub)
    count_attempts(hub)
    upkeep.expire_grants(hub)
    sign_heads(hub)
    heads_mailed.mail_heads(hub)
    return mailroom.run_once(hub)


def sweep(hub: Hub) -> int:
    """Clear away what nobody needs any more, and say how much."""
    return upkeep.sweep(hub) + consent_paper.sweep(hub) + deposits.sweep(hub)


def mark_seen(hub: Hub) -> None:
    """Write that the worker lives, for ``/readyz`` and ``doctor``."""
    write_whole(hub.settings.instance / SEEN, instant_text(hub.now()).encode() + b"\n")


def count_attempts(hub: Hub) -> int:
    """Record what strangers tried in the hours that are over: one event an hour and kind."""
    counts = hub.counters.take_counts(hub.now())
    for count in counts:
        desk = worker_desk(hub)
        trail.count_attempts(desk, kind=count.kind, hour=count.hour, count=count.tries)
        hub.counters.forget([count])
    return len(counts)


def sign_heads(hub: Hub, *, every: timedelta = HEAD_EVERY) -> int:
    """Sign each record to which enough was added, or for long enough nothing was signed."""
    due = [chain for chain in _chains(hub) if _is_due(hub, chain, hub.now() - every)]
    for chain in due:
        trail.sign_head(worker_desk(hub, chain))
    return len(due)


def _is_due(hub: Hub, chain: UUID, long_ago: datetime) -> bool:
    with hub.sessions.reading.begin() as session:
        found = unsigned(session, chain)
    return found is not None and (found.lines >= HEAD_EVERY_LINES or found.since <= long_ago)


def _chains(hub: Hub) -> list[UUID]:
    with hub.sessions.reading.begin() as session:
        return [INSTANCE, *session.scalars(select(Study.id).order_by(Study.slug))]
