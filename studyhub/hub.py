"""The composition root: what pages, commands and the worker share, made from the settings.

Apart from the pages, so that a command does not wait for them to load.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from studyhub.config import Settings, load
from studyhub.store.db import make_sessions
from studyhub.vault.keys import KeyFiles
from studyhub.vault.passwords import Cost, Kitchen
from studyhub.vault.playbacks import Playbacks
from studyhub.vault.shred import Keystore
from studyhub.vault.sittings import Sittings
from studyhub.vault.throttles import Counters, Throttles
from studyhub.workflows.kernel import Hub

Clock = Callable[[], datetime]


def server_time() -> datetime:
    """The one clock of the program; tests hand in one they hold."""
    return datetime.now(UTC)  # noqa: TID251 - the one clock


def make_hub(settings: Settings, now: Clock = server_time) -> Hub:
    """Everything that pages, commands and the worker share."""
    key_files = KeyFiles(settings.keys)
    return Hub(
        settings=settings,
        sessions=make_sessions(settings.database),
        keystore=Keystore(settings.keystore),
        sittings=Sittings(settings.sessions),
        playbacks=Playbacks(settings.sessions),
        throttles=Throttles(settings.sessions, key_files.pepper),
        counters=Counters(settings.sessions),
        key_files=key_files,
        kitchen=Kitchen(Cost(memory_kib=settings.argon2_memory_kib)),
        now=now,
    )


def open_hub(instance: Path, now: Clock = server_time) -> Hub:
    """The hub of an instance folder; raises NotConfigured with what to do."""
    return make_hub(load(instance), now)
