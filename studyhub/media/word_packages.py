"""Open a Word document as the package it is, and refuse what a transcript never needs.

Members are read by name into memory, never unpacked. Limits: 2,000 members, 64 MiB for one,
128 MiB for all, a million elements, unpacked at most 100 times the size packed. Refused:
passwords, macros, links that load something from outside (a plain link to an address does not),
any part with a DOCTYPE. Source: ECMA-376 parts 1 and 2.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from studyhub.media.previews import refused
from studyhub.media.safe_xml import Handler, read_xml

MOST_MEMBERS = 2000
LARGEST_MEMBER = 64 * 1024 * 1024
LARGEST_WHOLE = 128 * 1024 * 1024
HIGHEST_RATIO = 100
MOST_ELEMENTS = 1_000_000
_SMALL = 1024 * 1024

_DAMAGE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error),
    *(EOFError, OSError, ValueError, RuntimeError, OverflowError, LookupError),
)
_DAMAGED = "This document is damaged and cannot be opened. Open it in Word and save it again."
_BOMB = "This document unpacks to far more than its size. It was not opened."
_MACROS = "This document holds macros. Save it as .docx without macros."
_LINKS = (
    "This document loads something from outside, such as a template or a linked picture. "
    "Remove the link, or copy the text into a new document."
)


@dataclass(frozen=True)
class Relation:
    """One reference from a part to another, or to an address outside."""

    kind: str
    target: str
    is_outside: bool


class Package:
    """The members of a document, checked before any of them is read."""

    def __init__(self, data: bytes) -> None:
        """Open the bytes. Raises Invalid for anything refused."""
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except _DAMAGE:
            raise refused(_DAMAGED) from None
        self._members = {member.filename: member for member in self._archive.infolist()}
        self._check_members(len(data))
        if "[Content_Types].xml" not in self._members:
            raise refused("This is not a Word document. Save it as .docx in a text program.")
        self._elements = 0
        self._check_macros()
        self.relations = {
            name: self._relations(name) for name in self.xml if _is_relations(name)
        }
        for relation in self.outside():
            if not relation.kind.endswith("/hyperlink"):
                raise refused(_LINKS)

    def _check_members(self, size: int) -> None:
        members = self._archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise refused(f"This document has more than {MOST_MEMBERS:,} parts.")
        if len({member.filename.casefold() for member in members}) < len(members):
            raise refused("This document has two parts of one name.")
        if any(member.flag_bits & 1 for member in members):
            raise refused("This document has a password. Save it without one.")
        if any(member.compress_type not in (0, zipfile.ZIP_DEFLATED) for member in members):
            raise refused(_DAMAGED)
        if any(_is_bomb(member) for member in members):
            raise refused(_BOMB)
        whole = sum(member.file_size for member in members)
        if whole > min(LARGEST_WHOLE, max(size * HIGHEST_RATIO, _SMALL)):
            raise refused(_BOMB)

    def _check_macros(self) -> None:
        names = [name.casefold() for name in self._members]
        types = self._bytes("[Content_Types].xml").lower()
        if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
            raise refused(_MACROS)
        if b"macroenabled" in types or b"vbaproject" in types:
            raise refused(_MACROS)
        if any("/activex/" in name for name in names):
            raise refused(_MACROS)

    def walk(self, name: str, handler: Handler) -> None:
        """Read one member as XML. Raises Invalid if it is damaged, unsafe or too large."""
        left = MOST_ELEMENTS - self._elements
        self._elements += read_xml(self._bytes(name), handler, left)

    def _bytes(self, name: str) -> bytes:
        try:
            with self._archive.open(self._members[name]) as member:
                # Never more than it claims, which was checked: zip refuses what is longer.
                data = member.read()
        except _DAMAGE:
            raise refused(_DAMAGED) from None
        return data

    def _relations(self, name: str) -> list[Relation]:
        handler = _Relations()
        self.walk(name, handler)
        return handler.found

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all members."""
        return tuple(self._members)

    @property
    def xml(self) -> tuple[str, ...]:
        """The names of the members that are XML."""
        return tuple(name for name in self._members if _is_xml(name))

    def outside(self) -> Iterator[Relation]:
        """Every reference to an address outside of the document."""
        for relations in self.relations.values():
            yield from (relation for relation in relations if relation.is_outside)

    def main_part(self) -> str:
        """The name of the part that holds the text."""
        for relation in self.relations.get("_rels/.rels", ()):
            name = relation.target.lstrip("/")
            if relation.kind.endswith("/officeDocument") and name in self._members:
                return name
        raise refused("This is not a Word document. Save it as .docx in a text program.")


def _is_xml(name: str) -> bool:
    return name.casefold().endswith((".xml", ".rels", ".vml"))


def _is_relations(name: str) -> bool:
    return name.casefold().endswith(".rels")


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    if member.file_size > LARGEST_MEMBER:
        return True
    packed = max(member.compress_size, 1)
    return member.file_size > _SMALL and member.file_size > packed * HIGHEST_RATIO


class _Relations(Handler):
    def __init__(self) -> None:
        self.found: list[Relation] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "relations:Relationship":
            outside = attributes.get("TargetMode", "").casefold() == "external"
            kind, target = attributes.get("Type", ""), attributes.get("Target", "")
            self.found.append(Relation(kind, target, outside))
