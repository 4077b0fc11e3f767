"""Check an exported audit log: Python and ``cryptography``, no database, nothing else of ours.

    python verify_audit.py DIR [--witness FILE] [--json]

DIR holds ``log.jsonl heads.jsonl witness.txt pub.txt`` (``docs/formats/AUDIT.md``). It exits
with 0: whole, 1: something is wrong, 2: nothing to check. Every line must follow from the one
before by its digest, and at every signed head the digest must be the signed one; so whoever
changes a line needs the log key. Whoever has the log key is caught only by a head that left the
machine before: give the mailed or printed one with ``--witness``.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import NoneType
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEAD_NAME = "studyhub-head/v1"
NOTHING = "0" * 64
NO_WITNESS = "Not compared with a head kept outside: the log key could have written it anew.\n"
_TEXTS = ("act", "outcome", "prev", "role", "study", "subject", "ts")
LINE: dict[str, Any] = dict.fromkeys(_TEXTS, str)
LINE |= {"actor": (str, NoneType), "facts": dict, "seq": int, "v": int}
HEAD: dict[str, Any] = {"chain": str, "size": int, "digest": str, "ts": str, "signature": str}

_INSTANT = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"
_FACT = rb'"[^"]*":(?:"[^"]*"|null|0|-?[1-9][0-9]*)'
# Nearly every line is plain ASCII of this form: so it is read three times faster than as JSON.
_PLAIN = re.compile(
    rb'\{"act":"[^"]*","actor":(?:"[^"]*"|null),"facts":\{(%b((?:,%b)*))?\},'
    rb'"outcome":"[^"]*","prev":"([^"]*)","role":"[^"]*","seq":([0-9]+),"study":"([^"]*)",'
    rb'"subject":"[^"]*","ts":"(%b)","v":1\}' % (_FACT, _FACT, _INSTANT)
)
_FACT_NAMES = re.compile(rb'"([^"]*)":')
_NOT_PLAIN = bytes(range(0x20)) + b"\\"
_HEAD_WORDS = re.compile(
    r"(?P<chain>[0-9a-f-]{36}) (?P<size>[1-9][0-9]{0,17}) (?P<digest>[0-9a-f]{64}) "
    rf"(?P<ts>{_INSTANT.decode()})"
    r"(?: (?P<signature>[0-9a-f]{64} ?[0-9a-f]{64}))?(?: |$)"
)


class Fault(Exception):
    """What is wrong, in words."""


@dataclass(frozen=True, slots=True)
class SignedHead:
    """How long a chain was and its newest digest. Only a witness may come without signature."""

    chain: str
    size: int
    digest: str
    ts: str
    signature: bytes = b""

    @property
    def message(self) -> bytes:
        """The five lines that are signed."""
        return f"{HEAD_NAME}\n{self.chain}\n{self.size}\n{self.digest}\n{self.ts}\n".encode()


@dataclass(slots=True)
class Verdict:
    """How far the log was read, how far heads agreed, and the first line wrong or missing."""

    chain: str = ""
    size: int = 0
    digest: str = NOTHING
    ts: str = ""
    proven: int = 0
    ok: bool = False
    first_bad: int | None = None
    reason: str = ""


def line_digest(line: bytes) -> bytes:
    """Digest one stored line; the zero byte keeps it apart from nodes of a later tree."""
    return sha256(b"\0" + line).digest()


def canonical(parts: Mapping[str, Any]) -> bytes:
    """Write JSON in its one form; TypeError for all but texts, integers, null and objects."""
    _check_values(parts)
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _check_values(parts: Mapping[str, Any]) -> None:
    for value in parts.values():
        if isinstance(value, dict):
            _check_values(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | NoneType):
            raise TypeError("only texts, integers and null have one form")


def verify(
    lines: Iterable[bytes],
    heads: Iterable[SignedHead],
    public_key: bytes,
    witness: Iterable[SignedHead] = (),
    seen: Verdict | None = None,
) -> Verdict:
    """Check stored lines (without newline) against all heads, and against heads kept outside.

    The newest head must cover the last line. ``lines`` go on after those of ``seen``, a good
    verdict on all that was before.
    """
    lines, known = iter(lines), list(heads)
    verdict = replace(seen) if seen and seen.ok else Verdict(known[0].chain if known else "")
    begun = verdict.size
    try:
        for head in _in_order(known, list(witness), verdict):
            if head.size < begun:
                continue
            _check_signature(head, public_key)
            _follow(islice(lines, head.size - verdict.size), verdict)
            _compare(head, verdict)
    except Fault as fault:
        verdict.reason = str(fault)
    if not verdict.reason and next(lines, None) is not None:
        verdict.reason = "lines follow the newest head, and no head covers them"
    verdict.ok = not verdict.reason
    if not verdict.ok and verdict.first_bad is None:
        verdict.first_bad = verdict.size
    return verdict


def _in_order(
    known: list[SignedHead], witness: list[SignedHead], verdict: Verdict
) -> list[SignedHead]:
    """All heads by size, after what can be seen without the log."""
    sizes = [head.size for head in known]
    if not sizes or sizes != sorted(set(sizes)) or not all(head.signature for head in known):
        raise Fault("heads of this log are missing, not in their order, or not signed")
    together = sorted(known + witness, key=lambda head: head.size)
    if any(head.chain != verdict.chain for head in together):
        raise Fault("a head is of another chain")
    if together[0].size < 1:
        raise Fault("a head covers no line")
    return together


def _check_signature(head: SignedHead, public_key: bytes) -> None:
    if not head.signature:
        return
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(head.signature, head.message)
    except (InvalidSignature, ValueError):
        raise Fault(f"the head of {head.size} lines is not signed by this log key") from None


def _compare(head: SignedHead, verdict: Verdict) -> None:
    """At the size of a head the log must have the digest of that head."""
    if verdict.size < head.size:
        raise Fault(f"a head covers {head.size} lines: the log was cut")
    if verdict.digest != head.digest:
        verdict.first_bad = verdict.proven
        raise Fault(f"the log is not the one that had a head at {head.size} lines")
    verdict.proven = head.size


def _follow(lines: Iterable[bytes], verdict: Verdict) -> None:
    """Follow lines, each of which must lead to the next. This is the loop that costs."""
    size, digest, ts = verdict.size, verdict.digest.encode(), verdict.ts.encode()
    chain = verdict.chain.encode()
    try:
        for line in lines:
            plain = _PLAIN.fullmatch(line)
            if not plain or line.translate(None, _NOT_PLAIN) != line or not line.isascii():
                prev, seq, study, at = _links(line)
            else:
                facts, several, prev, seq, study, at = plain.groups()
                if several:
                    _check_order(facts)
            if prev != digest or seq != b"%d" % size or study != chain or at < ts:
                raise Fault("a line does not follow from the one before it")
            digest = sha256(b"\0" + line).hexdigest().encode()
            size, ts = size + 1, at
    finally:
        verdict.size, verdict.digest, verdict.ts = size, digest.decode(), ts.decode()


def _check_order(facts: bytes) -> None:
    names = _FACT_NAMES.findall(facts)
    if names != sorted(set(names)):
        raise Fault("the facts of a line are not in their order")


def _links(line: bytes) -> tuple[bytes, ...]:
    """Read any line the slow way: canonical to the byte, and exactly our keys."""
    parts = _parsed(line, LINE)
    if parts["v"] != 1 or not re.fullmatch(_INSTANT, parts["ts"].encode()):
        raise Fault("a line is of another version, or has its time in another form")
    if any(isinstance(value, dict) for value in parts["facts"].values()):
        raise Fault("a line has facts within facts")
    return tuple(str(parts[name]).encode() for name in ("prev", "seq", "study", "ts"))


def _parsed(line: bytes, kinds: Mapping[str, Any]) -> dict[str, Any]:
    """Parse one line of JSON, which must be what ``canonical`` would write."""
    try:
        parts: dict[str, Any] = json.loads(line)
        whole = canonical(parts) == line and parts.keys() == kinds.keys()
    except (AttributeError, ValueError, TypeError, RecursionError):
        whole = False
    if not whole or any(not isinstance(parts[name], kind) for name, kind in kinds.items()):
        raise Fault("a line is not canonical JSON with the keys and values it should have")
    return parts


def read_heads(lines: Iterable[bytes]) -> Iterator[SignedHead]:
    """Read ``heads.jsonl``, every line of which has a signature."""
    for line in lines:
        parts = _parsed(line, HEAD)
        head = _head(" ".join(str(parts[name]) for name in HEAD))
        if head.signature.hex() != parts["signature"]:
            raise Fault("a head is damaged")
        yield head


def witness_heads(text: str, chain: str) -> list[SignedHead]:
    """Find the heads of one chain among the words of a mail or report; none is a fault."""
    words = " ".join(text.replace(">", " ").split())
    parts = (part.lstrip() for part in words.split(HEAD_NAME)[1:])
    heads = [_head(part) for part in parts if part.startswith(chain)]
    if not heads:
        raise Fault("the witness has no head of this chain")
    return heads


def _head(words: str) -> SignedHead:
    found = _HEAD_WORDS.match(words)
    if not found:
        raise Fault("a head is damaged")
    *told, signature = found.group("chain", "size", "digest", "ts", "signature")
    return SignedHead(told[0], int(told[1]), told[2], told[3], bytes.fromhex(signature or ""))


def verify_folder(folder: Path, outside: str | None = None) -> Verdict:
    """Check an export; ``outside`` is the text of a witness. OSError when a file is missing."""
    public_key = (folder / "pub.txt").read_text("utf-8", "replace")
    kept = (folder / "witness.txt").read_text("utf-8", "replace")
    with (folder / "log.jsonl").open("rb") as log, (folder / "heads.jsonl").open("rb") as heads:
        stored, signed = (map(_without_newline, file) for file in (log, heads))
        try:
            known = list(read_heads(signed))
            chain = known[0].chain if known else ""
            seen = witness_heads(kept, chain) if HEAD_NAME in kept else []
            seen += [] if outside is None else witness_heads(outside, chain)
            return verify(stored, known, bytes.fromhex(public_key), seen)
        except (Fault, ValueError) as fault:
            return Verdict(first_bad=0, reason=str(fault))


def _without_newline(line: bytes) -> bytes:
    """A line of a file; without its newline it was cut or changed, and is then no JSON."""
    return line[:-1] if line.endswith(b"\n") else b""


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line, check, say what was found."""
    parser = argparse.ArgumentParser(description="Check an exported audit log.")
    parser.add_argument("folder", metavar="DIR", type=Path)
    parser.add_argument("--witness", metavar="FILE", type=Path, help="heads kept outside")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    asked = parser.parse_args(words)
    try:
        outside = asked.witness.read_text("utf-8", "replace") if asked.witness else None
        verdict = verify_folder(asked.folder, outside)
    except OSError as missing:
        parser.error(str(missing))
    if asked.json:
        shown = {n: getattr(verdict, n) for n in ("chain", "size", "digest", "ok", "first_bad")}
        sys.stdout.write(json.dumps(shown) + "\n")
        sys.stderr.write(verdict.reason and verdict.reason + "\n")
    else:
        sys.stdout.write(_in_words(verdict, outside))
    return 0 if verdict.ok else 1


def _in_words(verdict: Verdict, outside: str | None) -> str:
    if not verdict.ok:
        return f"NOT WHOLE: {verdict.reason}. First bad line: {verdict.first_bad}.\n"
    told = f"Whole: {verdict.size} lines of chain {verdict.chain}. Digest {verdict.digest}.\n"
    return told + ("" if outside is not None else NO_WITNESS)


if __name__ == "__main__":
    sys.exit(main())
