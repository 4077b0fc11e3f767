"""P7: an audited act with a letter, against what the disk can confirm at all.

The act is the real one: the operator adds a person, which writes their row, a link, a sealed
letter and one event of the chain, and puts the letter's shred key into the keystore. So two
databases confirm it; what the keystore's share is stands beside the goal.
"""

import os
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

from bench.measure import Line, interleave, ratio, workplace
from studyhub import config
from studyhub.domain.vocabulary import Side
from studyhub.hub import make_hub
from studyhub.store import schema
from studyhub.vault.keys import make_key_files
from studyhub.workflows import accounts_admin
from studyhub.workflows.chains import open_chain
from studyhub.workflows.kernel import Hub, operator_desk

MANY = 50  # acts, keys or flushes in one measurement
PAGE = bytes(4096)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
_number = count()


def lines(rounds: int, parent: Path) -> list[Line]:
    """On the disk that `parent` lies on: its flushes are the measure."""
    with workplace(parent) as folder:
        hub = _hub(folder / "instance")
        with (folder / "flushed").open("wb", buffering=0) as file:
            times = interleave(
                {
                    "flush": lambda: _flush(file.fileno()),
                    "act": lambda: _act(hub),
                    "key": lambda: _key(hub),
                },
                rounds,
            )
        hub.sessions.engine.dispose()
    what = "audited acts with a letter / flushes of 4 KiB"
    return [
        Line("P7", what, 0.4, ratio(times, "flush", "act"), at_least=True),
        Line("P7", "new shred keys / flushes of 4 KiB", None, ratio(times, "flush", "key")),
    ]


def _hub(folder: Path) -> Hub:
    settings = config.create(folder)
    make_key_files(settings.keys)
    hub = make_hub(settings, lambda: NOON)
    schema.upgrade(hub.sessions.engine)
    hub.keystore.create()
    open_chain(operator_desk(hub), demonstration=False)
    return hub


def _act(hub: Hub) -> None:
    for number in (next(_number) for _ in range(MANY)):
        accounts_admin.add(
            operator_desk(hub),
            login=f"person{number}",
            name=f"Person {number}",
            email=f"person{number}@team.test",
        )


def _key(hub: Hub) -> None:
    for _ in range(MANY):
        hub.keystore.make(Side.STUDY, date(2026, 11, 23))


def _flush(descriptor: int) -> None:
    for _ in range(MANY):
        os.write(descriptor, PAGE)
        os.fdatasync(descriptor)
