"""The rules of de-identification by their numbers (deidentification.md 6)."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from studyhub.domain.errors import Invalid, NotFound, NotPermitted, Refused, WrongState
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.audit import Event
from studyhub.workflows import (
    assignments,
    deidentification,
    deidentification_gate,
    deidentification_names,
    deidentification_reading,
)
from studyhub.workflows.deidentification_reading import Doubt
from tests.makers import contact, invite_and_grant
from tests.workflows.deidentifying import (
    SAID,
    accepted,
    begun,
    decide_all,
    entity_of,
    hand_mark,
    look,
    mark_of,
    propose,
    row_of,
    send,
    type_in,
    typed,
    uuid_of,
    versions,
)


def output(study, made, desk=None):
    """The text as the second reader sees it."""
    reading = deidentification_reading.review(desk or study.ravi, made)
    return "\n".join(f"{turn.who}: {turn.text}" for turn in reading.turns)


# -- suggestions and decisions -------------------------------------------------------------


def test_deid_2_what_was_handed_in_is_a_version_of_its_own_and_no_earlier_one_changes(
    on_each,
):
    study, made = on_each
    before = {row.id: row.body_sealed for row in versions(study, made)}
    decide_all(study, made)

    propose(study, made)

    after = {row.id: row.body_sealed for row in versions(study, made)}
    assert after.items() > before.items()
    assert [row.kind for row in versions(study, made)] == ["verbatim", "deidentified"]
    assert row_of(study, made).deidentified_by == study.membership_id("tess")


def test_deid_3_what_is_read_is_the_version_with_each_decision_applied(begun_study):
    study, made = begun_study
    decide_all(study, made)
    bench = look(study, made)
    words = {entity.id: entity.replacement for entity in bench.entities}
    propose(study, made)

    text = output(study, made)

    expected = bench.text
    for mark in sorted(bench.marks, key=lambda one: -one.start):
        expected = expected[: mark.start] + words[mark.entity] + expected[mark.end :]
    assert text == expected.replace("\n\n", "\n").rstrip("\n")
    assert "[participant]" in text
    assert "Grace" not in text


def test_deid_4_nothing_is_handed_in_while_one_suggestion_is_undecided(begun_study):
    study, made = begun_study
    first, *rest = accepted(look(study, made).marks)
    send(study, made, *rest)

    with pytest.raises(Refused):
        propose(study, made)

    assert study.last_event().outcome == "refused"
    send(study, made, first)
    decide_all(study, made)
    propose(study, made)
    assert row_of(study, made).state == "submitted"


def test_deid_4_a_name_that_is_left_needs_a_reason_and_a_detail_does_not(begun_study):
    study, made = begun_study
    bench = look(study, made)
    name, place = mark_of(bench, "Maureen Tolley"), mark_of(bench, "Yeovil")

    send(study, made, replace(place, state="reject"))
    with pytest.raises(Invalid) as wrong:
        send(study, made, replace(name, state="reject"))
    assert "note" in wrong.value.problems
    with pytest.raises(Invalid):
        send(study, made, replace(name, state="reject", note="because"))

    send(study, made, replace(name, state="reject", note="public_figure"))
    assert mark_of(look(study, made), "Maureen Tolley").state == "reject"


def test_deid_5_who_decided_anything_in_a_text_never_reads_it_again(begun_study):
    study, made = begun_study
    decide_all(study, made)
    propose(study, made)
    invite_and_grant(study, "tess", Role.REVIEWER, (Duty.RELEASE,))
    give_to(study, made, study.membership_id("tess", Role.REVIEWER))
    tess = study.desk("tess", Role.REVIEWER)

    for act in (deidentification_reading.review, deidentification_gate.check):
        with pytest.raises(Refused) as no:
            act(tess, made)
        assert no.value.reason == "H-3"

    assert deidentification_reading.review(study.ravi, made).turns


def give_to(study, made, membership_id):
    gift = assignments.Gift("transcript", made, membership_id, ("review",))
    assignments.give(study.petra, gift)


def test_deid_6_an_entity_has_one_replacement_in_every_text_of_the_study(on_each):
    study, made = on_each
    decide_all(study, made)
    other = begun(study, (("s2", "I knew Maureen Tolley from Yeovil."),))
    here, there = look(study, made), look(study, other)
    assert entity_of(there, "Maureen Tolley") == replace(
        entity_of(here, "Maureen Tolley"), aliases=("Maureen Tolley",)
    )

    renamed = deidentification_names.name(
        study.tess, other, uuid_of(there, "Maureen Tolley"), "[Dora]"
    )

    assert "[Dora]" in {entity.replacement for entity in renamed.entities}
    assert entity_of(look(study, made), "Maureen").replacement == "[Dora]"
    with pytest.raises(Invalid):
        deidentification_names.name(study.tess, made, uuid_of(here, "Kay Denise"), "[dora]")


def test_deid_6_two_names_that_are_one_stand_under_one_replacement(begun_study):
    study, made = begun_study
    decide_all(study, made)
    bench = look(study, made)

    deidentification_names.merge(
        study.tess, made, uuid_of(bench, "Kay Denise"), uuid_of(bench, "Helen Marsh")
    )

    after = look(study, made)
    assert entity_of(after, "Kay Denise") == entity_of(after, "Helen Marsh")
    propose(study, made)
    assert output(study, made).count("[Name 2]") == 3


@pytest.mark.parametrize(
    "wanted", ["[Rita]", "[Kwenel]", "[Adeyemi]", "[K.]", "Dora", "[participant]", "[Name 1]"]
)
def test_deid_7_a_replacement_is_no_name_of_the_study_and_keeps_no_initial(begun_study, wanted):
    study, made = begun_study
    contact(study, "Rita Quennell")
    decide_all(study, made)

    with pytest.raises(Invalid):
        deidentification_names.name(
            study.tess, made, uuid_of(look(study, made), "Kay Denise"), wanted
        )


def test_deid_8_a_name_accepted_in_one_text_is_proposed_in_all_others(on_each):
    study, made = on_each
    said = (
        ("s2", "So tolley came. Then Lantern house and maureen tolley, and Maureen's dog."),
    )
    other = begun(study, said)
    assert "maureen tolley" not in [mark.surface for mark in look(study, other).marks]

    decide_all(study, made)

    bench = look(study, other)
    found = {mark.surface for mark in bench.marks if mark.is_open}
    assert {"Lantern house", "maureen tolley"} <= found
    assert (
        mark_of(bench, "maureen tolley").entity == mark_of(look(study, made), "Maureen").entity
    )


def test_deid_11_brackets_of_the_transcript_stay_what_they_are(begun_study):
    study, made = begun_study
    decide_all(study, made)
    propose(study, made)

    assert "[laughs]" in output(study, made)


def test_deid_12_the_log_opens_for_who_works_on_the_text_and_no_list_shows_it(begun_study):
    study, made = begun_study
    decide_all(study, made)
    bench = look(study, made)
    assert {mark.by for mark in bench.marks} == {str(study.membership_id("tess"))}
    with study.hub.sessions.reading.begin() as session:
        lines = b"".join(session.scalars(select(Event.line)))

    assert b"Maureen" not in lines
    assert b"Name 1" not in lines
    for login in ("ravi", "petra", "rita", "ivan", "ann", "ada"):
        with pytest.raises((NotPermitted, NotFound)):
            look(study, made, study.desk(login))


def test_deid_13_looking_again_keeps_what_people_decided(begun_study):
    study, made = begun_study
    bench = look(study, made)
    kept = replace(mark_of(bench, "Yeovil"), state="generalise")
    by_hand = hand_mark(bench.text, "lower case", "OTHER_QUASI")
    send(study, made, kept, by_hand)

    contact(study, "Lowrie Case")
    contact(study, "Denise Kay")

    after = look(study, made)
    assert mark_of(after, "Yeovil").state == "generalise"
    assert mark_of(after, "lower case").state == "accept"
    assert len(after.marks) >= len(bench.marks)


def test_deid_14_decisions_move_with_their_words_when_the_text_is_corrected(begun_study):
    study, made = begun_study
    decide_all(study, made)
    before = {mark.surface: mark for mark in look(study, made).marks}
    corrected = [(who, text.replace("How did you", "And how did you")) for who, text in SAID]
    corrected[1] = ("s2", SAID[1][1].replace("Maureen founded", "Maureem founded"))

    type_in(study, made, corrected, rev=1)

    after = look(study, made)
    assert after.lost == 1
    for mark in after.marks:
        assert after.text[mark.start : mark.end] == mark.surface
    moved = mark_of(after, "Kay Denise")
    assert moved.start == before["Kay Denise"].start + len("And h") - len("H")
    with pytest.raises(Refused):
        propose(study, made)


def test_deid_17_every_change_of_state_stands_on_the_record_without_a_word_of_text(begun_study):
    study, made = begun_study
    decide_all(study, made)
    propose(study, made)
    deidentification_reading.review(study.ravi, made)
    place = Doubt(2, 0, 8, "", ("local",), "likely", "the founder")
    deidentification_reading.doubt(study.ravi, made, [place], {})

    deidentification_reading.send_back(study.ravi, made)

    event = study.last_event()
    line = json.loads(event.line)
    assert (event.act, event.subject) == ("transcript.return", f"transcript:{made}")
    assert line["facts"] == {"count": 1, "reason": "quality", "state": "returned"}
    deidentification.deidentify(study.tess, made)
    returned = look(study, made).returned
    assert [(each.turn, each.words, each.note) for each in returned] == [
        (2, "[Name 1]", "the founder")
    ]


def test_deid_18_neighbours_stay_two_replacements(begun_study):
    study, made = begun_study
    bench = look(study, made)
    whole = mark_of(bench, "Kay Denise")
    middle = whole.start + len("Kay")
    kay = replace(whole, end=middle, state="accept")
    denise = hand_mark(bench.text, "Denise", entity=str(uuid4()))
    send(study, made, kay, denise)
    decide_all(study, made)

    propose(study, made)

    last = output(study, made).splitlines()[-1]
    assert last.count("[Name ") == 2
    assert "] [" in last


def test_deid_18_a_mark_takes_in_what_lies_inside_and_never_half_of_another(begun_study):
    study, made = begun_study
    bench = look(study, made)
    larger = hand_mark(bench.text, "Helen Marsh was there", "OTHER_QUASI")
    crossing = hand_mark(bench.text, "Tolley asked", "OTHER_QUASI")

    with pytest.raises(Invalid):
        send(study, made, crossing)
    send(study, made, larger)

    surfaces = [mark.surface for mark in look(study, made).marks]
    assert "Helen Marsh was there" in surfaces
    assert "Helen Marsh" not in surfaces


def test_deid_19_a_protected_word_is_masked_by_a_person_only(begun_study):
    study, made = begun_study
    assert "PTSD" not in [mark.surface for mark in look(study, made).marks]

    send(study, made, hand_mark(look(study, made).text, "PTSD", "OTHER_QUASI"))

    assert mark_of(look(study, made), "PTSD").state == "accept"


def test_deid_20_the_same_text_and_register_give_the_same_suggestions(begun_study):
    study, made = begun_study
    other = begun(study, SAID, participant_id=None)
    names = [(mark.start, mark.end, mark.category) for mark in look(study, other).marks]

    first = [(mark.start, mark.end, mark.category) for mark in look(study, made).marks]

    assert set(first) - set(names) <= {(first[0][0], first[0][1], "PERSON")}
    assert json.loads(study.last_event().line)["act"] == "transcript.consider"


# -- saving --------------------------------------------------------------------------------


def test_two_browsers_never_overwrite_each_other(on_each):
    study, made = on_each
    bench = look(study, made)
    name, place = mark_of(bench, "Kay Denise"), mark_of(bench, "Yeovil")
    first = send(study, made, replace(name, state="accept"), rev=bench.rev, client="one", seq=1)

    second = send(
        study, made, replace(place, state="suppress"), rev=bench.rev, client="two", seq=1
    )
    again = send(study, made, replace(name, state="accept"), rev=bench.rev, client="one", seq=1)

    assert (first.taken, second.taken, again.taken) == (True, False, True)
    assert second.rev == again.rev == first.rev
    after = look(study, made)
    assert mark_of(after, "Kay Denise").state == "accept"
    assert mark_of(after, "Yeovil").is_open


def test_a_decision_is_refused_before_and_after_the_work(begun_study):
    study, made = begun_study
    fresh = typed(study)
    with pytest.raises(WrongState):
        look(study, fresh)
    decide_all(study, made)
    mark = look(study, made).marks[0]
    propose(study, made)

    with pytest.raises(WrongState):
        send(study, made, replace(mark, state="suppress"), rev=1)
