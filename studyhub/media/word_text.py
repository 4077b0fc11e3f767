"""Walk through the text of a Word document: what everybody sees, apart from what hides in it.

Every character of text lands either in a paragraph of the body or under the name of the place
it was found in, so that a preview can say what a plain reading would have lost.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from studyhub.media.safe_xml import Handler

# Elements whose text is not part of what is read from top to bottom.
_ASIDE = {
    "w:del": "deleted text (tracked changes)",
    "w:moveFrom": "deleted text (tracked changes)",
    "w:txbxContent": "text boxes",
    "w:instrText": "field codes",
    "w:delInstrText": "field codes",
    "m:oMath": "formulas",
    "a:p": "text in drawings",
    "w:rt": "reading aids",
}
_TEXTS = frozenset(("w:t", "w:delText", "w:instrText", "w:delInstrText", "a:t", "m:t"))
_SIGNS = {"w:tab": " ", "w:br": "\n", "w:cr": "\n", "w:noBreakHyphen": "-", "w:ptab": " "}
_COUNTED = {
    "w:sym": "symbols of a special font",
    "w:altChunk": "embedded documents",
    "w:subDoc": "embedded documents",
    "w:object": "embedded objects",
}
_KEPT = {
    "w:ins": "tracked insertions",
    "w:moveTo": "tracked insertions",
    "w:sdtContent": "content controls",
    "w:hyperlink": "links",
}
HIDDEN = "hidden text"
ALTERNATIVE = "text for other programs"
OFF = frozenset(("0", "false", "off"))
_PROPERTIES = frozenset(("w:rPr", "w:pPr", "w:trPr"))


@dataclass
class Paragraph:
    """One paragraph of the body that is not blank, with the id of its style."""

    number: int
    parts: list[str] = field(default_factory=list)
    style: str = ""

    @property
    def text(self) -> str:
        """The characters of all its runs."""
        return "".join(self.parts)


@dataclass
class Row:
    """One row of a table: the paragraphs of each cell."""

    number: int
    paragraphs: list[list[str]] = field(default_factory=list)

    @property
    def cells(self) -> list[str]:
        """The text of each cell."""
        return [" ".join(filter(None, cell)) for cell in self.paragraphs]


class WordText(Handler):
    """Collects paragraphs and rows of one part, and the text found aside of them."""

    def __init__(self, hidden_styles: frozenset[str] = frozenset()) -> None:
        """Begin; ``hidden_styles`` are the ids of styles whose text is not shown."""
        self.blocks: list[Paragraph | Row] = []
        self.aside: defaultdict[str, list[str]] = defaultdict(list)
        self.places: defaultdict[str, int] = defaultdict(int)
        self.kept: defaultdict[str, list[str]] = defaultdict(list)
        self._hidden_styles = hidden_styles
        self._path: list[str] = []
        self._asides: list[str] = []
        self._keeps: list[str] = []
        self._open: list[Paragraph] = []
        self._rows: list[Row] = []
        self._hides: list[bool] = []
        self._fallbacks = 0
        self._choices = 0
        self._written: tuple[list[str], list[str]] = ([], [])
        self._number = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._path.append(name)
        self._count(name)
        if name == "w:p":
            self._number += not self._asides
            self._open.append(Paragraph(self._number))
        elif name == "w:tr":
            self._rows.append(Row(self._number + 1))
        elif name == "w:tc" and self._rows:
            self._rows[-1].paragraphs.append([])
        elif name == "w:r":
            self._hides.append(False)
        elif name in _SIGNS and self._parent() == "w:r":
            self._put(_SIGNS[name])
        else:
            self._mark(name, attributes)

    def _count(self, name: str) -> None:
        self._fallbacks += name == "mc:Fallback"
        self._choices += name == "mc:AlternateContent"
        if name in _ASIDE:
            self._asides.append(_ASIDE[name])
        if name in _KEPT:
            self._keeps.append(_KEPT[name])
        what = _ASIDE.get(name) or _COUNTED.get(name)
        # In properties such an element marks the end of a paragraph or a row, not text.
        if what and self._parent() not in _PROPERTIES and not self._fallbacks:
            self.places[what] += 1

    def _mark(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "w:pStyle" and self._open:
            self._open[-1].style = attributes.get("w:val", "")
        if self._path[-3:-1] != ["w:r", "w:rPr"]:
            return
        if name == "w:vanish":
            self._hides[-1] = attributes.get("w:val", "1").casefold() not in OFF
        elif name == "w:rStyle" and attributes.get("w:val") in self._hidden_styles:
            self._hides[-1] = True

    def end(self, name: str) -> None:
        """An element ends."""
        self._path.pop()
        if name == "w:p":
            self._end_paragraph(self._open.pop())
        elif name == "w:tr":
            self._end_row(self._rows.pop())
        elif name == "w:r":
            self._hides.pop()
        if name in _ASIDE:
            self._asides.pop()
        if name in _KEPT:
            self._keeps.pop()
        self._fallbacks -= name == "mc:Fallback"
        self._choices -= name == "mc:AlternateContent"
        if name == "mc:AlternateContent" and not self._choices:
            self._compare_choices()

    def text(self, text: str) -> None:
        """Some characters: only those of text elements are text."""
        if self._path[-1] in _TEXTS:
            self._put(text)

    def _parent(self) -> str:
        return self._path[-2] if len(self._path) > 1 else ""

    def _put(self, text: str) -> None:
        if self._choices:
            self._written[self._fallbacks > 0].append(text)
        if self._fallbacks:
            return
        place = self._place()
        if place:
            self.aside[place].append(text)
            return
        self._open[-1].parts.append(text)
        for kept in self._keeps:
            self.kept[kept].append(text)

    def _place(self) -> str | None:
        """The name of the place aside that the text stands in; None for the body."""
        if self._asides:
            return self._asides[-1]
        if not self._open:
            return "text outside of paragraphs"
        by_style = self._open[-1].style in self._hidden_styles
        return HIDDEN if by_style or self._hides[-1:] == [True] else None

    def _end_paragraph(self, paragraph: Paragraph) -> None:
        if self._asides:
            self.aside[self._asides[-1]].append(" ")
        elif self._rows and self._rows[-1].paragraphs:
            self._rows[-1].paragraphs[-1].append(paragraph.text.strip())
        elif paragraph.text.strip():
            self.blocks.append(paragraph)

    def _end_row(self, row: Row) -> None:
        """A row of a table inside a table is text of the cell around it."""
        if self._rows and self._rows[-1].paragraphs:
            self._rows[-1].paragraphs[-1].extend(row.cells)
        elif not self._asides and not self._fallbacks:
            self.blocks.append(row)

    def _compare_choices(self) -> None:
        """Content is written twice, for newer and older programs: note where they differ."""
        preferred, fallback = ("".join(written) for written in self._written)
        self._written = ([], [])
        if fallback.split() and fallback.split() != preferred.split():
            self.aside[ALTERNATIVE].append(f"{fallback} ")
            self.places[ALTERNATIVE] += 1
