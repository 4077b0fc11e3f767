"""What the demonstration hands in: the sound of a talk, the text of it, and a signed paper.

The sound is made here, so that nobody's voice is in it: two voices hum, one low and one higher,
each for as long as its turn in the text lasts. So the text can be followed by ear.
"""

import io
import math
import re
import wave
from array import array
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

RATE = 8000  # samples a second, as a telephone has
SYLLABLES = 4  # a second
LOUDEST = 9000
BREATH = 9  # syllables between two breaths
LOW, HIGH = 118.0, 196.0  # hertz
# The strength of each overtone of a few vowels: enough to tell one hum from the next.
_VOWELS = ((1.0, 0.6, 0.25, 0.1), (1.0, 0.3, 0.5, 0.2), (1.0, 0.8, 0.15, 0.05))
_TURN = re.compile(r"^\[(\d\d):(\d\d):(\d\d)\] (\w+):", re.MULTILINE)


def words_of(name: str) -> bytes:
    """The text of a talk, with its times, as a transcriber's program writes it."""
    return (files("studyhub.workflows") / "data" / "demonstration" / f"{name}.txt").read_bytes()


def sound_of(text: bytes) -> bytes:
    """A WAV file that is as long as the talk, with a pause after each turn."""
    turns = [
        (int(hours) * 3600 + int(minutes) * 60 + int(seconds), who)
        for hours, minutes, seconds, who in _TURN.findall(text.decode())
    ]
    samples = array("h")
    ends = [at for at, _ in turns[1:]] + [turns[-1][0] + 6]
    for (at, who), end in zip(turns, ends, strict=True):
        samples.extend(_hum(LOW if who == "Interviewer" else HIGH, end - at))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def _hum(pitch: float, seconds: int) -> "array[int]":
    """So many seconds of one voice, syllable after syllable, the last of them silent."""
    syllables = [
        _syllable(pitch * (1 + 0.04 * step), vowel) for step, vowel in enumerate(_VOWELS)
    ]
    made = array("h")
    for number in range(seconds * SYLLABLES):
        last = number >= seconds * SYLLABLES - SYLLABLES // 2
        fresh = syllables[(number * 7 + number // 3) % len(syllables)]
        made.extend(array("h", [0]) * len(fresh) if last or number % BREATH == 0 else fresh)
    return made


@cache
def _syllable(pitch: float, vowel: tuple[float, ...]) -> "array[int]":
    """One hum that swells and fades."""
    length, whole = RATE // SYLLABLES, sum(vowel)
    return array(
        "h",
        (
            int(
                LOUDEST
                * math.sin(math.pi * n / length) ** 2
                * sum(
                    strength * math.sin(2 * math.pi * pitch * (overtone + 1) * n / RATE)
                    for overtone, strength in enumerate(vowel)
                )
                / whole
            )
            for n in range(length)
        ),
    )


def a_paper(name: str, answers: Mapping[str, str]) -> bytes:
    """A consent form as it comes from a scanner: one page of PDF (ISO 32000-1, 7.5)."""
    lines = [
        "Consent form",
        *(f"{code}: {said}" for code, said in answers.items()),
        f"Signed: {name}",
    ]
    shown = " ".join(f"({line}) Tj T*" for line in lines)
    page = f"BT /F1 12 Tf 18 TL 72 760 Td {shown} ET".encode()
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(parts) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (count, table, count, len(made))
    )
