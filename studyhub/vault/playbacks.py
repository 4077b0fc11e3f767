"""Who listens to what: opened by an act, used by the ranges that follow, over after hours."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from studyhub.vault.sessions_file import SessionsFile, micros

LASTS = timedelta(hours=8)


class Playbacks:
    """The playbacks in ``sessions.db``. The time is always an argument."""

    def __init__(self, path: Path) -> None:
        self._file = SessionsFile(path)

    def begin(self, session_id: bytes, object_id: UUID, now: datetime) -> UUID:
        """Open a playback of one object for one session, and forget those that are over."""
        made = uuid4()
        with self._file.writing() as connection:
            connection.execute("DELETE FROM playbacks WHERE until <= ?", (micros(now),))
            connection.execute(
                "INSERT INTO playbacks VALUES (?, ?, ?, ?)",
                (made.bytes, session_id, object_id.bytes, micros(now + LASTS)),
            )
        return made

    def holds(self, made: UUID, session_id: bytes, object_id: UUID, now: datetime) -> bool:
        """Whether this playback is this session's, of this object, and not over."""
        with self._file.reading() as connection:
            found = connection.execute(
                "SELECT 1 FROM playbacks"
                " WHERE id = ? AND session_id = ? AND object_id = ? AND until > ?",
                (made.bytes, session_id, object_id.bytes, micros(now)),
            ).fetchone()
        return found is not None
