"""Second reading, the leak gate before a release, and the register of names behind it."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Hidden, Invalid, NotPermitted, Refused, WrongState
from studyhub.store.people import Contact
from studyhub.store.transcripts import RegisterEntry
from studyhub.workflows import (
    deidentification,
    deidentification_gate,
    deidentification_names,
    deidentification_reading,
    recruitment_contacts,
    register,
)
from studyhub.workflows.deidentification_reading import INTRUDERS
from studyhub.workflows.people import Card
from studyhub.workflows.recruitment_contacts import Wanted
from tests.makers import contact
from tests.workflows.deidentifying import (
    SAID,
    answer_no,
    begun,
    decide_all,
    entity_of,
    entries,
    look,
    mark_of,
    propose,
    row_of,
    send,
    type_in,
    uuid_of,
)


def gate(study, made):
    return deidentification_gate.check(study.ravi, made).found


def test_a_text_passes_when_every_question_is_answered_and_nothing_marked(on_each):
    study, made = on_each
    decide_all(study, made)
    propose(study, made)
    deidentification_reading.review(study.ravi, made)
    with pytest.raises(Invalid):
        deidentification_reading.clear(study.ravi, made)
    answer_no(study, made)

    deidentification_reading.clear(study.ravi, made)

    found = deidentification_gate.check(study.ravi, made)
    assert found.is_read
    assert found.found.passes
    with pytest.raises(WrongState):
        deidentification.deidentify(study.tess, made)


def test_one_yes_or_one_place_sends_the_text_back(begun_study):
    study, made = begun_study
    decide_all(study, made)
    propose(study, made)
    answer_no(study, made)
    with pytest.raises(Invalid):
        deidentification_reading.send_back(study.ravi, made)
    answers = {**dict.fromkeys(INTRUDERS, "no"), "local": "yes"}
    deidentification_reading.doubt(study.ravi, made, [], answers)
    with pytest.raises(Invalid):
        deidentification_reading.clear(study.ravi, made)

    deidentification_reading.send_back(study.ravi, made)

    assert row_of(study, made).state == "returned"


def test_a_text_in_which_a_name_got_other_words_is_read_again(begun_study):
    study, made = begun_study
    other = begun(study, (("s2", "I knew Maureen Tolley."),))
    decide_all(study, made)
    propose(study, made)
    answer_no(study, made)
    deidentification_reading.clear(study.ravi, made)
    decide_all(study, other)

    bench = look(study, other)
    deidentification_names.name(study.tess, other, uuid_of(bench, "Maureen Tolley"), "[Dora]")

    assert not deidentification_gate.check(study.ravi, made).is_read


def leak_with(study, made, *rejected):
    """Hand in a text in which some places were left as they are, and search it."""
    bench = look(study, made)
    left = [
        replace(mark_of(bench, words), state="reject", note="public_figure")
        for words in rejected
    ]
    send(study, made, *left)
    decide_all(study, made)
    propose(study, made)
    return gate(study, made)


def test_deid_9_planted_leaks_of_every_kind_block_with_their_place(begun_study):
    study, _made = begun_study
    contact(study, "Rosalind Penhaligon", "ros.p@example.org", phone="01632 960 144")
    said = (
        ("s2", "Rosalind Penhaligon, or ROSALIND penhaligon's, said Kay Denise."),
        ("s2", "It was Rozalind Penhalligon, RP for short."),
        ("s2", "Write to ros dot p at example dot org or 01632 960 144."),
        ("s2", "Kay Denise again, kay denise in small letters, KayDenise in one."),
    )
    planted = begun(study, said)
    for mark in look(study, planted).marks:
        send(study, planted, replace(mark, state="reject", note="other"))
    bench = look(study, planted)
    first = bench.text.index("Kay Denise")
    send(study, planted, *accepted_at(bench, first))
    while still := [m for m in look(study, planted).marks if m.is_open]:
        send(study, planted, *[replace(m, state="reject", note="other") for m in still])
    propose(study, planted)

    found = gate(study, planted)

    assert not found.passes
    words = [(leak.turn, leak.words) for leak in found.leaks]
    for turn, known in (
        *((1, "Rosalind Penhaligon"), (1, "ROSALIND penhaligon"), (2, "Penhalligon")),
        *((3, "ros dot p at example dot org"), (3, "01632 960 144")),
        *((4, "Kay Denise"), (4, "kay denise"), (4, "KayDenise")),
    ):
        assert (turn, known) in words, words
    for leak in found.leaks:
        if leak.leak.where == "body":
            spoken = deidentification_reading.review(study.ravi, planted).turns[leak.turn - 1]
            assert spoken.text[leak.start : leak.end] == leak.words


def accepted_at(bench, start):
    return [
        replace(mark, state="accept", note="") for mark in bench.marks if mark.start == start
    ]


def test_deid_9_labels_the_file_its_properties_and_its_other_parts_are_looked_at(begun_study):
    study, made = begun_study
    decide_all(study, made)
    propose(study, made)

    looked = gate(study, made).looked_at

    assert looked == (
        *("body", "speaker labels", "file name", "headers, comments and changes"),
        "document properties",
    )


def test_deid_10_the_pi_allows_a_detail_with_a_reason_and_never_a_name(begun_study):
    study, made = begun_study
    other = begun(study, (("s2", "I live in Yeovil too."),))
    decide_all(study, other)
    found = leak_with(study, made, "Yeovil", "Maureen Tolley")
    place = next(each.leak for each in found.leaks if each.words == "Yeovil")
    name = next(each.leak for each in found.leaks if each.words.startswith("Maureen"))
    petra = study.petra
    stepped = replace(petra, stepped_up_until=study.clock().replace(year=2027))

    with pytest.raises(Refused):
        deidentification_gate.overrule(
            stepped, made, where="body", start=name.start, end=name.end, reason="other"
        )
    deidentification_gate.overrule(
        stepped, made, where="body", start=place.start, end=place.end, reason="other"
    )

    assert json.loads(study.last_event().line)["facts"] == {"kind": "PLACE", "reason": "other"}
    blocked = [each.words for each in gate(study, made).leaks if each.blocks]
    assert "Yeovil" not in blocked
    assert any(words.startswith("Maureen") for words in blocked)
    seen_by_pi = deidentification_gate.check(petra, made).found.leaks
    assert {(each.words, each.before, each.after) for each in seen_by_pi} == {("", "", "")}


def test_nothing_passes_while_a_changed_card_waits_to_be_read(begun_study):
    study, made = begun_study
    decide_all(study, made)
    propose(study, made)
    with study.hub.sessions.writing.begin() as session:
        for row in session.scalars(select(Contact)):
            row.register_due = True

    found = gate(study, made)

    assert found.register_due
    assert not found.passes


def test_names_met_in_a_text_are_registered_and_taken_out_when_they_were_none(begun_study):
    study, made = begun_study
    name = mark_of(look(study, made), "Kay Denise")
    assert entries(study, "text") == 0

    send(study, made, replace(name, state="accept"))
    assert entries(study, "text") == 1

    send(study, made, replace(name, state="reject", note="hypothetical"))
    assert entries(study, "text") == 0


def test_the_register_opens_for_who_works_on_the_text_and_for_the_pi_with_a_reason(begun_study):
    study, _made = begun_study
    with study.hub.sessions.reading.begin() as session:
        person = session.scalars(select(RegisterEntry.participant_id)).first()

    values = [each.value for each in register.read_register(study.tess, person)]
    assert "Grace Adeyemi" in values
    stepped = replace(study.petra, stepped_up_until=study.clock().replace(year=2027))
    assert len(register.read_register(stepped, person, reason="law")) == len(values)
    assert json.loads(study.last_event().line)["facts"]["reason"] == "law"

    stranger = contact(study, "Rosalind Penhaligon")
    with pytest.raises(NotPermitted):
        register.read_register(study.tess, stranger)
    for login in ("rita", "ivan", "ann", "ada", "nina"):
        with pytest.raises((NotPermitted, Hidden)):
            register.read_register(study.desk(login), person)


def test_a_card_that_changes_gives_its_new_names_to_who_works_on_the_text(begun_study):
    study, made = begun_study
    with study.hub.sessions.reading.begin() as session:
        person = session.scalars(select(RegisterEntry.participant_id)).first()
    wanted = Wanted(Card("Grace Penrose", "grace@example.org"), by_email=True)

    recruitment_contacts.change(study.rita, person, wanted)

    values = [each.value for each in register.read_register(study.tess, person)]
    assert "Grace Penrose" in values
    type_in(study, made, (*SAID, ("s1", "Thank you, Ms Penrose.")), rev=1)
    assert entity_of(look(study, made), "Penrose").is_own
