"""Read a Word document into pieces of speech, and say what else it holds."""

import re
from collections.abc import Iterator, Mapping, Sequence

from studyhub.domain import turns
from studyhub.media.labels import Labels, take_time
from studyhub.media.lines import Line, read_lines
from studyhub.media.previews import Findings, Piece
from studyhub.media.safe_xml import Handler
from studyhub.media.word_packages import Package
from studyhub.media.word_text import OFF, Paragraph, Row, WordText

_PARTS = (
    (re.compile(r"/footnotes[^/]*\.xml$"), "footnotes"),
    (re.compile(r"/endnotes[^/]*\.xml$"), "endnotes"),
    (re.compile(r"/comments[^/]*\.xml$"), "comments"),
    (re.compile(r"/header[^/]*\.xml$"), "headers"),
    (re.compile(r"/footer[^/]*\.xml$"), "footers"),
    (re.compile(r"/glossary/"), "building blocks"),
    (re.compile(r"^docProps/"), "document properties"),
    (re.compile(r"^customXml/"), "data of other programs"),
)
_PROPERTIES = frozenset(
    (
        *("title", "subject", "creator", "keywords", "description", "lastModifiedBy"),
        *("category", "Manager", "Company", "lpwstr", "lpstr"),
    )
)
_FILES = (("/media/", "pictures"), ("/embeddings/", "embedded files"))
_TABLE_HEADINGS = frozenset(
    (
        *("time", "start", "end", "timestamp", "timespan", "speaker", "name", "who", "text"),
        *("content", "transcript", "speech", "utterance", "turn", "no", "nr", "#"),
    )
)
_MOST_WORDS = 5


def read_word(
    data: bytes, findings: Findings, labels: frozenset[str] | None = None
) -> list[Piece]:
    """The pieces of a .docx. Raises Invalid for what ``word_packages`` refuses."""
    package = Package(data)
    main = package.main_part()
    styles = _styles(package)
    text = WordText(styles.hidden)
    package.walk(main, text)
    _drop_aside(text, findings)
    for name in package.xml:
        if name != main:
            _drop_part(package, name, findings)
    for relation in package.outside():
        findings.drop("addresses of links", relation.target)
    for folder, what in _FILES:
        files = [name for name in package.names if folder in name]
        if files:
            findings.drop(what, places=len(files))
    return read_lines(
        list(_lines(text.blocks, styles.names, findings, labels)), findings, labels
    )


# -- what is left out --------------------------------------------------------------------------


def _drop_aside(text: WordText, findings: Findings) -> None:
    for what, found in text.aside.items():
        findings.drop(what, "".join(found), places=max(text.places.pop(what, 1), 1))
    for what, places in text.places.items():
        findings.drop(what, places=places)
    for what, found in text.kept.items():
        words = turns.count_words("".join(found))
        findings.notes.append(f"Imported as ordinary text: {words} words in {what}.")


def _drop_part(package: Package, name: str, findings: Findings) -> None:
    """Text of a part that is not the body: notes, comments, headers, properties, the rest."""
    what = next((what for pattern, what in _PARTS if pattern.search(name)), None)
    if what == "document properties" and "custom" not in name:
        words = _Words(_PROPERTIES)
        package.walk(name, words)
        found = " ".join(words.found)
    elif what in {"document properties", "data of other programs"}:
        words = _Words(None)
        package.walk(name, words)
        found = " ".join(words.found)
    else:
        text = WordText()
        package.walk(name, text)
        found = " ".join((*_plain(text.blocks), *map("".join, text.aside.values())))
    if found.strip():
        findings.drop(what or "text in drawings and other parts", found)


def _plain(blocks: Sequence[Paragraph | Row]) -> Iterator[str]:
    for block in blocks:
        yield block.text if isinstance(block, Paragraph) else " ".join(block.cells)


class _Words(Handler):
    """All character data of a part, or only that of some elements."""

    def __init__(self, elements: frozenset[str] | None) -> None:
        self.found: list[str] = []
        self._elements = elements
        self._path: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - unused
        self._path.append(name.rpartition(":")[2])

    def end(self, name: str) -> None:  # noqa: ARG002 - unused
        self._path.pop()

    def text(self, text: str) -> None:
        if text.strip() and (self._elements is None or self._path[-1] in self._elements):
            self.found.append(text.strip())


class _Styles(Handler):
    """The names of styles by id, and the ids of those whose text is not shown."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._id = ""

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset(self._hidden)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "w:style":
            self._id = attributes.get("w:styleId", "")
        elif name == "w:name" and self._id:
            self.names[self._id] = attributes.get("w:val", "").casefold()
        elif name == "w:vanish" and self._id and attributes.get("w:val", "1") not in OFF:
            self._hidden.add(self._id)

    def end(self, name: str) -> None:
        if name == "w:style":
            self._id = ""


def _styles(package: Package) -> _Styles:
    styles = _Styles()
    for name in package.xml:
        if name.endswith("/styles.xml") and "/glossary/" not in name:
            package.walk(name, styles)
    return styles


# -- paragraphs and tables as lines ------------------------------------------------------------


def _lines(
    blocks: Sequence[Paragraph | Row],
    styles: Mapping[str, str],
    findings: Findings,
    labels: frozenset[str] | None,
) -> Iterator[Line]:
    speakers = _headings_that_name_speakers(blocks, styles, labels)
    waiting: Paragraph | None = None
    for block in blocks:
        if isinstance(block, Row):
            yield from _row(block, findings)
        elif not _heading(block, styles):
            yield from _paragraph(block, waiting.text.strip() if waiting else None)
            waiting = None
        else:
            _skip_silent(waiting, findings)
            waiting = block if block.text.strip() in speakers else None
            if waiting is None:
                _skip_heading(block, findings)
    _skip_silent(waiting, findings)


def _skip_silent(heading: Paragraph | None, findings: Findings) -> None:
    if heading:
        findings.seen += 1
        findings.skip(heading.number, "a speaker without text")


def _skip_heading(heading: Paragraph, findings: Findings) -> None:
    findings.seen += 1
    findings.skip(heading.number, "a heading")
    findings.drop("headings", heading.text)


def _heading(block: Paragraph, styles: Mapping[str, str]) -> int:
    """The level of a heading, the title counting as 1; 0 for other paragraphs."""
    name = styles.get(block.style, block.style.casefold()).replace(" ", "")
    found = re.fullmatch(r"heading([1-9])", name)
    return int(found[1]) if found else int(name == "title")


def _headings_that_name_speakers(
    blocks: Sequence[Paragraph | Row], styles: Mapping[str, str], labels: frozenset[str] | None
) -> frozenset[str]:
    """Short headings below the first level, unless the paragraphs name their speakers."""
    paragraphs = [one for one in blocks if isinstance(one, Paragraph)]
    headings = {one.text.strip() for one in paragraphs if _heading(one, styles) > 1}
    if labels is not None:
        return frozenset(headings & labels)
    plain = [one.text for one in paragraphs if not _heading(one, styles)]
    known = Labels(plain)
    named = sum(known.take(line).label is not None for line in plain)
    count = sum(_heading(one, styles) > 1 for one in paragraphs)
    if named * 2 > count:
        return frozenset()
    return frozenset(
        one
        for one in headings
        if len(one) <= turns.LONGEST_LABEL and len(one.split()) <= _MOST_WORDS
    )


def _paragraph(block: Paragraph, label: str | None) -> Iterator[Line]:
    """A paragraph by its line breaks; a heading names the speaker of the first line only."""
    for index, text in enumerate(block.text.split("\n")):
        if text.strip():
            yield Line(block.number, text, new=index == 0, label=label)
            label = None


def _row(row: Row, findings: Findings) -> Iterator[Line]:
    """A row as time, speaker and text, as speaker and text, or as one paragraph."""
    cells = [cell.replace("\n", " ").strip() for cell in row.cells if cell.strip()]
    if len(cells) > 1 and all(cell.casefold() in _TABLE_HEADINGS for cell in cells):
        findings.seen += 1
        findings.skip(row.number, "the heading of a table")
        return
    moment = _moment(cells[0]) if len(cells) > 1 else None
    said = cells if moment is None else cells[1:]
    if len(said) > 1 and len(said[0].split()) <= _MOST_WORDS and ":" not in said[0]:
        yield Line(row.number, " ".join(said[1:]), label=said[0], start_ms=moment)
    elif said:
        yield Line(row.number, " ".join(said), start_ms=moment)


def _moment(cell: str) -> int | None:
    """The time a cell holds and nothing else."""
    for written in (cell, f"[{cell}]"):
        found = take_time(written)
        if found.start_ms is not None and not found.text:
            return found.start_ms
    return None
