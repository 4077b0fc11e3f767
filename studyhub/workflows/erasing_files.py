"""Files of an erasure: sealed objects, letters laid out in clear, the database's own traces.

Everything here may be repeated. SQLite keeps emptied pages and a journal: its file is written
anew and the journal cut. PostgreSQL keeps old versions of rows until it vacuums, and its log as
long as it is archived: nothing in either opens without the shred key (docs/SECURITY.md).
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from studyhub.domain.errors import Busy, NoSpace
from studyhub.store.keys import DataKey, SealedObject
from studyhub.store.outbox import Letter
from studyhub.store.people import Expression
from studyhub.workflows.erasing_person import ABOUT_IT
from studyhub.workflows.erasing_reach import Reach, sound_keys
from studyhub.workflows.kernel import Hub
from studyhub.workflows.sound_files import Destroyed, remove_file


def remove_files(hub: Hub, reach: Reach) -> int:
    """Remove what is gone by its row. Held while a piece of an upload is just arriving."""
    with hub.sessions.reading.begin() as session:
        gone = _gone(session, reach)
        written = _laid_out(session, reach)
    for each in gone:
        remove_file(hub, each)
    for letter_id in written:
        (hub.settings.outbox / f"{letter_id}.eml").unlink(missing_ok=True)
    return len(gone)


def _gone(session: Session, reach: Reach) -> list[Destroyed]:
    keys = set(session.scalars(select(DataKey.id).where(DataKey.shred_id.in_(reach.shred_ids))))
    if reach.participant_id is not None and reach.erases("recording"):
        keys |= set(sound_keys(session, reach.participant_id))
    rows = session.execute(
        select(SealedObject.id, SealedObject.store_name, SealedObject.root).where(
            SealedObject.data_key_id.in_(keys), SealedObject.gone_at.is_not(None)
        )
    )
    return [Destroyed(*row) for row in rows]


def _laid_out(session: Session, reach: Reach) -> Sequence[UUID]:
    """Letters that an instance without a mail server wrote into its folder in clear."""
    if reach.participant_id is None or not reach.erases("letter"):
        return ()
    mine = select(Expression.id).where(Expression.participant_id == reach.participant_id)
    return session.scalars(
        select(Letter.id).where(
            (Letter.participant_id == reach.participant_id) | Letter.expression_id.in_(mine),
            Letter.purpose.not_in(ABOUT_IT),
        )
    ).all()


def write_anew(hub: Hub) -> None:
    """Write SQLite's file anew and cut its journal, so that no emptied page is left in either.

    Busy while somebody still reads an older state: then it is tried again.
    """
    engine = hub.sessions.engine
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        try:
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError as failed:
            if failed.sqlite_errorcode == sqlite3.SQLITE_FULL:
                raise NoSpace("no space to write the database anew") from None
            raise Busy("the database is in use") from None
    if busy:
        raise Busy("somebody still reads an older state of the database")
