"""Variants of a value, linking of mentions, and what a replacement must not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studyhub.domain.redaction.linking import Mention, link
from studyhub.domain.redaction.replacements import numbered, problems_of
from studyhub.domain.redaction.sounds import sound_of
from studyhub.domain.redaction.spans import nobody
from studyhub.domain.redaction.variants import forms_of
from tests.domain.redaction_worlds import known_of


@pytest.mark.parametrize(
    ("category", "value", "form"),
    [
        ("PERSON", "Dr Rebecca Thornbury", ("exact", "rebecca thornbury")),
        ("PERSON", "Rebecca Thornbury", ("token", "thornbury")),
        ("PERSON", "Rebecca Thornbury", ("initials", "rt")),
        ("PERSON", "Rebecca Thornbury", ("nickname", "bex")),
        ("PERSON", "Rebecca Thornbury", ("exact", "rebecca t")),
        ("PERSON", "Terry Vane", ("nickname", "tel")),
        ("PERSON", "Barry Vane", ("nickname", "baz")),
        ("PERSON", "Siobhan Vane", ("sound", sound_of("shivaun"))),
        ("PERSON", "Ana-Lucia Vane", ("token", "lucia")),
        ("CONTACT", "+44 7700 900123", ("digits", "07700900123")),
        ("CONTACT", "A.B@C.example", ("mail", "a.b@c.example")),
        ("ORG", "The Tidewater Advice Centre", ("exact", "tidewater advice")),
        ("ORG", "The Tidewater Advice Centre", ("initials", "tac")),
        ("PLACE", "Stow-on-the-Wold", ("exact", "stow on the wold")),
    ],
)
def test_a_value_is_kept_in_the_forms_in_which_people_say_it(category, value, form):
    assert form in forms_of(category, value)


def test_forms_are_the_same_every_time_and_none_is_empty():
    forms = forms_of("PERSON", "Rebecca Anne Thornbury")

    assert forms == forms_of("PERSON", "Rebecca Anne Thornbury")
    assert all(kind and value for kind, value in forms)
    assert len(set(forms)) == len(forms)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Siobhan", "Shivaun"),
        ("Brody", "Brodie"),
        ("Catherine", "Katharine"),
        ("Sean", "Shaun"),
    ],
)
def test_two_spellings_of_a_name_sound_alike(one, other):
    assert sound_of(one) == sound_of(other)


def persons(*words, text="T1"):
    return [Mention(text, word, "PERSON") for word in words]


def test_a_first_name_and_its_pet_form_join_the_full_name():
    full, first, pet, other = link(persons("Rebecca Thornbury", "Rebecca", "Bex", "Kerensa"))

    assert full == first == pet != other


def test_the_same_first_name_in_two_transcripts_is_not_taken_for_one_person_by_chance():
    mentions = [
        *persons("Anna Vane", "Anna"),
        *persons("Anna Quill", "Anna", text="T2"),
    ]

    one, first, two, second = link(mentions)

    assert one == first
    assert two == second
    assert one != two


def test_what_the_register_knows_keeps_its_entity():
    mentions = [
        Mention("T1", "Bex", "PERSON", "e-1"),
        Mention("T2", "Rebecca", "PERSON", "e-1"),
    ]

    assert link(mentions) == ["e-1", "e-1"]


def test_one_entity_has_one_replacement_and_two_never_share_one():
    entities = [("a", "PERSON"), ("b", "PERSON"), ("a", "PERSON"), ("c", "PLACE")]

    named = numbered(entities, taken={"z": "[name 1]"})

    assert named == {"z": "[name 1]", "a": "[Name 2]", "b": "[Name 3]", "c": "[Place 1]"}


@given(st.lists(st.tuples(st.text("abc", max_size=2), st.sampled_from(["PERSON", "ORG"]))))
def test_numbering_never_gives_one_replacement_twice(entities):
    named = numbered(entities)

    assert len(set(named.values())) == len(named) == len({entity for entity, _ in entities})


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Anna", "marks"),
        ("[Anna] x", "marks"),
        ("[Name 1]", "taken"),
        ("[name 1]", "taken"),
        ("[ Name 1 ]", "taken"),
        ("[Thornbury]", "register"),
        ("[Rebecca Thornbury]", "register"),
        ("[friend of Rebecca]", "register"),
        ("[Bex]", "register"),
        ("[Thornberry]", "register"),
        ("[near Otterhaven]", "register"),
        ("[Kerensa]", "alike"),
        ("[Kerenza]", "alike"),
        ("[Kezia]", "initial"),
    ],
)
def test_a_replacement_that_tells_is_refused(words, code):
    found = problems_of(words, ["Kerensa"], known_of(), taken=["[Name 1]"])

    assert code in {problem.code for problem in found}


@pytest.mark.parametrize("words", ["[Name 3]", "[a town in the south-west]", "[Imelda]"])
def test_a_replacement_that_tells_nothing_is_taken(words):
    assert problems_of(words, ["Kerensa"], known_of(), taken=["[Name 1]"]) == []


def test_without_a_register_only_the_words_themselves_speak_against_it():
    assert problems_of("[Rebecca]", ["Kerensa"], nobody) == []
