"""A recording is known by its content: its kind, its length, and its picture."""

import io

import pytest

from studyhub.domain.errors import WrongKind
from studyhub.media import sound
from tests.makers import SOUND

KINDS = {
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "webm": "audio/webm",
}


@pytest.mark.parametrize(("ending", "kind"), KINDS.items())
def test_each_kind_is_known_by_its_bytes_alone(ending, kind):
    content = SOUND.with_suffix(f".{ending}").read_bytes()

    assert sound.look(io.BytesIO(content)) == sound.Sound(kind, 7)
    picture = sound.draw(io.BytesIO(content))
    assert abs(len(picture) - 2 * 20 * 7.1) <= 4
    pairs = memoryview(picture).cast("b")
    assert all(least <= most for least, most in zip(pairs[::2], pairs[1::2], strict=True))
    assert max(pairs) > 20


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no sound at all",
        bytes(5000),
        b"%PDF-1.7\n" + bytes(500),
        b"RIFF\xff\xff\xff\xffWAVE",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/hostname\n",
        b"ffconcat version 1.0\nfile /etc/hostname\n",
        SOUND.with_suffix(".m4a").read_bytes()[:2000],
    ],
)
def test_what_is_no_sound_is_refused_and_opens_no_other_file(content):
    with pytest.raises(WrongKind, match="no sound"):
        sound.look(io.BytesIO(content))


@pytest.mark.parametrize("mark", [b"\x03ds2", b"\x02dss"])
def test_formats_of_dictation_machines_are_refused_by_name(mark):
    with pytest.raises(WrongKind, match="WAV or MP3"):
        sound.look(io.BytesIO(mark + bytes(2000)))


@pytest.mark.parametrize("said", ["text/plain", "application/pdf", "image/png", "audio/x-ds2"])
def test_what_is_said_to_be_no_sound_is_refused_before_a_byte(said):
    with pytest.raises(WrongKind):
        sound.refuse_said(said)


@pytest.mark.parametrize("said", ["", "audio/mpeg", "audio/webm;codecs=opus", "audio/x-m4a"])
def test_what_browsers_say_of_recordings_is_taken(said):
    sound.refuse_said(said)
