"""Read the restricted Markdown of documents into a small tree; ``rendering`` writes it out.

Known: paragraphs, ``##`` and ``###`` headings, flat lists, *emphasis*, **strong** and links to
https or mailto. Everything else is shown as it was typed (invariant 88). Our own reader and no
library: what a person agreed to is hashed in this rendering (invariant 31), so a library that
reads a line differently after an update would shut every consent form. One pass, linear.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Words:
    """Letters, as they are read."""

    text: str


@dataclass(frozen=True)
class LineBreak:
    """A new line within a paragraph: two blanks or a backslash before the end of a line."""


@dataclass(frozen=True)
class Link:
    """A link whose target was checked. What it says and where it leads are both shown."""

    text: str
    target: str

    @property
    def shown_target(self) -> str:
        """Name the target beside the text, unless the text is the target."""
        plain = self.target.removeprefix("mailto:")
        if self.text in {self.target, plain}:
            return ""
        return plain if plain != self.target else str(urlsplit(self.target).hostname)


@dataclass(frozen=True)
class Stressed:
    """Words that are stressed; ``tag`` is em or strong."""

    tag: str
    parts: tuple["Inline", ...]


Inline = Words | LineBreak | Link | Stressed
Line = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Words that belong together."""

    parts: Line


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3. ``{#dpo}`` at its end says what the section is about."""

    level: int
    mark: str
    parts: Line


@dataclass(frozen=True)
class Listing:
    """A list, one line of words for each item; ``start`` is its first number, or nothing."""

    start: int | None
    items: list[Line]


Block = Paragraph | Heading | Listing

# What a section of an information sheet can be marked as; ``documents`` asks for all of them.
MARKS = ("withdrawal", "retention", "controller", "dpo", "complaints")

_HEADING = re.compile(r"(#{2,3}) +(\S.*)")
_MARK = re.compile(rf" \{{#({'|'.join(MARKS)})\}}\Z")
_ITEM = re.compile(r"(?:[-*]|(\d{1,4})[.)]) +(\S.*)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# Bounded, so that a hostile text costs no more than its length.
_TOKEN = re.compile(
    r"\\([!-/:-@\[-`{-~])|(\*\*?)|\[([^\[\]\n]{1,300})\]\(([^()\s]{1,1000})\)|\\?(\n)"
)
_HTTPS = re.compile(r"https://[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(?::\d{1,5})?")
_MAILTO = re.compile(r"mailto:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,250}")
_PATH = re.compile(r"(?:[/?#][!-~]*)?")
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_HIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


def cleaned(source: str) -> str:
    """Write a text the one way in which it is read and hashed.

    NFC, line ends as one sign, blanks for tabs, and no signs that cannot be seen but change
    what is seen: control characters, and those that turn the direction of writing around.
    """
    text = _LINE_END.sub("\n", source).replace("\t", "    ")
    return unicodedata.normalize(
        "NFC", "".join(c for c in text if c == "\n" or not is_hidden(c))
    )


def is_hidden(character: str) -> bool:
    """Say whether a sign is not seen, but breaks a line or turns the words beside it around."""
    return character in _TURNING or unicodedata.category(character) in _HIDDEN


def parse(source: str) -> tuple[Block, ...]:
    """Read a text into blocks. There is no wrong text: what is not known is words."""
    reader = _Reader()
    for line in cleaned(source).split("\n"):
        reader.read(line)
    reader.finish()
    return tuple(reader.blocks)


@dataclass
class _Reader:
    """Reads line by line; what is not finished yet waits in ``lines`` or ``items``."""

    blocks: list[Block] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    items: list[list[str]] = field(default_factory=list)
    start: int | None = None

    def read(self, line: str) -> None:
        heading, item = _HEADING.fullmatch(line.rstrip()), _ITEM.fullmatch(line.strip())
        if heading:
            self.finish()
            self.blocks.append(_heading(heading))
        elif not line.strip():
            self.finish()
        # "2019. It was" within a paragraph begins no list; "1." and "-" do.
        elif item and (not self.lines or item[1] in {None, "1"}):
            self._read_item(item)
        else:
            (self.items[-1] if self.items else self.lines).append(line.lstrip())

    def _read_item(self, item: re.Match[str]) -> None:
        start = int(item[1]) if item[1] else None
        if not self.items or (start is None) != (self.start is None):
            self.finish()
            self.start = start
        self.items.append([item[2]])

    def finish(self) -> None:
        if self.items:
            self._finish_list([_inline(_together(item)) for item in self.items])
        if self.lines:
            self.blocks.append(Paragraph(_inline(_together(self.lines))))
        self.items, self.lines = [], []

    def _finish_list(self, items: list[Line]) -> None:
        """An empty line between two items does not make them two lists."""
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Listing) and (last.start is None) == (self.start is None):
            last.items.extend(items)
        else:
            self.blocks.append(Listing(self.start, items))


def _together(lines: list[str]) -> str:
    """Join lines; two blanks at the end of one become the backslash that means the same."""
    ends = ["\\" if line.endswith("  ") else "" for line in lines[:-1]]
    kept = [line.rstrip() for line in lines]
    return "\n".join(line + end for line, end in zip(kept, [*ends, ""], strict=True))


def _heading(found: re.Match[str]) -> Heading:
    mark = _MARK.search(found[2])
    text = found[2][: mark.start()] if mark else found[2]
    return Heading(len(found[1]), mark[1] if mark else "", _inline(text))


@dataclass
class _Open:
    """A stress that began and has not ended; the first, with no sign, is the line itself."""

    sign: str
    parts: list[Inline] = field(default_factory=list)


def _inline(text: str) -> Line:
    """Read stress, links and escapes. Each sign can be open once, so depth is at most two."""
    stack, at = [_Open("")], 0
    for found in _TOKEN.finditer(text):
        stack[-1].parts.append(Words(text[at : found.start()]))
        if found[2]:
            _stress(stack, found)
        else:
            stack[-1].parts.append(_piece(found))
        at = found.end()
    stack[-1].parts.append(Words(text[at:]))
    while len(stack) > 1:
        _give_back(stack)
    return _joined(stack[0].parts)


def _piece(found: re.Match[str]) -> Inline:
    escaped, _, text, target, newline = found.groups()
    if newline:
        return Words(" ") if found[0] == "\n" else LineBreak()
    if escaped:
        return Words(escaped)
    # No stress within the text of a link; escapes are taken off.
    bare = _ESCAPED.sub(r"\1", text).strip() or target
    return Link(bare, target) if is_safe(target) else Words(f"{bare} ({target})")


def is_safe(target: str) -> bool:
    """Https with a plain host and nobody's name before it, or one plain e-mail address."""
    if _MAILTO.fullmatch(target):
        return True
    start = _HTTPS.match(target)
    return bool(start and _PATH.fullmatch(target[start.end() :]))


def _stress(stack: list[_Open], found: re.Match[str]) -> None:
    sign, text = found[0], found.string
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if any(opened.sign == sign for opened in stack):
        if before.isspace():
            stack[-1].parts.append(Words(sign))
            return
        while stack[-1].sign != sign:
            _give_back(stack)
        closed = stack.pop()
        tag = "strong" if sign == "**" else "em"
        stack[-1].parts.append(Stressed(tag, _joined(closed.parts)))
    elif after.strip():
        stack.append(_Open(sign))
    else:
        stack[-1].parts.append(Words(sign))


def _give_back(stack: list[_Open]) -> None:
    """A stress that never ended was none: its sign is a sign again."""
    opened = stack.pop()
    stack[-1].parts += [Words(opened.sign), *opened.parts]


def _joined(parts: list[Inline]) -> Line:
    """Put words beside words together, and leave out empty ones."""
    line: list[Inline] = []
    run: list[str] = []
    for part in [*parts, None]:
        if isinstance(part, Words):
            run.append(part.text)
            continue
        if text := "".join(run):
            line.append(Words(text))
        run = []
        if part is not None:
            line.append(part)
    return tuple(line)
