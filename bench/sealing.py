"""P5: seal and open a whole file, beside cp, cat, bare AES-GCM, age and gpg.

Ours hands what it opens to the process that needs it. A tool has to leave it in a file before
anything can seek in it; that is compared with the goal. Without that file, and for gpg without
its compression, the numbers stand there for comparison.
"""

import os
import shutil
from pathlib import Path
from subprocess import DEVNULL, run
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.measure import (
    CHUNK,
    Contenders,
    Line,
    chunks,
    interleave,
    make_source,
    new_key,
    ratio,
    workplace,
)
from studyhub.vault.stream_reader import Reader
from studyhub.vault.stream_writer import seal_stream

INSTALL = {"age": "apt install age", "gpg": "apt install gnupg"}


def lines(size: int, rounds: int, memory: Path) -> list[Line]:
    """Measure in a folder that lies in memory, so that no disk decides."""
    with workplace(memory) as folder:
        ours = Ours(folder, size)
        sealing = interleave({"seal": ours.seal, "cp": ours.copy}, rounds)
        tools = _age(ours) | _gpg(ours)
        opening = interleave(
            {"open": ours.open, "cat": ours.cat, "gcm": ours.bare_gcm} | tools, rounds
        )
        if "gpg" in tools:
            _quiet("gpgconf", "--homedir", folder / "gnupg", "--kill", "gpg-agent")
    bare = ratio(opening, "open", "cat", "gcm")
    return [
        Line("P5", "sealing with root / cp", 2.5, ratio(sealing, "seal", "cp")),
        Line("P5", "opening / (cat + bare AES-GCM)", 1.3, bare),
        _faster("age", 2.5, ratio(opening, "age", "open")),
        _faster("gpg", 3.5, ratio(opening, "gpg", "open")),
        _faster("age to nowhere", None, ratio(opening, "age to nowhere", "open")),
        _faster("gpg to nowhere", None, ratio(opening, "gpg to nowhere", "open")),
        _faster("bare gpg to nowhere", None, ratio(opening, "bare gpg to nowhere", "open")),
    ]


def _faster(what: str, limit: float | None, reached: float | None) -> Line:
    tool = "age" if "age" in what else "gpg"
    note = "" if reached else f"{tool} is missing: {INSTALL[tool]}"
    return Line("P5", f"{what} / opening", limit, reached, at_least=True, note=note)


class Ours:
    """The same bytes in clear and sealed; whatever is opened goes to /dev/null."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.source = make_source(folder / "source", size)
        self._sealed = folder / "sealed"
        self._size = size
        self._key = new_key()

    def seal(self) -> None:
        self._sealed.unlink(missing_ok=True)
        with self._sealed.open("wb", buffering=0) as target:
            seal_stream(target.fileno(), self._key, chunks(self.source), self._size)

    def copy(self) -> None:
        (self.folder / "copy").unlink(missing_ok=True)
        _quiet("cp", self.source, self.folder / "copy")

    def open(self) -> None:
        with Reader(self._sealed, self._key) as reader, _nowhere() as target:
            for piece in reader.range(0, reader.length):
                target.write(piece)

    def cat(self) -> None:
        with _nowhere() as target:
            run(["cat", self._sealed], stdout=target, check=True)

    def bare_gcm(self) -> None:
        """Open as many segments in memory, with the same call and nothing around it."""
        cipher, nonce = AESGCM(bytes(32)), bytes(12)
        segment = cipher.encrypt(nonce, bytes(CHUNK), bytes(37))
        for _ in range(self._size // CHUNK):
            cipher.decrypt(nonce, segment, bytes(37))


def _nowhere() -> BinaryIO:
    return Path(os.devnull).open("wb", buffering=0)


def _quiet(*command: object) -> None:
    run([str(part) for part in command], stdout=DEVNULL, stderr=DEVNULL, check=True)


def _age(ours: Ours) -> Contenders:
    if not (shutil.which("age") and shutil.which("age-keygen")):
        return {}
    key, sealed, opened = (ours.folder / f"age.{name}" for name in ("key", "sealed", "opened"))
    _quiet("age-keygen", "-o", key)
    _quiet("age", "-e", "-i", key, "-o", sealed, ours.source)
    return {
        "age": lambda: _quiet("age", "-d", "-i", key, "-o", opened, sealed),
        "age to nowhere": lambda: _quiet("age", "-d", "-i", key, "-o", os.devnull, sealed),
    }


def _gpg(ours: Ours) -> Contenders:
    """As it comes, but with few rounds for its passphrase; bare is without compression too."""
    if not shutil.which("gpg"):
        return {}
    home, sealed, bare = (ours.folder / name for name in ("gnupg", "gpg", "gpg.bare"))
    home.mkdir(mode=0o700)
    loud = ("--pinentry-mode", "loopback", "--passphrase", "only for measuring")
    gpg = ("gpg", "--homedir", home, "--batch", "--yes", *loud)
    _quiet(*gpg, "--s2k-count", "65536", "-o", sealed, "-c", ours.source)
    fast = ("--s2k-count", "65536", "--compress-algo", "none")
    _quiet(*gpg, *fast, "-o", bare, "-c", ours.source)
    opened = ours.folder / "gpg.opened"
    return {
        "gpg": lambda: _quiet(*gpg, "-o", opened, "-d", sealed),
        "gpg to nowhere": lambda: _quiet(*gpg, "-o", os.devnull, "-d", sealed),
        "bare gpg to nowhere": lambda: _quiet(*gpg, "-o", os.devnull, "-d", bare),
    }
