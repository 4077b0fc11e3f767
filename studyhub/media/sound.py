"""Say what a recording is by looking into it, how long it lasts, and draw its picture.

Nothing is written anywhere: the bytes come through a file-like object that opens a sealed file
piece by piece. Only the containers named here are read, so that no playlist or scene file can
make the reader open another file or address.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from studyhub.domain.errors import WrongKind

Samples: TypeAlias = "array[int]"

PEAKS_A_SECOND = 20
RATE = 8000  # samples a second are enough for a picture
MICRO = 1_000_000

ADVICE = "Send the recording as MP3, M4A, Ogg, WebM, WAV or FLAC."
DICTATION = (
    "DS2 and DSS are formats of one maker that nothing here can play. "
    "Export the recording as WAV or MP3 with the recorder's own program and send that."
)
FILM = (
    "This is a film, and consent covers sound alone. Save the sound by itself, as M4A or MP3, "
    "and send that."
)
NO_SOUND = f"This is no sound that can be played. {ADVICE}"

# What a browser calls a file before anybody looked into it; nothing at all is fine too.
_SAID = frozenset(
    {
        *("", "application/octet-stream"),
        *("audio/mpeg", "audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/x-mpeg"),
        *("audio/mp4", "audio/m4a", "audio/x-m4a", "audio/mp4a-latm", "audio/aac", "video/mp4"),
        *("audio/ogg", "audio/opus", "audio/vorbis", "application/ogg", "video/ogg"),
        *("audio/webm", "video/webm", "audio/flac", "audio/x-flac"),
        *("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"),
        *("audio/amr", "audio/3gpp", "video/3gpp", "audio/x-ms-wma", "video/x-ms-asf"),
    }
)
# What a browser adds to it; anything else could be the name of a file, and would be kept.
_MORE = re.compile(r'(?:codecs="?[a-z0-9.,]{1,40}"?)?')
# The container, as the reader names it, and what we call it.
_TYPES = {
    "mp3": "audio/mpeg",
    "mov,mp4,m4a,3gp,3g2,mj2": "audio/mp4",
    "ogg": "audio/ogg",
    "matroska,webm": "audio/webm",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "amr": "audio/amr",
    "asf": "audio/x-ms-wma",
}
# What browsers play as it is; the others wait for a rendition.
PLAYABLE = frozenset(
    {
        *("audio/mpeg", "audio/mp4", "audio/ogg", "audio/webm", "audio/wav", "audio/flac"),
    }
)
_OPTIONS = {"format_whitelist": ",".join(_TYPES), "protocol_whitelist": ""}


class Seekable(Protocol):
    """The bytes of a recording, wherever they come from."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


@dataclass(frozen=True)
class Sound:
    """What a recording is, by its content."""

    media_type: str
    duration_s: int


def refuse_said(filetype: str) -> None:
    """Refuse what by its sender's own word is no sound we can take. Raises WrongKind."""
    kind, _, more = filetype.partition(";")
    kind = kind.strip()
    if kind.endswith(("ds2", "dss")):
        raise WrongKind(DICTATION)
    if kind not in _SAID or not _MORE.fullmatch(more.strip()):
        raise WrongKind(NO_SOUND)


def look(file: Seekable) -> Sound:
    """Container, sound and length by the bytes. Raises WrongKind with advice."""
    head = file.read(4)
    file.seek(0)
    if head[1:] in (b"ds2", b"dss"):
        raise WrongKind(DICTATION)
    with _opened(file) as container:
        stream = _one_sound(container)
        if next(container.decode(stream), None) is None:
            raise WrongKind(NO_SOUND)
        return Sound(_type_of(container), round(_seconds(container, stream)))


def kind_of_sound(file: Seekable) -> str:
    """The media type of a sound that was looked into before."""
    with _opened(file) as container:
        return _type_of(container)


def draw(file: Seekable) -> bytes:
    """The least and the greatest of each twentieth of a second, as pairs of signed bytes."""
    with _opened(file) as container:
        return b"".join(_pairs(_samples(container, _one_sound(container))))


@contextmanager
def _opened(file: Seekable) -> Iterator[InputContainer]:
    try:
        with av.open(file, "r", options=_OPTIONS, metadata_errors="ignore") as container:
            yield container
    except av.FFmpegError:
        raise WrongKind(NO_SOUND) from None


def _one_sound(container: InputContainer) -> AudioStream:
    if any(not each.disposition & Disposition.attached_pic for each in container.streams.video):
        raise WrongKind(FILM)
    if not container.streams.audio:
        raise WrongKind(NO_SOUND)
    return container.streams.audio[0]


def _type_of(container: InputContainer) -> str:
    found = _TYPES[container.format.name]
    brand = container.metadata.get("major_brand", "")
    return "audio/3gpp" if found == "audio/mp4" and brand.startswith("3g") else found


def _seconds(container: InputContainer, stream: AudioStream) -> float:
    """The length the container names; what names none is read to its end."""
    if container.duration:
        return container.duration / MICRO
    ends = 0
    for packet in container.demux(stream):
        if packet.pts is not None:
            ends = max(ends, packet.pts + (packet.duration or 0))
    return float(ends * (stream.time_base or 0))


def _samples(container: InputContainer, stream: AudioStream) -> Iterator[Samples]:
    """The sound as one channel of small numbers, a frame at a time."""
    # A second at a time: some formats come in frames so small that each took as long.
    resampler = av.AudioResampler("s16", "mono", RATE, frame_size=RATE)
    for frame in _frames(container, stream):
        for piece in resampler.resample(frame):
            found = array("h")
            found.frombytes(bytes(piece.planes[0])[: piece.samples * found.itemsize])
            yield found


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[Any]:
    """Every frame that can be read, and then the word that it was the last."""
    yield from container.decode(stream)
    yield None


def _pairs(pieces: Iterable[Samples]) -> Iterator[bytes]:
    """Two bytes for each twentieth of a second; the last one may be shorter."""
    step, waiting = RATE // PEAKS_A_SECOND, array("h")
    for piece in pieces:
        waiting += piece
        whole = len(waiting) // step * step
        yield b"".join(_pair(waiting[at : at + step]) for at in range(0, whole, step))
        waiting = waiting[whole:]
    if waiting:
        yield _pair(waiting)


def _pair(samples: Samples) -> bytes:
    return array("b", (min(samples) >> 8, max(samples) >> 8)).tobytes()
