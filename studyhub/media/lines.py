"""Read lines or paragraphs of a transcript: who speaks, from when, and what goes on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studyhub.media.labels import Labels, Start, likely_bare_labels, take_header
from studyhub.media.previews import Findings, Piece, visible

_TRAILERS = ("transcribed by https://otter.ai", "transcribed by otter.ai")
_OFTEN = 2


@dataclass(frozen=True)
class Line:
    """One line or paragraph. ``new`` if a blank line, or a paragraph's end, stands before it.

    ``label`` and ``start_ms`` are set where the layout names them: a heading, a table.
    """

    number: int
    text: str
    new: bool = True
    label: str | None = None
    start_ms: int | None = None


def read_lines(
    lines: Sequence[Line], findings: Findings, labels: frozenset[str] | None = None
) -> list[Piece]:
    """The pieces of speech in some lines. Every line is counted, as imported or as skipped."""
    findings.seen += len(lines)
    spoken = [line for line in lines if not _is_left_out(line, findings)]
    headers = _headers(spoken)
    known = Labels((line.text for line in spoken if line.label is None), labels)
    reader = _Reader(known, headers, findings)
    for line in spoken:
        reader.take(line)
    pieces = reader.finish()
    if labels is None:
        _note_rare(pieces, findings)
        _note_bare(pieces, findings)
    return pieces


def _is_left_out(line: Line, findings: Findings) -> bool:
    if not visible(line.text):
        findings.skip(line.number, "no text")
        return True
    if line.text.strip().casefold().rstrip("/") in _TRAILERS:
        findings.skip(line.number, "the line of the program that transcribed it")
        return True
    return False


def _headers(lines: Sequence[Line]) -> dict[Line, tuple[str, int]]:
    """Lines ``Name  mm:ss`` above what was said, if the document is written that way."""
    found = {}
    for line in lines:
        header = take_header(line.text) if line.new and line.label is None else None
        if header:
            found[line] = header
    return found if len(found) >= _OFTEN else {}


class _Reader:
    """Goes through the lines and remembers who speaks."""

    def __init__(
        self, labels: Labels, headers: dict[Line, tuple[str, int]], findings: Findings
    ) -> None:
        self._labels = labels
        self._headers = headers
        self._findings = findings
        self._pieces: list[Piece] = []
        self._said: list[str] = []
        self._open = False
        self._went_on = 0
        self._last_end: int | None = 0

    def take(self, line: Line) -> None:
        """Begin a piece with this line, or go on with the one before."""
        if line in self._headers:
            speaker, moment = self._headers[line]
            self._begin(Piece(line.number, speaker, "", moment), waits=True)
            return
        start = self._start(line)
        if start.label is not None or start.start_ms is not None or not self._pieces:
            label = start.label or (self._pieces[-1].label if self._pieces else None)
            text = start.text.strip()
            piece = Piece(line.number, label, text, start.start_ms, start.end_ms)
            self._begin(self._stamped(piece, start), waits=not text)
        else:
            self._go_on(line, start)

    def _start(self, line: Line) -> Start:
        if line.label is not None:
            return Start(line.text, line.label, line.start_ms)
        start = self._labels.take(line.text)
        return start if line.start_ms is None else replace(start, start_ms=line.start_ms)

    def _begin(self, piece: Piece, *, waits: bool) -> None:
        self._close()
        self._pieces.append(piece)
        self._said = [piece.text]
        self._open = waits

    def _go_on(self, line: Line, start: Start) -> None:
        last = self._pieces[-1]
        if line.new and not self._open:
            self._went_on += 1
            piece = Piece(line.number, last.label, start.text.strip(), None, start.end_ms)
            self._begin(self._stamped(piece, start), waits=False)
            return
        self._open = False
        end = last.end_ms if start.end_ms is None else start.end_ms
        self._said.append(start.text.strip())
        self._pieces[-1] = self._stamped(replace(last, end_ms=end), start)

    def _stamped(self, piece: Piece, start: Start) -> Piece:
        """Where every turn ends with a stamp, the next begins there."""
        if not start.ends_with_time:
            return piece
        begin, self._last_end = self._last_end, start.end_ms
        end = piece.end_ms or 0
        if piece.start_ms is None and begin is not None and begin <= end:
            return replace(piece, start_ms=begin)
        return piece if (piece.start_ms or 0) <= end else replace(piece, end_ms=None)

    def _close(self) -> None:
        """Put the lines of the last piece together; without any it was no speech."""
        if not self._pieces:
            return
        last = self._pieces.pop()
        text = " ".join(filter(None, self._said))
        if visible(text):
            self._pieces.append(replace(last, text=text))
        else:
            self._findings.skip(last.line, "a speaker without text")

    def finish(self) -> list[Piece]:
        """All pieces, after the last line."""
        self._close()
        if self._went_on and any(piece.label for piece in self._pieces):
            self._findings.notes.append(
                f"{self._went_on} paragraphs name no speaker: each was given to the one before."
            )
        return self._pieces


def _note_rare(pieces: Sequence[Piece], findings: Findings) -> None:
    counts = Counter(piece.label for piece in pieces if piece.label)
    rare = [label for label, times in counts.items() if times == 1]
    if rare and len(rare) < len(counts):
        findings.notes.append(
            f"Taken for a speaker only once, which may be wrong: {', '.join(rare[:20])}."
        )


def _note_bare(pieces: Sequence[Piece], findings: Findings) -> None:
    if any(piece.label for piece in pieces):
        return
    words = likely_bare_labels([piece.text for piece in pieces])
    if words:
        findings.notes.append(
            f"Nearly every paragraph begins with one of: {', '.join(words)}. "
            "If these are the speakers, name them and read the file again."
        )
