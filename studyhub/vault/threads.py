"""Which shred keys belong to a participant: the only thread from a person to their release.

Never for analysis: an import contract keeps it away from everything that reads releases.
"""

from datetime import date
from uuid import UUID, uuid4

from studyhub.domain.errors import Erased
from studyhub.domain.vocabulary import Side
from studyhub.vault.shred import Keystore, insert_key


def shred_for(keystore: Keystore, participant_id: UUID, side: str, made_on: date) -> UUID:
    """Find or make a participant's shred key of one side; the same one for whoever asks.

    Raises ``Erased`` when it was destroyed: nothing new is written about that side of them.
    """
    with keystore.writing() as connection:
        insert_key(connection, uuid4(), side, participant_id, made_on)
        shred_id, destroyed_at = connection.execute(
            "SELECT id, destroyed_at FROM shred_keys WHERE participant_id = ? AND side = ?",
            (participant_id.bytes, str(side)),
        ).fetchone()
    if destroyed_at is not None:
        raise Erased("this side of the participant was erased")
    return UUID(bytes=shred_id)


def shreds_of(keystore: Keystore, participant_id: UUID) -> dict[Side, UUID]:
    """Every side of a participant that has a shred key, destroyed or not."""
    with keystore.reading() as connection:
        rows = connection.execute(
            "SELECT side, id FROM shred_keys WHERE participant_id = ? ORDER BY number",
            (participant_id.bytes,),
        ).fetchall()
    return {Side(side): UUID(bytes=shred_id) for side, shred_id in rows}


def cut_release_pointer(keystore: Keystore, participant_id: UUID) -> None:
    """Forget for good whose release it is; the release itself stays readable."""
    with keystore.writing() as connection:
        connection.execute(
            "UPDATE shred_keys SET participant_id = NULL"
            " WHERE participant_id = ? AND side = 'release'",
            (participant_id.bytes,),
        )


def person_behind(keystore: Keystore, shred_id: UUID) -> UUID | None:
    """Whose shred key this is; nobody once the pointer was cut."""
    with keystore.reading() as connection:
        row = connection.execute(
            "SELECT participant_id FROM shred_keys WHERE id = ?", (shred_id.bytes,)
        ).fetchone()
    return UUID(bytes=row[0]) if row and row[0] else None


def release_threads(keystore: Keystore) -> dict[UUID, UUID]:
    """The release-side shred key of every person who has one, of all studies."""
    with keystore.reading() as connection:
        rows = connection.execute(
            "SELECT participant_id, id FROM shred_keys"
            " WHERE side = 'release' AND participant_id IS NOT NULL ORDER BY number"
        ).fetchall()
    return {UUID(bytes=person): UUID(bytes=shred_id) for person, shred_id in rows}
