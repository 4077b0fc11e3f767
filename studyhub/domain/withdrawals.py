"""What a withdrawal covers: from its scopes to classes of things, and to what is destroyed.

The erasure table (datamodel.md 5) and the cascade (domain.md 3.6) as data. The evidence of a
consent is in no scope: it is kept until its own rule ends, and everybody is told so.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from studyhub.domain.deadlines import end_of_day
from studyhub.domain.errors import Invalid
from studyhub.domain.vocabulary import Side
from studyhub.domain.words import SCOPES, WORDS

ERASE, STOP_USE, CANNOT = "erase", "stop_use", "cannot"

_SAID = ("recording", "transcript", "notes", "register", "release", "coding", "quote")
_PERSON = ("contact", "letter", "question", "register")

# What each scope asks for, for each class of things.
ASKS: Mapping[str, Mapping[str, str]] = {
    "contact": {"contact": STOP_USE, "letter": STOP_USE},
    "further_participation": {"interview": STOP_USE},
    "audio": {"recording": ERASE},
    "transcript": {**dict.fromkeys(_SAID, ERASE), "export": STOP_USE},
    "quotes": {"quote": STOP_USE, "export": STOP_USE},
    "reuse": {"release": STOP_USE, "export": STOP_USE},
    "results_contact": {"letter": STOP_USE},
    "identity": dict.fromkeys(_PERSON, ERASE),
    "all": {
        **dict.fromkeys((*_SAID, *_PERSON), ERASE),
        "interview": STOP_USE,
        "export": STOP_USE,
    },
}

# Under which shred key of the person a class lies. One that stands nowhere here has none: it
# is cancelled, recalled or no longer used, and that is its proof.
SIDE_OF: Mapping[str, Side] = {
    "recording": Side.RECORDING,
    "transcript": Side.TRANSCRIPT,
    "notes": Side.TRANSCRIPT,
    "register": Side.REGISTER,
    "release": Side.RELEASE,
    "coding": Side.RELEASE,
    "quote": Side.RELEASE,
    "contact": Side.CONTACT,
    "letter": Side.CONTACT,
    "question": Side.CONTACT,
}

# Letters to the person end with these; a tag of the address is kept (invariant 11).
ENDS_LETTERS = frozenset({"contact", "identity", "all"})
# No further interview, and those that are agreed are called off.
ENDS_INTERVIEWS = frozenset({"further_participation", "all"})

# Codes open before the deadline that was promised (invariant 69), and all of them.
IN_TIME = ("already_published", "not_found")
CANNOT_CODES = WORDS["withdrawal_items.reason_code"]

_TO_TELL, _TO_DECIDE, _SATURDAY = 2, 5, 5


@dataclass(frozen=True)
class Item:
    """One class of things in scope, and what was decided about it."""

    class_: str
    decision: str | None
    reason_code: str | None = None
    seconded: bool = False

    @property
    def is_decided(self) -> bool:
        """A decision counts; that something cannot be done counts with a second person."""
        return self.decision is not None and (self.decision != CANNOT or self.seconded)


def need_scopes(scopes: Collection[str]) -> list[str]:
    """The scopes in their order; Invalid where none, or a word that is none, was chosen."""
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Invalid({"scope": "Choose what you would like to stop"})
    return ["all"] if "all" in scopes else [each for each in SCOPES if each in scopes]


def asked_for(scopes: Collection[str]) -> dict[str, str]:
    """What the scopes together ask for, by class: to erase wins over to stop using."""
    asked: dict[str, str] = {}
    for scope in scopes:
        for class_, what in ASKS[scope].items():
            asked[class_] = ERASE if ERASE in (what, asked.get(class_)) else what
    return asked


def choices(scopes: Collection[str], class_: str) -> tuple[str, ...]:
    """What may be decided about a class; never more than the person asked for."""
    asked = asked_for(scopes).get(class_)
    return (ERASE, STOP_USE, CANNOT) if asked == ERASE else (STOP_USE, CANNOT)


def codes_for(*, before_deadline: bool) -> tuple[str, ...]:
    """Why something may be said to be impossible: in time, only two reasons count."""
    return IN_TIME if before_deadline else CANNOT_CODES


def sides_destroyed(scopes: Collection[str], items: Collection[Item]) -> tuple[Side, ...]:
    """The shred keys that go, ``contact`` last (datamodel.md 5).

    One that covers anything that is not to be erased stays: then rows and files alone go.
    """
    erased = {class_ for class_, what in asked_for(scopes).items() if what == ERASE}
    kept = {SIDE_OF.get(item.class_) for item in items if item.decision != ERASE}
    sides = {SIDE_OF[class_] for class_ in erased if class_ in SIDE_OF} - kept
    ordered = [each for each in Side if each in sides and each is not Side.CONTACT]
    return (*ordered, *([Side.CONTACT] if Side.CONTACT in sides else []))


def hold_ends(scope: str, items: Collection[Item]) -> bool:
    """Whether nothing is left, once all is carried out, that a hold of this scope must stop.

    What was not erased stays on hold: taken back is taken back.
    """
    in_scope = [item for item in items if ASKS[scope].get(item.class_) == ERASE]
    return all(item.decision == ERASE for item in in_scope)


def tell_by(received_at: datetime, time_zone: str) -> datetime:
    """Until when the person is told that it arrived: two working days later."""
    return _working_days_after(received_at, _TO_TELL, time_zone)


def decide_by(received_at: datetime, time_zone: str) -> datetime:
    """Until when somebody has to decide: five working days later."""
    return _working_days_after(received_at, _TO_DECIDE, time_zone)


def _working_days_after(at: datetime, left: int, time_zone: str) -> datetime:
    """The end of the day so many working days later, where the study is."""
    day = at.astimezone(ZoneInfo(time_zone)).date()
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return end_of_day(day, time_zone)
