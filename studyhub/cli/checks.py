"""Commands that look and check: keys, the record, sealed files, the whole installation."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from studyhub.cli.frame import (
    Answer,
    Commands,
    add,
    group,
    opened,
    opened_as_it_is,
    password,
    wants_password,
)
from studyhub.domain.errors import NotFound
from studyhub.domain.mail_reports import MOST_BYTES
from studyhub.domain.vocabulary import INSTANCE, STAFF
from studyhub.vault.verify_audit import Verdict, verify_folder
from studyhub.workflows import key_check, mail_check, trail, upkeep, worker
from studyhub.workflows.findings import Check, look
from studyhub.workflows.kernel import Hub, operator_desk
from studyhub.workflows.visitors import study_id

THE_INSTANCE = "instance"  # in place of a study: accounts, commands and the worker


def add_commands(commands: Commands) -> None:
    """Add ``keys``, ``audit``, ``object``, ``doctor`` and ``sweep``."""
    keys = group(commands, "keys", "What a password really opens.")
    parser = add(keys, "open", "Try every sealed thing with one password.", keys_open)
    parser.add_argument("--as", required=True, dest="login", metavar="LOGIN")
    parser.add_argument("--role", choices=[str(role) for role in STAFF])
    wants_password(parser)
    audit = group(commands, "audit", "The record of a study, or of the instance.")
    parser = add(audit, "export", "Take a copy that proves itself.", audit_export)
    parser.add_argument("slug", help="of the study, or the word instance")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser = add(audit, "verify", "Check such a copy; needs no installation.", audit_verify)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--witness", type=Path, metavar="FILE", help="heads kept elsewhere")
    parser = add(audit, "head", "Sign how long the record is and where it ends.", audit_head)
    parser.add_argument("slug", help="of the study, or the word instance")
    sealed = group(commands, "object", "Sealed files.")
    parser = add(sealed, "verify", "Compare a file with its recorded root.", object_verify)
    parser.add_argument("id", type=UUID)
    parser = add(commands, "doctor", "Look whether everything is as it should be.", doctor)
    parser.add_argument("--full", action="store_true", help="read every file and line")
    parser.add_argument(
        "--mail",
        metavar="ADDRESS",
        help="send a letter there; or - to look at one that arrived, from stdin",
    )
    add(commands, "sweep", "Remove what uploads and sessions left behind.", sweep)


def keys_open(asked: argparse.Namespace) -> Answer:
    """Count what one password opens of each compartment. Leaves no line: it may be a copy."""
    with opened(asked) as hub:
        tallies = key_check.keys_open(
            hub, asked.login, password(asked, asked.login), asked.role
        )
    values = {"compartments": {name: asdict(tally) for name, tally in tallies.items()}}
    lines = [f"{name:<12} {t.opened:>6} of {t.objects}" for name, t in tallies.items()]
    return Answer(values, "\n".join(lines))


# -- the record ---------------------------------------------------------------------


def audit_export(asked: argparse.Namespace) -> Answer:
    """Sign the end of the record and write a copy of it, with the script that checks it."""
    with opened(asked) as hub:
        desk = operator_desk(hub, _chain(hub, asked.slug))
        trail.sign_head(desk)
        copy = trail.export(desk)
    asked.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in copy.files.items():
        (asked.folder / name).write_bytes(content)
    return _verdict(verify_folder(asked.folder), f"Written to {asked.folder}. ")


def audit_verify(asked: argparse.Namespace) -> Answer:
    """Check a copy of a record, perhaps against heads that were kept elsewhere."""
    try:
        outside = asked.witness.read_text("utf-8", "replace") if asked.witness else None
        verdict = verify_folder(asked.folder, outside)
    except OSError as missing:
        raise NotFound(f"{missing.filename} cannot be read") from None
    if outside is None:
        sys.stderr.write("Compared with no head kept elsewhere: give one with --witness.\n")
    return _verdict(verdict)


def audit_head(asked: argparse.Namespace) -> Answer:
    """Sign the end of the record, then read all of it again up to there."""
    with opened(asked) as hub:
        desk = operator_desk(hub, _chain(hub, asked.slug))
        head = trail.sign_head(desk)
        health = trail.check_health(desk)
    found = Verdict(str(desk.study), head.size, head.digest, ok=health.ok)
    found.first_bad, found.reason = health.first_bad, health.problem
    return _verdict(found)


def _chain(hub: Hub, slug: str) -> UUID:
    return INSTANCE if slug == THE_INSTANCE else study_id(hub, slug)


def _verdict(verdict: Verdict, before: str = "") -> Answer:
    values: dict[str, Any] = {
        "chain": verdict.chain,
        "size": verdict.size,
        "digest": verdict.digest,
        "ok": verdict.ok,
    }
    if not verdict.ok:
        values["first_bad"] = verdict.first_bad
    told = f"Whole: {verdict.size} lines, digest {verdict.digest}."
    if not verdict.ok:
        told = f"NOT WHOLE: {verdict.reason}. First bad line: {verdict.first_bad}."
    return Answer(values, before + told, found_wrong=not verdict.ok)


# -- sealed files -------------------------------------------------------------------


def object_verify(asked: argparse.Namespace) -> Answer:
    """Compare a sealed file with what was recorded when it was sealed."""
    with opened(asked) as hub:
        found = key_check.check_file(hub, asked.id)
    values = {
        "id": str(found.id),
        "size": found.size,
        "root": found.root,
        "recorded_root": found.recorded_root,
        "same": found.same,
    }
    told = "The file is the one that was sealed." if found.same else "THE FILE WAS CHANGED."
    return Answer(values, told, found_wrong=not found.same)


# -- the whole installation ---------------------------------------------------------


def doctor(asked: argparse.Namespace) -> Answer:
    """Look at everything; whatever is wrong, or will be, is named."""
    with opened_as_it_is(asked) as hub:
        found = upkeep.checks(hub, full=asked.full)
        if asked.mail:
            found.append(_mail(hub, asked.mail))
    ok = all(check.ok for check in found)
    lines = [
        f"{'ok ' if check.ok else 'BAD'} {check.name:<16} {check.detail}".rstrip()
        for check in found
    ]
    values = {"ok": ok, "checks": [asdict(check) for check in found]}
    return Answer(values, "\n".join(lines), found_wrong=not ok)


def _mail(hub: Hub, address: str) -> Check:
    if address == "-":
        raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        return look("one-click stop", lambda: mail_check.vouched_for(hub, raw))
    return look("letter", lambda: mail_check.sent(hub, address))


def sweep(asked: argparse.Namespace) -> Answer:
    """Remove leftovers; files without a row are listed by ``doctor``, never removed."""
    with opened(asked) as hub:
        removed = worker.sweep(hub)
    return Answer({"removed": removed}, f"{removed} removed.")
