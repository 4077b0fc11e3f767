"""The forms in which a value of the register may stand in a text (vault.md 3).

Written as fingerprints when an entry is written, and compared in clear for this participant.
"""

import re
from collections.abc import Iterator
from functools import cache

from studyhub.domain.redaction.cues import COUNTRIES, TITLES
from studyhub.domain.redaction.lexicon import (
    bare,
    full_names,
    is_given,
    is_ordinary,
    is_place,
    nicknames,
)
from studyhub.domain.redaction.normal import plain
from studyhub.domain.redaction.sounds import sound_of

Form = tuple[str, str]

_VOWEL = re.compile(r"([^aeiouy]*[aeiouy])[^aeiouy]")
_SHORT = 2
_PREFIX = 3
_SOUNDING = 4
_SOUND = 3
_NAMED_ORG = 2
_INTERNATIONAL = re.compile(r"^(?:\+|00) ?44\D*0?")


def forms_of(category: str, value: str) -> tuple[Form, ...]:
    """Every form of one value, as kind of fingerprint and plain value, in a fixed order."""
    return tuple(dict.fromkeys(form for form in _forms(category, value) if form[1]))


def _forms(category: str, value: str) -> Iterator[Form]:
    match category:
        case "PERSON":
            yield from _person(value)
        case "CONTACT" | "URL" | "ID":
            yield from _contact(value)
        case _:
            yield from _named_thing(value)


def _person(value: str) -> Iterator[Form]:
    words = [word for word in value.split() if plain(word) not in TITLES]
    tokens = [plain(word) for word in words]
    yield "exact", " ".join(tokens)
    yield "exact", "".join(tokens)
    for token in tokens:
        yield "token", token
    for part in re.split(r"[\s-]+", value):
        yield "token", plain(part) if len(plain(part)) > 1 and plain(part) not in TITLES else ""
    if len(tokens) > 1:
        yield "initials", "".join(token[0] for token in tokens if token)
        yield "exact", " ".join([tokens[0], *(token[0] for token in tokens[1:] if token)])
        yield "exact", " ".join(reversed(tokens))
    for nickname in nicknames_of(tokens[0] if tokens else ""):
        yield "nickname", nickname
    for token in tokens:
        code = sound_of(token)
        yield "sound", code if len(token) >= _SOUNDING and len(code) >= _SOUND else ""


@cache
def nicknames_of(name: str) -> tuple[str, ...]:
    """What somebody of this first name may be called: from the list, cut short, or made.

    Cut short: Oluwaseun, Olu. Made: Barry, Baz, Bazza; Terry, Tel. A pet form leads back too:
    Bex to Rebecca.
    """
    key = bare(name.partition("-")[0])
    if not key:
        return ()
    known = [key] if key in nicknames() or key in full_names() else _written_alike(key)
    found = {pet for name in known for pet in nicknames().get(name, ())}
    found |= {full for name in known for full in full_names().get(name, ())}
    stem = _VOWEL.match(key)
    if stem and len(key) > _PREFIX:
        found |= {stem[1] + tail for tail in ("z", "zza", "l")}
    for size in range(_SHORT, len(key)):
        cut = key[:size]
        if size >= _PREFIX or is_given(cut):
            found |= {cut, f"{cut}y", f"{cut}ie"}
    return tuple(sorted(found - {key}))


def _written_alike(name: str) -> tuple[str, ...]:
    """Names of the list that begin alike and sound the same: Edwyn, Edwin."""
    code = sound_of(name)
    alike = _by_sound().get(code, ()) if len(code) >= _SOUND else ()
    return tuple(other for other in alike if other[0] == name[0])


@cache
def _by_sound() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(nicknames()):
        found[sound_of(name)] = (*found.get(sound_of(name), ()), name)
    return found


def _contact(value: str) -> Iterator[Form]:
    address = value.strip().casefold()
    if "@" in address:
        yield "mail", address
        yield "spoken", address
        return
    digits = national_digits(value)
    if len(digits) >= _PREFIX:
        yield "digits", digits
        yield "spoken", digits
    yield "exact", plain(value)


def national_digits(written: str) -> str:
    """The figures of a number, a British one in its national form: +44 7700 is 07700."""
    national = _INTERNATIONAL.sub("0", written.strip())
    return "".join(sign for sign in national if sign.isdecimal())


def _named_thing(value: str) -> Iterator[Form]:
    tokens = [plain(word) for word in value.split() if plain(word) not in {"the", "a"}]
    yield "exact", " ".join(tokens)
    yield "exact", "".join(tokens)
    yield "exact", " ".join(re.sub("[^a-z0-9 ]", " ", bare(value.casefold())).split())
    if len(tokens) > _NAMED_ORG:
        yield "initials", "".join(token[0] for token in tokens if token)
        yield "exact", " ".join(tokens[:-1])
    for token in tokens:
        usual = is_ordinary(token) or is_place(token) or token in COUNTRIES or is_given(token)
        yield "token", "" if usual else token
