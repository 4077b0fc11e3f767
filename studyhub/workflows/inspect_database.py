"""Look at the database: its schema and triggers, its references, and the letters in it."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, func, select, text
from sqlalchemy.orm import Session

from studyhub.domain.vocabulary import Act
from studyhub.store import schema
from studyhub.store.audit import Event
from studyhub.store.outbox import Letter
from studyhub.store.triggers import FUNCTIONS, TRIGGERS
from studyhub.store.withdrawals import Erasure
from studyhub.workflows.findings import Wrong, some
from studyhub.workflows.kernel import Hub

LATE = timedelta(hours=1)  # a worker that runs takes seconds
DOUBTFUL = timedelta(minutes=15)  # no hand-over to a mail server lasts as long

_TRIGGER = re.compile(
    r"CREATE TRIGGER (\w+) BEFORE ([A-Z ]+) ON (?:\w+\.)?(\w+) "
    r"FOR EACH (ROW|STATEMENT) EXECUTE FUNCTION (?:\w+\.)?(\w+)\(\)"
)


def newest_schema(hub: Hub) -> str:
    """The database has the schema that this program knows."""
    has, wanted = schema.current(hub.sessions.engine), schema.head()
    if has != wanted:
        raise Wrong(f"the schema is {has}, not {wanted}. Run: studyhub upgrade")
    return wanted


def triggers(hub: Hub) -> str:
    """The triggers that keep the record are those of the list, and switched on."""
    with hub.sessions.engine.connect() as connection:
        live = _live_triggers(connection)
    listed = _listed_triggers(hub.sessions.engine.dialect.name)
    if live != listed:
        changed = sorted({name for name, *_ in live ^ listed})
        raise Wrong(f"triggers are missing, foreign or changed: {some(changed)}")
    return f"{len(listed)} as listed"


def _listed_triggers(dialect: str) -> set[tuple[str, ...]]:
    if dialect == "sqlite":
        return {(one.name, one.table, one.sql) for one in TRIGGERS[dialect]}
    return _parts((one.sql, "O") for one in TRIGGERS[dialect]) | set(FUNCTIONS.items())


def _live_triggers(connection: Connection) -> set[tuple[str, ...]]:
    if connection.dialect.name == "sqlite":
        kept = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
        return {tuple(row) for row in connection.execute(text(kept))}
    kept = (
        "SELECT pg_get_triggerdef(oid), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"
    )
    bodies = "SELECT proname::text, prosrc FROM pg_proc WHERE starts_with(proname, 'studyhub_')"
    functions = {tuple(row) for row in connection.execute(text(bodies))}
    return _parts(tuple(row) for row in connection.execute(text(kept))) | functions


def _parts(definitions: Iterable[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """What two definitions of a trigger must have in common, however they are written."""
    found = set()
    for sql, enabled in definitions:
        match = _TRIGGER.fullmatch(sql)
        name, when, *rest = match.groups() if match else (sql, "")
        found.add((name, " OR ".join(sorted(when.split(" OR "))), *rest, enabled))
    return found


def references(hub: Hub, *, full: bool) -> str:
    """Every reference leads to a row, and the file of the database is whole."""
    with hub.sessions.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            loose = "SELECT conname::text FROM pg_constraint WHERE NOT convalidated"
            broken = [row[0] for row in connection.execute(text(loose))]
        else:
            lost = connection.execute(text("PRAGMA foreign_key_check")).all()
            broken = sorted({str(row[0]) for row in lost})
            whole = "PRAGMA integrity_check" if full else "PRAGMA quick_check"
            broken += [str(row[0]) for row in connection.execute(text(whole)) if row[0] != "ok"]
    if broken:
        raise Wrong(f"broken: {some(broken)}")
    return "whole"


def doubtful_letters(hub: Hub) -> str:
    """Letters of which nobody knows whether they were sent: a person decides."""
    with hub.sessions.reading.begin() as session:
        under_way = session.scalars(select(Letter.id).where(Letter.state == "sending")).all()
        found = [one for one in under_way if _long_ago(session, one, hub.now())]
    if found:
        raise Wrong(f"perhaps sent, perhaps not: {some(list(map(str, found)))}")
    return "none"


def _long_ago(session: Session, letter_id: UUID, now: datetime) -> bool:
    """Whether a letter was taken longer ago than a hand-over can last."""
    taken = session.scalar(
        select(func.max(Event.at)).where(
            Event.subject == f"letter:{letter_id}", Event.act == Act.LETTER_SEND
        )
    )
    return taken is None or taken <= now - DOUBTFUL


def erasures(hub: Hub) -> str:
    """What is to be erased is erased soon, and what was is gone: its keys above all."""
    with hub.sessions.reading.begin() as session:
        rows = session.scalars(select(Erasure).order_by(Erasure.requested_at)).all()
        session.expunge_all()
    back = [str(row.id) for row in rows if row.state != "requested" and _has_keys(hub, row)]
    if back:
        raise Wrong(f"keys of these erasures are back, replay the ledger: {some(back)}")
    late = [row for row in rows if row.state != "done" and row.requested_at <= hub.now() - LATE]
    if late:
        told = [f"{row.id} stands behind {row.state}" for row in late]
        raise Wrong(f"not finished, run: studyhub worker --once. {some(told)}")
    waiting = sum(row.state != "done" for row in rows)
    return f"{len(rows) - waiting} finished, {waiting} under way"


def _has_keys(hub: Hub, row: Erasure) -> bool:
    return bool(hub.keystore.keys(UUID(each) for each in row.shred_ids))


def waiting_letters(hub: Hub) -> str:
    """Every letter that waits can still be opened by the mailer."""
    wanted = select(Letter.id, Letter.shred_id).where(Letter.state.in_(("queued", "deferred")))
    with hub.sessions.reading.begin() as session:
        rows = session.execute(wanted).all()
    living = hub.keystore.keys({row.shred_id for row in rows})
    closed = [str(row.id) for row in rows if row.shred_id not in living]
    if closed:
        raise Wrong(f"cannot be opened any more: {some(closed)}")
    return f"{len(rows)} waiting"
