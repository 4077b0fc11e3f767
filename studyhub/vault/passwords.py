"""Stretch passwords, a few at a time, to recognise them and to open keys.

Each run takes 64 MiB on purpose. Fifty people signing in at once would take 3 GiB, so a process
runs two, lets a few wait, and tells the others to come back.
"""

import hmac
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from secrets import token_bytes
from threading import Condition
from typing import Literal

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from studyhub.domain.errors import Busy, Corrupt, Invalid
from studyhub.vault.guessing import LONGEST, MOST_CHARACTERS
from studyhub.vault.primitives import KEY_SIZE, hkdf

SALT_SIZE = 16

# Far above anything sensible: a changed row must not take all memory.
_MOST = {"memory_kib": 1024 * 1024, "iterations": 100, "lanes": 16}
_LEAST_MEMORY = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of Argon2id takes. Source: RFC 9106."""

    memory_kib: int = 65536
    iterations: int = 3
    lanes: int = 1

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            if not 1 <= getattr(self, name) <= most:
                raise Corrupt(f"a cost of Argon2id is out of range: {name}")
        if self.memory_kib < _LEAST_MEMORY * self.lanes:
            raise Corrupt("a cost of Argon2id is out of range: memory_kib")

    def as_json(self) -> dict[str, int]:
        """What is stored beside a verifier."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, int]) -> "Cost":
        """Read what was stored."""
        if set(stored) != set(_MOST) or not all(type(n) is int for n in stored.values()):
            raise Corrupt("a cost of Argon2id that nobody stored")
        return cls(**stored)


WORD_COST = Cost(memory_kib=19 * 1024, iterations=2, lanes=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a password: enough to recognise it, not to know it."""

    cost: Cost
    salt: bytes = field(repr=False)
    verifier: bytes = field(repr=False)


class Kitchen:
    """Where all Argon2id runs of one process are made: few at once, a short queue, else Busy.

    Make one for a process; two would use twice the memory.
    """

    def __init__(
        self,
        cost: Cost | None = None,
        word_cost: Cost = WORD_COST,
        *,
        at_once: int = 2,
        waiting: int = 8,
        seconds: float = 5.0,
    ) -> None:
        self.cost = cost or Cost()
        self.word_cost = word_cost
        self._at_once = at_once
        self._most_waiting = waiting
        self._seconds = seconds
        self._changed = Condition()
        self._running = 0
        self._waiting = 0

    def stretch(self, password: str, salt: bytes, pepper: bytes, cost: Cost) -> bytes:
        """Stretch a password to 32 bytes. Raises ``Busy`` when too many come at once."""
        raw = _encoded(password, "NFC", "password")
        return self._run(raw, salt, pepper, cost)

    def keep(self, password: str, pepper: bytes) -> tuple[bytes, Stored]:
        """Stretch a new password: what it gives, and what to store."""
        salt = token_bytes(SALT_SIZE)
        prk = self.stretch(password, salt, pepper, self.cost)
        return prk, Stored(self.cost, salt, verifier_of(prk))

    def check(self, password: str, pepper: bytes, stored: Stored | None) -> bytes | None:
        """Stretch a tried password; nothing unless it is right.

        For an unknown person (``stored`` is nothing) the same work is done, so that the time
        tells nothing.
        """
        tried = stored or Stored(self.cost, bytes(SALT_SIZE), bytes(KEY_SIZE))
        prk = self.stretch(password, tried.salt, pepper, tried.cost)
        right = same(verifier_of(prk), tried.verifier)
        return prk if right and stored is not None else None

    def keep_word(self, word: str, pepper: bytes) -> bytes:
        """Digest the memorable word of a link: salt and 32 bytes."""
        salt = token_bytes(SALT_SIZE)
        return salt + self._run(_folded(word), salt, pepper, self.word_cost)

    def word_fits(self, word: str, pepper: bytes, kept: bytes) -> bool:
        """Whether this is the memorable word of a link."""
        if len(kept) != SALT_SIZE + KEY_SIZE:
            raise Corrupt("a kept word has 48 bytes")
        salt, digest = kept[:SALT_SIZE], kept[SALT_SIZE:]
        return same(self._run(_folded(word), salt, pepper, self.word_cost), digest)

    def _run(self, raw: bytes, salt: bytes, pepper: bytes, cost: Cost) -> bytes:
        if len(salt) != SALT_SIZE:
            raise Corrupt("a salt has 16 bytes")
        with self.stove():
            return Argon2id(
                salt=salt,
                length=KEY_SIZE,
                iterations=cost.iterations,
                lanes=cost.lanes,
                memory_cost=cost.memory_kib,
                secret=pepper,
            ).derive(raw)

    @contextmanager
    def stove(self) -> Iterator[None]:
        """A place for one run. Raises ``Busy`` when none gets free in time."""
        with self._changed:
            if self._running >= self._at_once:
                self._wait()
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify()

    def _wait(self) -> None:
        if self._waiting >= self._most_waiting:
            raise Busy("too many people are signing in at once")
        self._waiting += 1
        try:
            free = self._changed.wait_for(
                lambda: self._running < self._at_once, timeout=self._seconds
            )
        finally:
            self._waiting -= 1
        if not free:
            raise Busy("too many people are signing in at once")


def verifier_of(prk: bytes) -> bytes:
    """What is stored to recognise a password by, from what it was stretched to."""
    return sha256(hkdf(prk, "studyhub/user/auth/v1")).digest()


def same(a: bytes, b: bytes) -> bool:
    """Compare secrets, taking equally long wherever they differ."""
    return hmac.compare_digest(a, b)


def _folded(word: str) -> bytes:
    _refuse_endless(word, "word")
    return _encoded(unicodedata.normalize("NFKC", word).casefold(), "NFKC", "word")


def _refuse_endless(text: str, name: str) -> None:
    # Before anything else: folding some long texts takes hours, and anybody can send one.
    if len(text) > MOST_CHARACTERS:
        raise Invalid({name: "This is too long."})


def _encoded(text: str, form: Literal["NFC", "NFKC"], name: str) -> bytes:
    _refuse_endless(text, name)
    try:
        raw = unicodedata.normalize(form, text).encode()
    except UnicodeEncodeError:
        raise Invalid({name: "This holds characters that cannot be stored."}) from None
    if len(raw) > LONGEST:
        raise Invalid({name: "This is too long."})
    return raw
