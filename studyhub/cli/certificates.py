"""The command that checks a certificate of erasure; it needs no key of anybody."""

import argparse
from pathlib import Path

from studyhub.cli.frame import Answer, Commands, add, group, opened_as_it_is
from studyhub.domain.errors import Corrupt, NotFound
from studyhub.vault.certificates import check_certificate
from studyhub.vault.verify_certificate import in_words


def add_commands(commands: Commands) -> None:
    """Add ``certificate verify``."""
    certificate = group(commands, "certificate", "What was destroyed, signed.")
    parser = add(certificate, "verify", "Check a certificate of erasure.", verify)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--key",
        type=Path,
        metavar="PUB",
        help="the public key, as pub.txt of an exported record; else that of this installation",
    )


def verify(asked: argparse.Namespace) -> Answer:
    """Say whether this installation, or whoever has that key, made it and nobody changed it."""
    try:
        content = asked.file.read_bytes()
        key = asked.key.read_text("ascii", "replace").strip() if asked.key else ""
    except OSError as missing:
        raise NotFound(f"{missing.filename} cannot be read") from None
    try:
        told = check_certificate(content, _bytes_of(key) if asked.key else _own_key(asked))
    except Corrupt as problem:
        return Answer(
            {"ok": False, "reason": str(problem)}, f"Not valid: {problem}", found_wrong=True
        )
    return Answer({"ok": True, "certificate": told}, f"Valid.\n{in_words(told)}")


def _bytes_of(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError:
        raise Corrupt("this is no public key") from None


def _own_key(asked: argparse.Namespace) -> bytes:
    with opened_as_it_is(asked) as hub:
        return hub.key_files.log_public
