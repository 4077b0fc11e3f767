"""What reading a document gave: the turns, and everything that did not become one of them.

Nothing is guessed in silence. A person sees the preview before anything is kept: how many units
were seen, which were skipped and why, the names found, what was left out.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from studyhub.domain import turns
from studyhub.domain.errors import Invalid
from studyhub.domain.turns import Body, Speaker, Turn

NOT_MARKED = "Not marked"
LONGEST_SAMPLE = 200

# Marks that cannot be seen and would hide a name from every search: soft hyphens, blanks of no
# width, marks that turn the direction of writing, and tags. Joiners of scripts and emoji stay.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Skipped:
    """One unit that did not become a turn, by the line or paragraph it begins on."""

    line: int
    reason: str


@dataclass(frozen=True)
class Dropped:
    """A kind of text that was left out: in how many places, how many words, how it begins."""

    what: str
    places: int
    words: int
    sample: str


@dataclass(frozen=True)
class Named:
    """A speaker found in the document, and what the label usually stands for."""

    label: str
    role: str
    turns: int


@dataclass(frozen=True)
class Preview:
    """What would be imported. ``seen`` is always ``imported`` and the skipped together."""

    format: str
    unit: str
    body: Body
    seen: int
    imported: int
    skipped: tuple[Skipped, ...]
    names: tuple[Named, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...]

    @property
    def words(self) -> int:
        """Words in the turns, labels not counted."""
        return sum(turns.words_by_speaker(self.body).values())


@dataclass(frozen=True)
class Piece:
    """One stretch of speech as a format gave it. ``label`` is None if nobody is named."""

    line: int
    label: str | None
    text: str
    start_ms: int | None = None
    end_ms: int | None = None


@dataclass
class Findings:
    """Collects, while a document is read, what will stand in the preview beside the turns."""

    seen: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _dropped: dict[str, Dropped] = field(default_factory=dict)

    def skip(self, line: int, reason: str) -> None:
        """Leave out one unit that was seen."""
        self.skipped.append(Skipped(line, reason))

    def drop(self, what: str, text: str = "", *, places: int = 1) -> None:
        """Leave out some text that is not a unit."""
        so_far = self._dropped.get(what, Dropped(what, 0, 0, ""))
        sample = f"{so_far.sample} {_BLANKS.sub(' ', text[:LONGEST_SAMPLE])}".strip()
        self._dropped[what] = Dropped(
            what,
            so_far.places + places,
            so_far.words + turns.count_words(text),
            sample[:LONGEST_SAMPLE],
        )

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """What was left out, by kind."""
        return tuple(self._dropped.values())


def preview(format_: str, unit: str, pieces: Sequence[Piece], findings: Findings) -> Preview:
    """Make turns of the pieces. Raises Invalid if there is nothing to import, or too much.

    A unit without visible text is skipped by the reader that saw it, not here.
    """
    cleaned = [_cleaned(piece, findings) for piece in pieces]
    spoken = [piece for piece in cleaned if piece.text]
    if len(spoken) > turns.MOST_TURNS:
        raise refused(f"This has more than {turns.MOST_TURNS:,} turns, which is the most.")
    if not spoken:
        raise refused("No speech was found in this file.")
    body = _body(spoken)
    turns.check(body)
    skipped = tuple(sorted(findings.skipped, key=lambda one: one.line))
    imported = findings.seen - len(skipped)
    return Preview(
        *(format_, unit, body, findings.seen, imported, skipped),
        *(_names(body), findings.dropped, tuple(findings.notes)),
    )


def refused(says: str) -> Invalid:
    """The error for a file that cannot be read, in words for the person who chose it."""
    return Invalid({"file": says})


def _cleaned(piece: Piece, findings: Findings) -> Piece:
    seen = f"{piece.label or ''}{piece.text}"
    hidden = len(_INVISIBLE.findall(seen))
    if hidden:
        findings.drop("invisible characters", places=hidden)
    # A line may hold two times that do not fit together: then only where it starts is kept.
    begin, end = piece.start_ms, piece.end_ms
    end = None if begin is not None and end is not None and end < begin else end
    return replace(piece, text=visible(piece.text), label=_label(piece.label), end_ms=end)


def visible(text: str) -> str:
    """The text as one line without what cannot be seen."""
    return turns.fitting(_INVISIBLE.sub("", text)).strip()


def _label(label: str | None) -> str | None:
    if label is None:
        return None
    plain = _BLANKS.sub(" ", visible(label).replace(":", " "))
    return plain.strip()[: turns.LONGEST_LABEL].strip() or None


def _body(pieces: Sequence[Piece]) -> Body:
    labels = dict.fromkeys(piece.label or NOT_MARKED for piece in pieces)
    ids = {label: f"s{number}" for number, label in enumerate(labels, 1)}
    return Body(
        tuple(Speaker(id_, turns.likely_role(label), label) for label, id_ in ids.items()),
        tuple(
            Turn(
                f"t{number:04d}",
                ids[piece.label or NOT_MARKED],
                piece.start_ms,
                piece.end_ms,
                piece.text,
            )
            for number, piece in enumerate(pieces, 1)
        ),
    )


def _names(body: Body) -> tuple[Named, ...]:
    counts = Counter(turn.speaker for turn in body.turns)
    return tuple(
        Named(one.label, one.role, counts[one.id])
        for one in body.speakers
        if one.label != NOT_MARKED
    )
