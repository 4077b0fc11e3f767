"""Look at the record: every chain whole, signed in time, and of a study that exists."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.audit import Event, Head
from studyhub.store.users import Study
from studyhub.vault import heads
from studyhub.vault.verify_audit import Verdict
from studyhub.workflows.findings import Wrong, some
from studyhub.workflows.inspect_files import last_seen
from studyhub.workflows.kernel import Hub
from studyhub.workflows.record import end_of, newest, signed_heads, stored_lines, unsigned

UNSIGNED_FOR = timedelta(days=1)  # the worker signs every quarter of an hour


def chains(hub: Hub) -> str:
    """Every line follows from the one before, and every signed head is still true."""
    told = []
    with hub.sessions.reading.begin() as session:
        for chain in _all_chains(session):
            verdict = _verify(hub, session, chain)
            if not verdict.ok:
                raise Wrong(f"{chain}, line {verdict.first_bad}: {verdict.reason}")
            told.append(verdict.size)
    return f"{len(told)} chains, {sum(told)} lines"


def _verify(hub: Hub, session: Session, chain: UUID) -> Verdict:
    last = newest(session, chain)
    if last is None:
        return Verdict(str(chain), first_bad=0, reason="there are heads, but no lines")
    signed, end = signed_heads(session, chain), end_of(last)
    # A head for this look only, so that the lines after the newest one are followed too.
    if all(head.size != end.size for head, _ in signed):
        signed.append((end, heads.sign_head(hub.key_files.log, end)))
    lines = stored_lines(session, chain)
    return heads.verify_lines(lines, signed, hub.key_files.log_public)


def signed_in_time(hub: Hub) -> str:
    """No line waits for more than a day for a signed head, once a worker has been there."""
    with hub.sessions.reading.begin() as session:
        waiting = [(chain, unsigned(session, chain)) for chain in _all_chains(session)]
    long_ago = hub.now() - UNSIGNED_FOR
    late = [str(chain) for chain, found in waiting if found and found.since < long_ago]
    if late and last_seen(hub):
        raise Wrong(f"not signed for more than a day: {some(late)}. Does the worker run?")
    if late:
        return f"warning: no worker signs {some(late)}. Run: studyhub worker"
    lines = sum(found.lines for _, found in waiting if found)
    return f"{lines} lines wait for the next head" if lines else "all lines are covered"


def owners(hub: Hub) -> str:
    """Every study has its chain. A chain that was only opened may have lost its study."""
    with hub.sessions.reading.begin() as session:
        studies = set(session.scalars(select(Study.id))) | {INSTANCE}
        there = _all_chains(session)
        strangers = [chain for chain in there if chain not in studies]
        grown = [str(one) for one in strangers if session.get(Event, (one, 1)) is not None]
    if studies - set(there):
        raise Wrong(f"without a chain: {some(sorted(map(str, studies - set(there))))}")
    if grown:
        raise Wrong(f"chains of studies that are gone: {some(grown)}")
    told = f"{len(studies)} chains"
    return told + (f"; of no study: {some(list(map(str, strangers)))}" if strangers else "")


def _all_chains(session: Session) -> list[UUID]:
    return sorted(
        set(session.scalars(select(Event.chain).distinct()))
        | set(session.scalars(select(Head.chain).distinct()))
    )
