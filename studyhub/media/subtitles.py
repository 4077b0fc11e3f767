"""Read WebVTT (also as Teams and Zoom write it) and SubRip into pieces of speech.

Sources: W3C WebVTT; SubRip has no standard. Times are read with or without leading zeros and
with either mark before the milliseconds, since programs write both.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from studyhub.domain.turns import LONGEST_SOUND_MS, MOST_TURNS
from studyhub.media.labels import Labels
from studyhub.media.previews import Findings, Piece, refused, visible

_MOMENT = r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{1,2})[.,]([0-9]{1,3})"
_TIMING = re.compile(rf"\s*{_MOMENT}\s*-->\s*{_MOMENT}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
_MARKUP = re.compile(
    r"</?(?:v|c|i|b|u|s|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<[0-9:.]+>|\{\\[^{}]{0,40}\}",
    re.IGNORECASE,
)
_TEAMS_ID = re.compile(r"[0-9a-fA-F-]{36}/[0-9]+-[0-9]+\s*$")
_COMMENTS = ("NOTE", "STYLE", "REGION")
_LONGEST_GAP_MS = 2000
_LONGEST_JOINED_MS = 60_000


@dataclass(frozen=True)
class Cue:
    """One cue as it stands in the file, its text still with its marks."""

    line: int
    name: str
    start_ms: int
    end_ms: int
    text: tuple[str, ...]


def read_web_vtt(
    text: str, findings: Findings, labels: frozenset[str] | None = None
) -> tuple[str, list[Piece]]:
    """The name of the format and the pieces of a WebVTT file."""
    lines = text.split("\n")
    header = 1
    while header < len(lines) and lines[header].strip() and "-->" not in lines[header]:
        header += 1
    _drop_header(lines[:header], findings)
    cues = list(_cues(lines, header, findings))
    from_teams = any(_TEAMS_ID.match(cue.name) for cue in cues)
    _drop_names(cues, findings)
    pieces = _pieces(cues, findings, labels, escaped=True)
    return ("WebVTT (Microsoft Teams)" if from_teams else "WebVTT"), pieces


def read_subrip(
    text: str, findings: Findings, labels: frozenset[str] | None = None
) -> tuple[str, list[Piece]]:
    """The name of the format and the pieces of a SubRip file."""
    cues = list(_cues(text.split("\n"), 0, findings))
    return "SubRip", _pieces(cues, findings, labels, escaped=False)


def _drop_header(lines: Sequence[str], findings: Findings) -> None:
    said = " ".join((lines[0].strip()[len("WEBVTT") :], *lines[1:])).strip()
    if said:
        findings.drop("header of the file", said)


def _drop_names(cues: Sequence[Cue], findings: Findings) -> None:
    for cue in cues:
        if cue.name and not cue.name.isdigit():
            findings.drop("name of a cue", cue.name)


# -- blocks of lines ---------------------------------------------------------------------------


def _cues(lines: Sequence[str], place: int, findings: Findings) -> list[Cue]:
    """Every cue that can be read; everything else is skipped or dropped with its reason."""
    if sum("-->" in line for line in lines) > MOST_TURNS:
        raise refused(f"This has more than {MOST_TURNS:,} cues, which is the most.")
    cues: list[Cue] = []
    while place < len(lines):
        line = lines[place].strip()
        end = place + 1
        if "-->" in line:
            end = _end_of_block(lines, place)
            cues += _cue("", lines, (place, end), findings)
        elif line and end < len(lines) and "-->" in lines[end]:
            end = _end_of_block(lines, place + 1)
            cues += _cue(line, lines, (place + 1, end), findings)
        elif line:
            end = _end_of_block(lines, place)
            _leave_out(lines, (place, end), findings)
        place = end
    return cues


def _end_of_block(lines: Sequence[str], place: int) -> int:
    """Where a block ends: at a blank line, or where the next cue begins without one."""
    end = place + 1
    while end < len(lines) and lines[end].strip() and "-->" not in lines[end]:
        end += 1
    runs_into_next = end < len(lines) and "-->" in lines[end]
    return end - 1 if runs_into_next and lines[end - 1].strip().isdigit() else end


def _leave_out(lines: Sequence[str], block: tuple[int, int], findings: Findings) -> None:
    place, end = block
    if lines[place].split()[0] in _COMMENTS:
        findings.drop("comment or style", " ".join(lines[place:end]))
    else:
        findings.seen += 1
        findings.skip(place + 1, "no line with times")


def _cue(
    name: str, lines: Sequence[str], block: tuple[int, int], findings: Findings
) -> Iterator[Cue]:
    place, end = block
    findings.seen += 1
    times = _times(lines[place])
    said = tuple(lines[place + 1 : end])
    if isinstance(times, str):
        findings.skip(place + 1, times)
    elif not visible(_plain(" ".join(said), escaped=True)):
        findings.skip(place + 1, "no text")
    else:
        yield Cue(place + 1, name, *times, said)


def _times(line: str) -> tuple[int, int] | str:
    """Both times in milliseconds, or why they cannot be taken."""
    found = _TIMING.match(line)
    if not found:
        return "the times cannot be read"
    start, end = _moment(*found.groups()[:4]), _moment(*found.groups()[4:8])
    if end < start:
        return "it ends before it starts"
    return "a time after 100 hours" if end > LONGEST_SOUND_MS else (start, end)


def _moment(hours: str | None, minutes: str, seconds: str, parts: str) -> int:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int(parts.ljust(3, "0"))


# -- who says what -----------------------------------------------------------------------------


def _pieces(
    cues: Sequence[Cue], findings: Findings, given: frozenset[str] | None, *, escaped: bool
) -> list[Piece]:
    known = Labels((line for cue in cues for line in cue.text), given)
    pieces = [piece for cue in cues for piece in _voices(cue, known, escaped=escaped)]
    spoken = [piece for piece in pieces if visible(piece.text)]
    joined = _joined(spoken)
    if len(joined) < len(spoken):
        findings.notes.append(
            f"{len(spoken) - len(joined)} cues were joined to the one before: same speaker, "
            "no pause, a minute at most."
        )
    return joined


def _voices(cue: Cue, known: Labels, *, escaped: bool) -> Iterator[Piece]:
    """The cue by its speakers: marked as voices, or named at the start of lines."""
    before, *marked = _VOICE.split("\n".join(cue.text))
    for label, said in (*_named(before, known), *zip(marked[::2], marked[1::2], strict=True)):
        plain = _plain(said, escaped=escaped)
        name = _plain(label, escaped=escaped) if label else None
        yield Piece(cue.line, name, plain, cue.start_ms, cue.end_ms)


def _named(text: str, known: Labels) -> Iterator[tuple[str | None, str]]:
    label: str | None = None
    said: list[str] = []
    for line in text.split("\n"):
        start = known.take(line)
        if start.label is not None:
            yield label, " ".join(said)
            label, said = start.label, [start.text]
        else:
            said.append(line)
    yield label, " ".join(said)


def _plain(text: str, *, escaped: bool) -> str:
    bare = _MARKUP.sub("", text).replace("\n", " ")
    return html.unescape(bare) if escaped else bare


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one known speaker as one turn: programs cut speech at any pause."""
    turns: list[Piece] = []
    said: list[list[str]] = []
    for piece in pieces:
        if turns and _belongs(turns[-1], piece):
            said[-1].append(piece.text.strip())
            turns[-1] = replace(turns[-1], end_ms=piece.end_ms)
        else:
            said.append([piece.text.strip()])
            turns.append(piece)
    return [replace(turn, text=" ".join(text)) for turn, text in zip(turns, said, strict=True)]


def _belongs(last: Piece, piece: Piece) -> bool:
    if piece.label is None or piece.label != last.label:
        return False
    begin, end = last.start_ms or 0, piece.end_ms or 0
    follows = begin <= (piece.start_ms or 0) <= (last.end_ms or 0) + _LONGEST_GAP_MS
    return follows and (last.end_ms or 0) <= end <= begin + _LONGEST_JOINED_MS
