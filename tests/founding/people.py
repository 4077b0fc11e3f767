"""Who is asked in the founding study: nine invented people, and what must stay secret."""

from dataclasses import dataclass
from pathlib import Path

SOUNDS = Path(__file__).parents[1] / "media/fixtures/sound"
INTERVIEWS = Path(__file__).parent / "fixtures/interviews"


@dataclass(frozen=True)
class Person:
    """Somebody who is invited. Who is interviewed has a text, a sound and its length."""

    name: str
    email: str
    text: str = ""  # which transcript of the development set
    sound: str = ""
    media_type: str = ""
    minutes: int = 0
    mode: str = "telephone"

    @property
    def interview(self) -> bytes:
        """The transcript as a transcriber receives it."""
        return (INTERVIEWS / f"{self.text}.txt").read_bytes()

    @property
    def recording(self) -> bytes:
        """What was recorded."""
        return (SOUNDS / self.sound).read_bytes()


LIZ = Person(
    *("Elizabeth Carrow", "liz.carrow@hardcases.example", "D12"),
    *("librivox_0870.mp3", "audio/mpeg", 62),
)
HELEN = Person(
    *("Helen Marshcombe", "helen@lanternhouse.example", "D01"),
    *("librivox_0890.wav", "audio/wav", 40),
)
EDWYN = Person(
    *("Edwyn Pryce", "edwyn.pryce@vicarage.example", "D04"),
    *("librivox_0870.ogg", "audio/ogg", 47),
)
JACK = Person(
    *("Jack Ridd", "jack.ridd@farm.example", "D06"),
    *("librivox_0870.m4a", "audio/mp4", 58),
)
SHAY = Person(
    *("Oluwaseun Adeyemi-Clarke", "shay@brinkstreet.example", "D07"),
    *("librivox_0870.flac", "audio/flac", 51),
)
BRIGID = Person(  # agrees on paper, face to face
    *("Brigid O'Hanlon", "b.ohanlon@ruh.example", "D09"),
    *("librivox_0870.webm", "audio/webm", 55, "in_person"),
)
CLIVE = Person(  # rings up later; nobody verifies his paper
    *("Clive Bartlett", "clivethebread@btmail.example", ""),
    *("cmu_cards_005.wav", "audio/wav", 44),
)
DOREEN = Person("Doreen Fairweather", "doreen.f@knowle.example")  # wants no letters
PRECIOUS = Person("Precious Mukasa", "precious@hartcliffe.example")  # does not answer

BY_LINK = (LIZ, HELEN, EDWYN, JACK, SHAY)
SIX = (*BY_LINK, BRIGID)
NINE = (*SIX, CLIVE, DOREEN, PRECIOUS)

SECRETS = {
    "phone": "01632 960619",
    "safe": "Say that the library is calling",
    "note": "After five, when the nurse has gone",
    "question": "Will my sister Perpetua hear of it?",
    "answer": "Nobody in your family hears of it from us.",
    "word": "quillfeather marmalade",
    "place": "Portishead, the blue door behind the chandler's",
    "log": "She wept when the kettle boiled, and then laughed.",
    "paper": "a paper that Brigid signed with green ink",
    "other paper": "a paper that Clive signed in pencil",
}

# Of each transcript: words that stay in the release, and words that must not.
SAID = {
    "D01": ("fear of opening the box", "Chalke Valley Trust"),
    "D04": ("never looked at her watch", "Peregrine Voss"),
    "D06": ("not doing my counselling on a muck heap", "Wendy Stamp"),
    "D07": ("like more garden centres", "Ashworth"),
    "D09": ("a poster of the placenta", "2017/SI/00932"),
    "D12": ("hugged by a six-foot plumber", "liz dot carrow at hard cases"),
}


def canaries() -> tuple[bytes, ...]:
    """What must lie nowhere in clear while the study runs: of people, of talks, of sounds."""
    people = [word for each in NINE for word in (each.name, each.email)]
    said = [words for each in SIX for words in SAID[each.text]]
    sounds = [middle(each.recording) for each in (*SIX, CLIVE)]
    return (*(word.encode() for word in (*people, *SECRETS.values(), *said)), *sounds)


def middle(sound: bytes) -> bytes:
    """Twenty-four bytes from the middle of a recording."""
    return sound[len(sound) // 2 :][:24]
