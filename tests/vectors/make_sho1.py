"""Write the SHO1 vectors: files that a reader must open, and one file for each way to be wrong.

    python tests/vectors/make_sho1.py [folder]

This is a second writer, made from `docs/formats/SHO1.md` alone: it imports nothing of the
product, so a mistake would have to be made twice to go unseen. Its "random" numbers are drawn
from a counter, so the same files come out every time.
"""

import json
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = Path(__file__).parent / "sho1"
INNER, LAST, TAIL = 0, 1, 2


def draw(label: str, size: int) -> bytes:
    """Bytes that look random and are always the same for a label."""
    blocks = (sha256(f"{label}/{number}".encode()).digest() for number in count())
    drawn = b""
    while len(drawn) < size:
        drawn += next(blocks)
    return drawn[:size]


def pack(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def draw_id(label: str) -> UUID:
    return UUID(bytes=draw(label, 16), version=4)


DATA_KEY = draw("data key", 32)
OBJECT, DATA_KEY_ID, STUDY, OWNER, OTHER = map(
    draw_id, ("object", "data key id", "study", "owner", "other")
)


@dataclass(frozen=True)
class Recipe:
    """All that decides the bytes of one file; each wrong file changes something of it."""

    plain: bytes
    log2: int = 16
    magic: bytes = b"SHO1"
    version: int = 1
    suite: int = 1
    flags: int = 0
    data_key: bytes = DATA_KEY
    object_id: UUID = OBJECT
    data_key_id: UUID = DATA_KEY_ID
    study_id: UUID = STUDY
    owner_id: UUID = OWNER
    compartment: str = "recording"
    kind: str = "recording"
    row_version: int = 1
    seal: str = "first"  # another seal of the same bytes has another salt and other nonces
    ends_with: int = LAST
    inside: int = INNER
    number_from: int = 0
    empty_end: bool = False
    commits_to: bytes = b""  # another data key than the one that seals

    def context(self) -> bytes:
        words = (self.compartment.encode(), self.kind.encode())
        ids = (self.study_id.bytes, self.owner_id.bytes)
        return pack(*ids, *words, self.row_version.to_bytes(8, "big"))

    def start(self) -> bytes:
        kind = self.magic + bytes([self.version, self.suite, self.log2, self.flags])
        salt = draw(f"salt of the {self.seal} seal", 32)
        return kind + self.object_id.bytes + self.data_key_id.bytes + salt

    def derived(self) -> tuple[bytes, bytes]:
        """The object's own key and the commitment."""
        start = self.start()
        info = b"studyhub/obj/v1" + pack(start, self.context())
        both = HKDF(SHA256(), 64, start[40:72], info).derive(self.data_key)
        return both[:32], both[32:]

    def header(self) -> bytes:
        committing = replace(self, data_key=self.commits_to or self.data_key)
        return self.start() + committing.derived()[1]

    def pieces(self) -> list[bytes]:
        size = 1 << self.log2
        pieces = [self.plain[at : at + size] for at in range(0, len(self.plain), size)]
        return [*pieces, b""] if self.empty_end or not pieces else pieces

    def segments(self) -> list[bytes]:
        key, binding = self.derived()[0], sha256(self.header() + self.context()).digest()
        cipher = (ChaCha20Poly1305 if self.suite == 2 else AESGCM)(key)
        sealed, pieces = [], self.pieces()
        for index, piece in enumerate(pieces):
            mark = self.ends_with if index == len(pieces) - 1 else self.inside
            nonce = draw(f"nonce {index} of the {self.seal} seal", 12)
            aad = binding + (index + self.number_from).to_bytes(4, "big") + bytes([mark])
            sealed.append(nonce + cipher.encrypt(nonce, piece, aad))
        return sealed

    def file(self) -> bytes:
        return self.header() + b"".join(self.segments())

    def expectation(self) -> dict[str, object]:
        """What the reader knows: for a wrong file, of the one it should have been."""
        return {
            "data_key": self.data_key.hex(),
            "data_key_id": str(self.data_key_id),
            "object_id": str(self.object_id),
            "context": {
                "study_id": str(self.study_id),
                "owner_id": str(self.owner_id),
                "compartment": self.compartment,
                "kind": self.kind,
                "version": self.row_version,
            },
        }


SHORT = Recipe(draw("short", 21))
THREE = Recipe(draw("three", 10_000), log2=12)
EXAMPLE = Recipe(b"Thank you for coming.")


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def good() -> dict[str, Recipe]:
    """Name -> recipe of each file that must open."""
    lengths = [0, 1, 65_535, 65_536, 65_537, 200_000]
    usual = {f"good_{length}": Recipe(draw("usual", length)) for length in lengths}
    sizes = {f"good_log2_{log2}": replace(SHORT, log2=log2) for log2 in range(12, 23)}
    small = {
        "good_small_segments": THREE,
        "good_small_segments_all_full": replace(THREE, plain=draw("full", 3 * 4096)),
        "good_example_of_the_description": EXAMPLE,
        "good_backup": replace(SHORT, compartment="backup", kind="keystore"),
    }
    return usual | sizes | small


def wrong_headers() -> dict[str, bytes]:
    """Files whose header says something else; where possible all else agrees with it."""
    file = THREE.file()
    return {
        "bad_magic": replace(SHORT, magic=b"SHO2").file(),
        "bad_version": replace(SHORT, version=2).file(),
        "bad_suite_0": replace(SHORT, suite=0).file(),
        "bad_suite_2_reserved": replace(SHORT, suite=2).file(),
        "bad_flags": replace(SHORT, flags=1).file(),
        "bad_log2_11": replace(THREE, log2=11).file(),
        "bad_log2_23": replace(SHORT, log2=23).file(),
        "bad_log2_changed": file[:6] + bytes([13]) + file[7:],
        "bad_salt": flipped(file, 40),
        "bad_commitment": flipped(file, 103),
        "bad_header_of_another_seal": replace(THREE, seal="second").header() + file[104:],
        "bad_commitment_of_another_key": replace(SHORT, commits_to=bytes(32)).file(),
    }


def wrong_places() -> dict[str, bytes]:
    """Whole and genuine files of another place or key."""
    return {
        "bad_object_id": replace(SHORT, object_id=OTHER).file(),
        "bad_data_key_id": replace(SHORT, data_key_id=OTHER).file(),
        "bad_data_key": replace(SHORT, data_key=draw("other key", 32)).file(),
        "bad_study": replace(SHORT, study_id=OTHER).file(),
        "bad_owner": replace(SHORT, owner_id=OTHER).file(),
        "bad_compartment": replace(SHORT, compartment="consent").file(),
        "bad_kind": replace(SHORT, kind="rendition").file(),
        "bad_older_version": replace(SHORT, row_version=0).file(),
    }


def wrong_bytes() -> dict[str, bytes]:
    """Files in which something was flipped, cut off or put behind."""
    file, full = THREE.file(), 4096 + 28
    return {
        "bad_first_nonce": flipped(file, 104),
        "bad_first_text": flipped(file, 104 + 12),
        "bad_first_tag": flipped(file, 104 + full - 1),
        "bad_middle_text": flipped(file, 104 + full + 2000),
        "bad_last_nonce": flipped(file, 104 + 2 * full),
        "bad_last_tag": flipped(file, len(file) - 1),
        "bad_empty_file": b"",
        "bad_header_cut": file[:103],
        "bad_header_only": file[:104],
        "bad_cut_by_one": file[:-1],
        "bad_cut_at_a_segment": file[: 104 + 2 * full],
        "bad_cut_to_27_bytes": file[: 104 + full + 27],
        "bad_cut_to_28_bytes": file[: 104 + full + 28],
        "bad_one_byte_more": file + b"\0",
        "bad_28_bytes_more": file + bytes(28),
        "bad_last_segment_twice": file + THREE.segments()[2],
    }


def wrong_segments() -> dict[str, bytes]:
    """Files of genuine segments in the wrong place, or with the wrong mark."""
    head, (one, two, three) = THREE.header(), THREE.segments()
    older = replace(THREE, seal="second").segments()
    whole = replace(THREE, plain=draw("full", 3 * 4096))
    first, second, third = whole.segments()
    return {
        "bad_swapped": head + two + one + three,
        "bad_swapped_with_the_last": whole.header() + first + third + second,
        "bad_first_repeated": head + one + one + three,
        "bad_first_missing": head + two + three,
        "bad_middle_missing": head + one + three,
        "bad_spliced_middle_of_another_seal": head + one + older[1] + three,
        "bad_spliced_last_of_another_seal": head + one + two + older[2],
        "bad_ends_with_an_inner_segment": replace(THREE, ends_with=INNER).file(),
        "bad_ends_with_a_tail": replace(THREE, ends_with=TAIL).file(),
        "bad_only_a_tail": replace(SHORT, ends_with=TAIL).file(),
        "bad_last_mark_inside": replace(THREE, inside=LAST).file(),
        "bad_tail_mark_inside": replace(THREE, inside=TAIL).file(),
        "bad_numbered_from_one": replace(THREE, number_from=1).file(),
        "bad_empty_last_segment": replace(whole, empty_end=True).file(),
    }


def main(folder: Path) -> None:
    """Write every vector, and beside it what is to be expected."""
    folder.mkdir(exist_ok=True)
    for name, recipe in good().items():
        opened = {"length": len(recipe.plain), "sha256": sha256(recipe.plain).hexdigest()}
        save(folder, name, recipe.file(), recipe.expectation() | opened)
    bad = wrong_headers() | wrong_places() | wrong_bytes() | wrong_segments()
    for name, file in bad.items():
        why = name.removeprefix("bad_").replace("_", " ")
        save(folder, name, file, SHORT.expectation() | {"refused": why})


def save(folder: Path, name: str, file: bytes, expected: dict[str, object]) -> None:
    (folder / f"{name}.bin").write_bytes(file)
    text = json.dumps(expected, indent=1, sort_keys=True)
    (folder / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
