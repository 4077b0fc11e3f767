"""The leak gate: one planted leak of every kind, each found where it stands."""

import pytest

from studyhub.domain.redaction.applying import applied
from studyhub.domain.redaction.engine import suggest
from studyhub.domain.redaction.gate import Surface, blocking, leaks, passes
from studyhub.domain.redaction.spans import Decision
from tests.domain.redaction_worlds import OWN, TEXT, known_of, register

CLEAN = "P1: We talked in [town] about her PTSD. [laughs] It was in [month omitted].\n"
SURFACES = (
    Surface("Kerensa Polwhele", "PERSON"),
    Surface("Hope", "PERSON"),
    Surface("Full Fathom Five", "ORG"),
    Surface("Zennor", "PLACE"),
)
PLANTED = {
    "a full name": "Petronella Quayle-Osei",
    "a first name": "Petronella",
    "a first name in lower case": "petronella",
    "a name in capitals": "PETRONELLA",
    "half of a double name": "Quayle",
    "another half of a double name": "osei",
    "a possessive": "Petronella's",
    "a curly possessive": "Petronella\u2019s",
    "a misspelling": "Petronela",
    "a nickname": "Bex",
    "somebody else's name": "Rebecca Thornbury",
    "somebody else's name by its sound": "Shivaun",
    "a name over a line's end": "Rebecca\nThornbury",
    "a name with dots": "rebecca.thornbury",
    "a name run together": "RebeccaThornbury2",
    "a name run together in lower case": "rebeccathornbury",
    "a name reversed": "Thornbury Rebecca",
    "an employer": "Tidewater Advice Centre",
    "an employer cut short": "Tidewater Advice",
    "a town": "Otterhaven",
    "a town in lower case": "otterhaven",
    "an address of mail": "petronella@tidewater.example",
    "an unknown address of mail": "someone@else.example",
    "a spoken address of mail": "petronella at tidewater dot example",
    "a telephone number": "07700 900123",
    "a telephone number abroad": "+44 7700 900 123",
    "a spoken telephone number": "oh double seven oh oh nine oh oh one two three",
    "an unknown telephone number": "01632 960555",
    "an NHS number": "943 476 5919",
    "a National Insurance number": "AB 12 34 56 C",
    "a postcode": "TR19 7XX",
    "a web address": "www.tidewater.example/about",
    "a handle": "@petronella_q",
    "an original of a masked entity": "Kerensa Polwhele",
    "the first name of a masked entity": "Kerensa",
    "a masked entity in lower case": "kerensa",
    "a masked entity in possession": "Polwhele's",
    "a masked entity with an accent": "Kerénsa",
    "a masked entity with a soft hyphen": "Keren\u00adsa",
    "a masked entity that is a word": "Hope",
    "a masked organisation": "full fathom five",
    "a masked place": "Zennor",
}
WHERE = (
    "body",
    "label",
    "title",
    "file name",
    "property author",
    "comment",
    "tracked change",
    "header",
)


@pytest.mark.parametrize("words", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_leak_blocks_with_its_position(words):
    body = CLEAN + f"INT: So, {words}, you know.\n"
    start = body.index(words)

    found = leaks({"body": body}, register(), SURFACES)

    covered = {place for leak in found for place in range(leak.start, leak.end)}
    letters = {i for i in range(start, start + len(words)) if body[i].isalnum()}
    assert covered & letters
    assert covered <= set(range(start, start + len(words)))
    assert {leak.where for leak in found} == {"body"}
    assert not passes(found)


@pytest.mark.parametrize("where", WHERE)
def test_a_leak_is_found_in_every_named_text(where):
    texts = dict.fromkeys(WHERE, CLEAN) | {where: "Interview_with_Petronella_final.docx"}

    (leak,) = leaks(texts, register(), SURFACES)

    assert leak.where == where
    assert texts[where][leak.start : leak.end] == "Petronella"
    assert leak.direct


def test_a_clean_text_passes():
    found = leaks({"body": CLEAN, "file name": "P4_v1.docx"}, register(), SURFACES)

    assert found == []
    assert passes(found)


def test_health_terms_and_markers_are_no_leaks():
    body = "P1: Sertraline, EMDR, [laughs], the MARAC, motor neurone disease, type two.\n"

    assert leaks({"body": body}, register(), SURFACES) == []


def test_a_direct_identifier_cannot_be_overruled():
    found = leaks({"body": "P1: Petronella rang."}, register())

    assert not passes(found, overruled=found)


def test_a_quasi_identifier_can_be_overruled_and_only_as_it_stands():
    found = leaks({"body": "P1: We met in Otterhaven."}, register())
    elsewhere = leaks({"body": "P1: We all met in Otterhaven."}, register())

    assert not passes(found)
    assert passes(found, overruled=found)
    assert not passes(found, overruled=elsewhere)


def test_a_word_of_the_language_may_be_settled_where_it_stands_and_nowhere_else():
    body = "P1: Hope is what we need. With Hope."
    found = leaks({"body": body}, register(), SURFACES)

    assert len(found) == 2
    assert blocking(found, {"body": [(4, 8)]}) == found[1:]
    assert blocking(found, {"title": [(4, 8)]}) == found


def test_a_name_that_is_no_word_is_never_settled():
    found = leaks({"body": "Petronella rang."}, register())

    assert blocking(found, {"body": [(0, 10)]}) == found


def test_after_every_suggestion_is_accepted_the_gate_finds_nothing():
    spans = suggest(TEXT, known_of(), OWN)
    made = [
        Decision(
            s.start, s.end, s.category, "accept", TEXT[s.start : s.end], f"e{n}", f"[Thing {n}]"
        )
        for n, s in enumerate(spans)
    ]

    result = applied(TEXT, made)

    surfaces = [Surface(one.surface, one.category) for one in made]
    assert leaks({"body": result.text}, register(), surfaces) == []


def test_one_place_left_out_is_found_where_it_stands_in_the_output():
    spans = [s for s in suggest(TEXT, known_of(), OWN) if TEXT[s.start : s.end] != "Otterhaven"]
    made = [
        Decision(
            s.start, s.end, s.category, "accept", TEXT[s.start : s.end], f"e{n}", f"[Thing {n}]"
        )
        for n, s in enumerate(spans)
    ]
    result = applied(TEXT, made)

    (leak,) = leaks({"body": result.text}, register())

    start = TEXT.index("Otterhaven")
    assert (leak.start, leak.end) == result.place_of(start, start + len("Otterhaven"))


@pytest.mark.parametrize(
    "written", ["handover", "unhopeful", "May to July", "the pru", "hopefully"]
)
def test_letters_within_another_word_or_a_month_are_no_name_that_blocks_for_ever(written):
    surfaces = [
        Surface("Andover", "PLACE"),
        Surface("Hope", "PERSON"),
        Surface("July", "PERSON"),
        Surface("Pru", "PERSON"),
        Surface("Gwyn the Boots", "PERSON"),
    ]
    body = f"P1: We spoke of {written} and the meeting."

    found = leaks({"body": body}, register(), surfaces)

    assert blocking(found, {"body": [(leak.start, leak.end) for leak in found]}) == []
    assert not {body[leak.start : leak.end] for leak in found} & {"the", "hope", "andover"}
