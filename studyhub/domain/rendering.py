"""Write a read document as HTML from an allow-list, as a plain letter, or as bare words.

There is no way for a text to bring in a tag or an attribute of its own: the tags stand here,
everything else is escaped (invariant 88).
"""

from html import escape
from textwrap import wrap

from studyhub.domain.markdown import (
    Block,
    Heading,
    Inline,
    Line,
    LineBreak,
    Listing,
    Paragraph,
    Stressed,
    Words,
    parse,
)

WIDTH = 72
TAGS = frozenset({"p", "h2", "h3", "ul", "ol", "li", "em", "strong", "a", "br"})


def to_html(source: str) -> str:
    """Write a document as HTML. Blocks stand on lines of their own."""
    return "\n".join(_html_block(block) for block in parse(source))


def _html_block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p>{_html(block.parts)}</p>"
    if isinstance(block, Heading):
        mark = f' id="section-{block.mark}"' if block.mark else ""
        return f"<h{block.level}{mark}>{_html(block.parts)}</h{block.level}>"
    items = "".join(f"<li>{_html(item)}</li>" for item in block.items)
    if block.start is None:
        return f"<ul>{items}</ul>"
    start = f' start="{block.start}"' if block.start != 1 else ""
    return f"<ol{start}>{items}</ol>"


def _html(parts: Line) -> str:
    return "".join(map(_html_part, parts))


def _html_part(part: Inline) -> str:
    if isinstance(part, Words):
        return escape(part.text)
    if isinstance(part, LineBreak):
        return "<br>"
    if isinstance(part, Stressed):
        return f"<{part.tag}>{_html(part.parts)}</{part.tag}>"
    beside = f" ({escape(part.shown_target)})" if part.shown_target else ""
    return f'<a href="{escape(part.target)}">{escape(part.text)}</a>{beside}'


def to_text(source: str, width: int | None = WIDTH) -> str:
    """Write a document as a plain letter; without a width no line is wrapped.

    An address is never broken, so that it can still be followed.
    """
    return "\n\n".join(_text_block(block, width) for block in parse(source))


def _text_block(block: Block, width: int | None) -> str:
    if not isinstance(block, Listing):
        return _wrapped(_text(block.parts), width)
    signs = [
        "- " if block.start is None else f"{block.start + nth}. "
        for nth in range(len(block.items))
    ]
    return "\n".join(
        _wrapped(_text(item), width, sign)
        for sign, item in zip(signs, block.items, strict=True)
    )


def _text(parts: Line) -> str:
    return "".join(map(_text_part, parts))


def _text_part(part: Inline) -> str:
    if isinstance(part, Words):
        return part.text
    if isinstance(part, LineBreak):
        return "\n"
    if isinstance(part, Stressed):
        return _text(part.parts)
    target = part.target.removeprefix("mailto:")
    return target if part.text in {part.target, target} else f"{part.text} ({target})"


def _wrapped(text: str, width: int | None, sign: str = "") -> str:
    """Wrap each line of a block; the sign of an item stands before the first."""
    indent = " " * len(sign)
    lines: list[str] = []
    for line in text.split("\n"):
        words = " ".join(line.split())
        if width is None:
            lines.append(indent + words)
        else:
            lines += wrap(
                words,
                width,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
    return sign + "\n".join(lines)[len(sign) :]
