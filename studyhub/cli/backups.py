"""Commands that take a backup and make an installation again from one."""

import argparse
from dataclasses import asdict
from pathlib import Path

from studyhub.cli.frame import Answer, Commands, add, opened
from studyhub.config import NotConfigured
from studyhub.domain.errors import Corrupt, NotFound
from studyhub.hub import make_hub
from studyhub.workflows import backups, mail_queue, restoring, upkeep
from studyhub.workflows.findings import some
from studyhub.workflows.restoring import PutBack, Wanted

KEY_SIZE = 32


def add_commands(commands: Commands) -> None:
    """Add ``backup`` and ``restore``."""
    says = "Take a backup into a new folder, while everything runs."
    parser = add(commands, "backup", says, backup)
    parser.add_argument("folder", type=Path, metavar="DIR", help="must not exist yet")
    parser.add_argument(
        "--earlier",
        type=Path,
        metavar="DIR",
        help="a backup before this one on the same disk: files it has are not copied again",
    )
    says = "Make an installation again from a backup, in an empty folder."
    parser = add(commands, "restore", says, restore)
    parser.add_argument("folder", type=Path, metavar="DIR", help="the backup")
    parser.add_argument("--ledger", type=Path, metavar="FILE", help="what was erased since")
    parser.add_argument(
        "--accept-missing-ledger",
        default="",
        metavar="REASON",
        help="why there is none; it stays in the record for ever, so name nobody",
    )
    parser.add_argument(
        "--backup-key",
        type=Path,
        metavar="FILE",
        help="the key that opens backups (else keys/backup of this installation)",
    )
    parser.add_argument("--database", metavar="URL", help="an empty one, instead of its own")


def backup(asked: argparse.Namespace) -> Answer:
    """Take a backup; what had no file, or a changed one, is named."""
    with opened(asked) as hub:
        made = backups.make(hub, asked.folder, earlier=asked.earlier)
    values = {
        "backup": str(made.backup_id),
        "database": made.database,
        "objects": made.objects.count,
        "keystore": made.keystore,
        "head": {"size": made.head.size, "digest": made.head.digest.hex()},
        "shared": made.objects.shared,
        "wrong": made.objects.wrong,
    }
    told = (
        f"Backup {made.backup_id} is in {made.folder}: database, keystore, keys and"
        f" {made.objects.count} files, {made.objects.shared} of them shared."
    )
    if made.objects.wrong:
        told += f"\nMISSING OR CHANGED, and not in it: {some(made.objects.wrong)}"
    return Answer(values, told, found_wrong=bool(made.objects.wrong))


def restore(asked: argparse.Namespace) -> Answer:
    """Restore into an empty folder, destroy again what was erased, and look at everything."""
    wanted = Wanted(
        asked.folder,
        asked.instance.absolute(),
        _backup_key(asked),
        asked.ledger,
        asked.accept_missing_ledger.strip(),
        asked.database,
    )
    done = restoring.put_back(wanted)
    hub = make_hub(done.settings)
    try:
        restoring.finish(hub, done)
        checks = upkeep.checks(hub)
        waiting = len(mail_queue.unsent(hub))
    finally:
        hub.sessions.engine.dispose()
    bad = [check for check in checks if not check.ok]
    values = {
        "erasures_replayed": len(done.replayed),
        "letters_waiting": waiting,
        "wrong": [asdict(check) for check in bad],
    }
    lines = [_told(done, waiting), *(f"BAD {check.name}: {check.detail}" for check in bad)]
    return Answer(values, "\n".join(lines), found_wrong=bool(bad))


def _told(done: PutBack, waiting: int) -> str:
    told = (
        f"Restored into {done.settings.instance}, as it was at {done.backup.told['made_at']}."
        f" {len(done.replayed)} erased since then stay erased."
    )
    if waiting:
        told += (
            f"\n{waiting} letters wait as they did then, and some may have left since: look at"
            " studyhub mail list before you start the worker."
        )
    return told


def _backup_key(asked: argparse.Namespace) -> bytes:
    path = asked.backup_key or asked.instance / "keys" / "backup"
    try:
        key: bytes = path.read_bytes()
    except FileNotFoundError:
        if asked.backup_key:
            raise NotFound(f"there is no key file {path}") from None
        raise NotConfigured("give the key that opens backups: --backup-key FILE") from None
    if len(key) != KEY_SIZE:
        raise Corrupt(f"{path} is no backup key: it has {len(key)} bytes instead of {KEY_SIZE}")
    return key
