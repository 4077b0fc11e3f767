"""Consent given to somebody of the team: the ways, and what proves each of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from studyhub.domain.errors import Invalid
from studyhub.domain.scans import MOST_BYTES, kind_of_scan

_A_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Way:
    """One way: its mode, its kind of evidence, what people call that, the most bytes of it."""

    mode: str
    evidence: str
    noun: str
    most_bytes: int

    def refuse_size(self, length: int) -> None:
        """Invalid for evidence announced as empty, or as too large."""
        if not 0 < length <= self.most_bytes:
            most = self.most_bytes // _A_MEGABYTE
            raise Invalid({"scan": f"Send a {self.noun} of at most {most} MB"})

    def is_shown_by(self, beginning: bytes) -> bool:
        """Whether sealed evidence that begins so is of this way, and not of the other."""
        return bool(kind_of_scan(beginning)) == (self.evidence == "scan")


PAPER = Way("paper_scan", "scan", "scan", MOST_BYTES)
# A quarter of an hour read aloud, also as the WAV of a simple recorder.
SPOKEN = Way("verbal_audio", "audio", "sound", 100 * _A_MEGABYTE)
WAYS: Mapping[str, Way] = {way.mode: way for way in (PAPER, SPOKEN)}
