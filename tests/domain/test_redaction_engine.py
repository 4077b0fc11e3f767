"""What is suggested: fixed forms, spoken forms, register, names, and what stays readable."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studyhub.domain.redaction.engine import suggest
from studyhub.domain.redaction.normal import normalise, plain
from studyhub.domain.redaction.numbers import digits_said
from studyhub.domain.redaction.patterns import is_nhs_number
from studyhub.domain.redaction.protect import health_words
from studyhub.domain.redaction.register import mail_said
from studyhub.domain.redaction.spans import Entry, Span
from studyhub.vault.prints import plain_value
from tests.domain.redaction_worlds import OWN, TEXT, known_of, words_of

LOWER = """interviewer so how long have you done this

participant um since twenty fifteen and then kerensa polwhele came and shes forty one

interviewer okay

participant yeah kerensa works at zennor now and we had a meeting with auntie pru
"""


def said_of(text, category=None, **more):
    found = suggest(text, **more)
    return words_of(text, [s for s in found if category in {None, s.category}])


@pytest.mark.parametrize(
    ("category", "words"),
    [
        ("CONTACT", "someone.else@place.example"),
        ("CONTACT", "07700 900123"),
        ("CONTACT", "+44 7700 900123"),
        ("CONTACT", "(01632) 960123"),
        ("CONTACT", "oh seven seven double oh, nine hundred, one two three"),
        ("CONTACT", "jo dot smith at some place dot org dot uk"),
        ("CONTACT", "@the_handle"),
        ("CONTACT", "bleep 2217"),
        ("URL", "www.some-place.example/help"),
        ("URL", "https://some.example/a?b=c"),
        ("PLACE", "TR19 7XX"),
        ("PLACE", "14 Chapel Street, TR19 7XX"),
        ("ID", "943 476 5919"),
        ("ID", "AB 12 34 56 C"),
        ("ID", "W-118346"),
        ("ID", "AB12 CDE"),
        ("DATE", "3rd of March 2018"),
        ("DATE", "14/09/2022"),
        ("DATE", "March 2021"),
        ("DATE", "winter of 2016"),
        ("DATE", "1998"),
        ("DATE", "twenty nineteen"),
        ("DATE", "Boxing Day 2020"),
    ],
)
def test_a_fixed_or_spoken_form_is_suggested_whole(category, words):
    text = f"P1: It was, you know, {words}, I think."

    assert words in said_of(text, category)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("P1: I'm thirty-eight, and tired.", "thirty-eight"),
        ("P1: She was 29, she'd a boy.", "29"),
        ("P1: A lad of fifteen came.", "fifteen"),
        ("P1: He'd have been seventy-three.", "seventy-three"),
    ],
)
def test_an_age_is_suggested_without_the_words_around_it(text, age):
    assert said_of(text, "AGE") == [age]


@pytest.mark.parametrize(
    "words",
    [
        "Next Monday at ten o'clock",
        "in March",
        "last year",
        "He was two hours late",
        "about forty per cent",
        "She's one of us",
        "it was fifteen minutes",
        "I have two hundred and six forms",
    ],
)
def test_times_and_counts_that_tell_nobody_are_left_alone(words):
    assert said_of(f"P1: {words}, you know.") == []


@pytest.mark.parametrize(
    ("text", "category", "words"),
    [
        ("P1: Then Kerensa came.", "PERSON", "Kerensa"),
        ("P1: I asked Dr Hope about it.", "PERSON", "Hope"),
        ("P1: And then Grace Okonkwo-Bell rang.", "PERSON", "Grace Okonkwo-Bell"),
        ("P1: It was in Stow-on-the-Wold.", "PLACE", "Stow-on-the-Wold"),
        ("P1: It was in Stow on the Wold.", "PLACE", "Stow on the Wold"),
        ("P1: We lived on Gasworks Lane then.", "PLACE", "Gasworks Lane"),
        ("P1: I worked at the Seahorse Trust.", "ORG", "Seahorse Trust"),
        ("P1: I worked at Zelah surgery.", "ORG", "Zelah surgery"),
        ("P1: I'm the service manager here.", "ROLE", "service manager"),
        ("P1: My cousin Cob rang.", "PERSON", "Cob"),
        ("P1: We all call her Moo, you know.", "PERSON", "Moo"),
        ("P1: It was the A38 again.", "PLACE", "A38"),
        ("P1: It was at the Quiet Hands, I think.", "ORG", "Quiet Hands"),
        ("P1: She was the coroner for the county.", "ROLE", "coroner for the county"),
    ],
)
def test_names_of_persons_places_and_organisations_are_suggested(text, category, words):
    assert words in said_of(text, category)


def test_roles_and_firsts_are_prompts_and_names_are_not():
    text = "P1: I'm the service manager. Kerensa was the first woman to dive in the harbour."

    asks = {text[s.start : s.end]: s.ask for s in suggest(text)}

    assert asks["Kerensa"] is False
    assert asks["service manager"] is True


def test_names_are_found_in_text_without_capitals():
    words = said_of(LOWER)

    assert words.count("kerensa polwhele") == 1
    assert {"kerensa", "zennor", "twenty fifteen", "forty one", "pru"} <= set(words)


def test_an_accepted_entity_is_proposed_wherever_it_stands_in_any_transcript():
    text = "P1: so harbour light called me, and Kerensa's boss, and Kez too. Harbour Light did."
    accepted = [("Harbour Light", "ORG", "e-1"), ("Kerensa Polwhele", "PERSON", "e-2")]

    found = suggest(text, accepted=accepted)

    entities = {text[s.start : s.end]: s.entity for s in found if s.entity}
    assert entities == {"Harbour Light": "e-1", "Kerensa": "e-2"}


def test_a_word_that_is_also_a_name_needs_a_cue():
    text = "P1: Hope it works. I hope so. Will you? It will. I asked Will and Hope."

    found = [(s.start, text[s.start : s.end]) for s in suggest(text)]

    assert found == [(text.rindex("Will"), "Will"), (text.rindex("Hope"), "Hope")]


def test_two_names_side_by_side_are_never_one_suggestion_of_two_entities():
    text = "P1: I rang Petronella Rebecca Thornbury Otterhaven."

    found = suggest(text, known_of(), OWN)

    assert [s.entity for s in found] == ["e-petronella", "e-rebecca", "e-town"]
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize("term", sorted(health_words())[::9])
def test_a_health_term_is_never_suggested(term):
    for written in (term, term.capitalize(), term.upper()):
        text = f"P1: They talked about {written} and about {written}."
        assert said_of(text) == []


def test_who_a_number_belongs_to_is_recognised_however_it_is_said():
    said = "oh double seven oh oh nine oh oh one two three"
    text = f"P1: {said} or petronella at tidewater dot example"

    found = suggest(text, known_of(()), OWN)

    assert [s.entity for s in found] == ["e-phone", "e-mail"]


def test_speaker_labels_are_seen_and_generic_ones_are_not():
    text = "KQ: So.\n\nP1: Yes.\n\nKQ: And?\n\nP1: No.\n"

    assert said_of(text) == ["KQ", "KQ"]


@pytest.mark.parametrize(
    "text",
    [
        "Interviewer: How are you?\nRespondent: Oh.\nInterviewer: Right.\nRespondent: Mhm.\n",
        "Oh.\nI went there.\nOh.\nRight.\nOh.\nRight.\nRight.\n",
        "I: Go on.\nP1: Hm.\nI: Mmhm.\nP1: Okay.\n",
    ],
)
def test_a_short_turn_is_no_name(text):
    assert said_of(text) == []


def test_a_name_that_is_a_whole_turn_or_stands_at_the_head_is_seen():
    text = "Interviewer: Dr Odell\nRespondent: Whose?\nInterviewer: Hers.\nRespondent: Grace.\n"

    assert said_of(text) == ["Dr Odell", "Grace"]


def test_time_marks_are_never_suggested_and_never_move_anything():
    text = "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Kerensa>It was in 1998.</v>\n"

    assert said_of(text) == ["Kerensa", "1998"]


# The map of offsets


@given(st.text(alphabet="aé\u0301e\u2019“\u00a0\u00ad\u200b😀ﬁ\n Z<v>", max_size=40))
@settings(max_examples=75, deadline=None)
def test_every_character_searched_leads_back_to_where_it_stands(stored):
    normal = normalise(stored)

    assert len(normal.text) == len(normal.starts) == len(normal.ends)
    assert list(normal.starts) == sorted(normal.starts)
    for start, end in zip(normal.starts, normal.ends, strict=True):
        assert 0 <= start < end <= len(stored)


@given(st.text(max_size=300))
@settings(max_examples=50, deadline=None)
def test_any_text_gives_suggestions_in_order_that_do_not_overlap(stored):
    found = suggest(stored)

    assert all(0 <= s.start < s.end <= len(stored) for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(st.permutations(range(6)))
@settings(max_examples=20, deadline=None)
def test_suggestions_do_not_depend_on_the_order_of_the_register(order):
    entries = [*OWN, Entry("e-x", "PERSON", "Zillah"), Entry("e-y", "PLACE", "Nancledra")]
    shuffled = [entries[i] for i in order]

    assert suggest(TEXT, known_of(entries), OWN) == suggest(TEXT, known_of(shuffled), OWN)


def test_accents_quotes_and_hidden_signs_do_not_hide_a_name():
    for written in ("Petronélla", "Petronélla", "Petron\u00adella", "PETRONELLA"):
        text = f"P1: I told {written}\u2019s boss."
        found = suggest(text, known_of(), OWN)
        assert words_of(text, found) == [written]


@given(st.text("0123456789", min_size=1, max_size=14))
def test_a_number_said_figure_by_figure_is_read_back(digits):
    names = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

    assert digits_said(" ".join(names[int(figure)] for figure in digits)) == digits


@given(st.integers(0, 999_999_999))
def test_an_nhs_number_has_at_most_one_right_last_figure(head):
    right = [d for d in range(10) if is_nhs_number(f"{head:09d}{d}")]

    assert len(right) <= 1


def test_a_said_address_of_mail_is_read():
    assert mail_said("x dot y at z hyphen q dot org") == "x.y@z-q.org"


@given(st.text(max_size=30))
def test_values_are_compared_as_the_fingerprints_are_made(value):
    assert plain(value) == plain_value(value)


def test_a_detector_from_outside_takes_part_and_its_overlaps_are_settled():
    text = "P1: the old mill by Kerensa."

    def model(read):
        yield Span(4, 16, "PLACE", 0.5, "model", "A place.")

    found = suggest(text, others=(model,))

    assert words_of(text, found) == ["the old mill", "Kerensa"]
