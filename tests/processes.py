"""What real processes do in tests of crashes and crowds. Each opens the instance for itself."""

import multiprocessing
import os
import signal
import time
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from secrets import randbelow, token_hex
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from studyhub.domain.vocabulary import INSTANCE, Compartment, Side
from studyhub.hub import make_hub, open_hub, server_time
from studyhub.store.keys import SealedObject
from studyhub.store.users import Study
from studyhub.store.withdrawals import Erasure
from studyhub.vault.blobs import Blobs, new_store_name
from studyhub.vault.stream_format import Context, ObjectKey
from studyhub.workflows import accounts_admin, backups, erasing, mailroom, restoring, trail
from studyhub.workflows.kernel import Hub, operator_desk, worker_desk
from studyhub.workflows.keyring import NOTHING
from studyhub.workflows.locker import Locker
from studyhub.workflows.restoring import Wanted

# A server that has imported everything once: a new process then takes milliseconds.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["__main__", "tests.processes"])
configure_mappers()


def started(work, folder: Path, *given) -> tuple[BaseProcess, Connection]:
    """A process that has opened its instance and waits for a word to begin."""
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=_run, args=(work, folder, theirs, *given), daemon=True)
    process.start()
    theirs.close()
    assert ours.recv() == "ready"
    return process, ours


def killed_at_some_moment(work, folder: Path, *given, within: float) -> None:
    """Let a process work, and kill it with signal 9 before that many seconds are over."""
    process, word = started(work, folder, *given)
    word.send("begin")
    time.sleep(within * randbelow(1000) / 1000)
    process.kill()
    process.join()
    word.close()
    process.close()


def _run(work, folder, word, *given):
    hub = open_hub(folder)
    study = study_of(hub)
    word.send("ready")
    word.recv()
    work(hub, study, *given)
    hub.sessions.engine.dispose()


@contextmanager
def opened(folder: Path, now=server_time, load=open_hub):
    hub = load(folder, now)
    try:
        yield hub
    finally:
        hub.sessions.engine.dispose()


def study_of(hub: Hub) -> UUID:
    with hub.sessions.reading.begin() as session:
        return session.scalars(select(Study.id)).one()


def count_often(hub: Hub, study: UUID, name: str, times: int) -> None:
    """Perform that many acts, in turn on the chain of the study and of the instance."""
    desks = [worker_desk(hub, study), worker_desk(hub, INSTANCE)]
    for number in range(times):
        hour = hub.now().replace(minute=0, second=0, microsecond=0)
        trail.count_attempts(desks[number % 2], kind=name, hour=hour, count=number)


def work_without_end(hub: Hub, study: UUID) -> None:
    """Perform acts that write rows, acts that write none, and keep objects."""
    while True:
        login = f"p{token_hex(6)}"
        accounts_admin.add(
            operator_desk(hub), login=login, name="Pat", email=f"{login}@team.test"
        )
        trail.count_attempts(worker_desk(hub, study), kind="x", hour=hub.now(), count=1)
        keep_object(hub, study, length=randbelow(300_000))


def keep_object(hub: Hub, study: UUID, *, length: int) -> str:
    """Keep an object as the stages will: first the file, then one transaction with its row."""
    settings, object_id, name = hub.settings, uuid4(), new_store_name()
    shred = hub.keystore.make(Side.STUDY, hub.now().date())
    with hub.sessions.writing.begin() as session:
        locker = Locker(session, hub.room, study, NOTHING, lent=frozenset())
        opened = locker.new_data_key(Compartment.RECORDING, shred)
    context = Context(study, study, "recording", "recording", 1)
    key = ObjectKey(opened.key, opened.id, object_id, context)
    sealed = Blobs(settings.objects, settings.tmp).store(name, key, [bytes(length)], length)
    row = SealedObject(
        id=object_id,
        study_id=study,
        data_key_id=opened.id,
        kind="recording",
        version=1,
        store_name=name,
        size=sealed.size,
        root=sealed.root,
        made_on=hub.now().date(),
    )
    with hub.sessions.writing.begin() as session:
        session.add(row)
    return name


def carry_out_until(hub: Hub, _study: UUID, arrow: str) -> None:
    """Carry an erasure out, and die without a word behind this arrow."""
    with hub.sessions.reading.begin() as session:
        erasure_id = session.scalars(select(Erasure.id)).one()
    for passed in erasing.steps(hub, erasure_id):
        if passed == arrow:
            os.kill(os.getpid(), signal.SIGKILL)


def die_at(step: int) -> None:
    """Be killed with signal 9 where something would be flushed to the disk for the nth time."""
    flush, left = os.fsync, [step]

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        flush(descriptor)

    os.fsync = fsync


def take_backup(hub: Hub, _study: UUID, folder: Path, step: int) -> None:
    die_at(step)
    backups.make(hub, folder)


def restore_backup(_hub: Hub, _study: UUID, wanted: Wanted, step: int) -> None:
    die_at(step)
    done = restoring.put_back(wanted)
    with opened(wanted.instance, load=lambda _folder, now: make_hub(done.settings, now)) as hub:
        restoring.finish(hub, done)


def send_letters(hub: Hub, _study: UUID) -> None:
    mailroom.run_once(hub)
