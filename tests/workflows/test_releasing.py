"""Releasing a text: who may, what must be so before, and what a release is."""

import json
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import pytest
from sqlalchemy import select

from studyhub.domain import turns
from studyhub.domain.errors import Held, NotPermitted, PasswordNeeded, Refused, WrongState
from studyhub.domain.redaction.paper import PARTICIPANT
from studyhub.domain.redaction.replacements import OWN_LABEL
from studyhub.domain.vocabulary import Compartment, Duty, Role, Side
from studyhub.store.audit import Event
from studyhub.store.consent import GateAnswer, Participant
from studyhub.store.keys import DataKey
from studyhub.store.people import Contact
from studyhub.store.releases import Case, Release
from studyhub.store.transcripts import Transcript
from studyhub.vault.seal import unpack
from studyhub.vault.threads import cut_release_pointer, shreds_of
from studyhub.workflows import (
    analysis,
    analysis_reading,
    assignments,
    deidentification,
    deidentification_reading,
    register,
    releases,
    releases_list,
    texts_kept,
)
from studyhub.workflows.analysis_reading import Seen
from studyhub.workflows.sealed_places import place_of
from studyhub.workflows.whereabouts import whereabouts_of
from tests.makers import (
    Clock,
    Study,
    approved_study,
    contact,
    deidentified,
    enrolled,
    give_to_read,
    invite_and_grant,
    new_instance,
    read_twice,
)
from tests.staged import copied, staged_as
from tests.store.rows import add
from tests.workflows.releasing import rows_of


@cache
def staged_read(kind):
    """A study in which one text was read twice; made once."""
    return staged_as("read-twice", kind, _made)


def _made(sessions, folder):
    clock = Clock()
    study = enrolled(new_instance(sessions, folder, clock), clock)
    approved_study(study)
    return study, read_twice(study)


@contextmanager
def read_on(kind, clock):
    stage = staged_read(kind)
    study, made = stage.made
    with copied(stage, clock) as hub:
        clock.at = study.clock.at
        yield Study(hub, clock, study.id, study.kit, study.codes), made


@pytest.fixture
def ready(clock):
    """A study on SQLite, and a text that may be released."""
    with read_on("sqlite", clock) as made:
        yield made


@pytest.fixture
def on_each(engine_kind, clock):
    """The same on each engine."""
    with read_on(engine_kind, clock) as made:
        yield made


def person_of(study, transcript_id):
    with study.hub.sessions.reading.begin() as session:
        return texts_kept.participant_of(session, session.get_one(Transcript, transcript_id))


def state_of(study, transcript_id):
    with study.hub.sessions.reading.begin() as session:
        return session.get_one(Transcript, transcript_id).state


def nothing_was_released(study):
    return rows_of(study, Release) == rows_of(study, Case) == []


# -- what a release is -------------------------------------------------------------------


def test_a_release_is_the_text_that_was_read_under_a_label_and_the_event_names_neither(on_each):
    study, made = on_each
    seen = deidentification_reading.review(study.ravi, made).turns

    label = releases.make(study.ravi, made)

    (row,), (case,) = rows_of(study, Release), rows_of(study, Case)
    assert (row.label, row.number, row.state, case.label) == (label, 1, "current", label)
    assert (row.held, row.quotes_ok, row.sharing_ok) == (False, True, True)
    body = analysis_reading.read(study.ann, label).body
    assert [(body.labels[turn.speaker], turn.text) for turn in body.turns] == [
        (label if each.who == PARTICIPANT else each.who, filled(each.text, label))
        for each in seen
    ]
    assert state_of(study, made) == "released"
    event = next(each for each in rows_of(study, Event) if each.act == "release.make")
    assert event.subject == f"transcript:{made}"
    assert label.encode() not in event.line
    assert str(row.id).encode() not in event.line
    (gate,) = [each for each in rows_of(study, GateAnswer) if each.statement_code == "anon_use"]
    assert gate.answer == "yes"


def test_no_line_says_how_many_places_were_replaced_which_a_release_shows_too(ready):
    study, made = ready
    releases.make(study.ravi, made)

    lines = [
        json.loads(each.line)
        for each in rows_of(study, Event)
        if each.subject == f"transcript:{made}"
    ]

    told = {line["act"]: line["facts"].keys() for line in lines}
    for act in ("transcript.deidentify", "transcript.propose", "release.make"):
        assert not told[act] & {"count", "size"}


def test_the_list_of_participants_says_how_far_a_text_is(ready):
    study, made = ready
    person = person_of(study, made)

    def whereabouts():
        with study.hub.sessions.reading.begin() as session:
            return whereabouts_of(session, study.id, study.clock(), person)

    typed = whereabouts()
    releases.make(study.ravi, made)
    released = whereabouts()

    assert (typed.stage.name, released.stage.name) == ("transcribed", "released")
    assert typed.next.step == "De-identify and release the text"
    assert released.next.due is None


def filled(text, label):
    """The text that was read, with the label in the place that waited for it."""
    return text.replace(OWN_LABEL, f"[{label}]")


def test_inv_59_a_release_lies_under_its_own_key_and_the_person_is_only_in_the_keystore(ready):
    study, made = ready
    person = person_of(study, made)

    releases.make(study.ravi, made)

    (row,) = rows_of(study, Release)
    with study.hub.sessions.reading.begin() as session:
        key = session.get_one(DataKey, row.data_key_id)
        shred_id = key.shred_id
        transcript_key = session.get_one(Transcript, made).data_key_id
    assert shreds_of(study.hub.keystore, person)[Side.RELEASE] == shred_id
    assert row.data_key_id != transcript_key
    plain = b"".join(str(value).encode() for value in vars(row).values())
    assert str(person).encode() not in plain
    assert str(made).encode() not in plain


# -- who may, and when -------------------------------------------------------------------


@pytest.mark.parametrize("login", ["petra", "rita", "ivan", "tess", "ann", "ada"])
def test_only_a_reviewer_releases(ready, login):
    study, made = ready

    with pytest.raises(NotPermitted):
        releases.make(study.desk(login), made)
    assert nothing_was_released(study)


def test_a_reviewer_needs_the_duty_and_the_password(ready):
    study, made = ready
    actor = replace(study.ravi.actor, duties=frozenset({Duty.VERIFY}))

    with pytest.raises(NotPermitted):
        releases.make(replace(study.ravi, actor=actor), made)
    with pytest.raises(PasswordNeeded):
        releases.make(replace(study.ravi, stepped_up_until=None), made)
    assert nothing_was_released(study)


def test_inv_58_who_decided_in_a_text_never_releases_it_in_any_role(ready):
    study, made = ready
    duties = (Duty.RELEASE, Duty.VERIFY)
    invite_and_grant(study, "tess", Role.REVIEWER, duties)
    tess = study.desk("tess", Role.REVIEWER)
    give_to(study, made, tess.actor.membership_id)

    with pytest.raises(Refused) as refused:
        releases.make(tess, made)

    assert refused.value.reason == "H-3"
    assert study.last_event().outcome == "refused"
    assert nothing_was_released(study)


def give_to(study, made, membership_id):
    assignments.give(
        study.petra, assignments.Gift("transcript", made, membership_id, ("review",))
    )


@pytest.mark.parametrize("scope", ["transcript", "all"])
def test_inv_58_a_held_text_is_not_released(ready, scope):
    study, made = ready
    with study.hub.sessions.writing.begin() as session:
        person = texts_kept.participant_of(session, session.get_one(Transcript, made))
        add(session, "holds", participant_id=person, scope=scope, cause="withdrawal")

    with pytest.raises(Held):
        releases.make(study.ravi, made)
    assert nothing_was_released(study)


def test_inv_58_without_a_consent_in_force_nothing_is_released(ready):
    study, made = ready
    with study.hub.sessions.writing.begin() as session:
        person = texts_kept.participant_of(session, session.get_one(Transcript, made))
        add(
            session,
            "withdrawals",
            participant_id=person,
            scopes=["transcript"],
            received_at=study.clock(),
            entered_at=study.clock(),
        )

    with pytest.raises(Refused) as refused:
        releases.make(study.ravi, made)

    assert refused.value.reason == "withdrawn"
    assert nothing_was_released(study)


def test_nothing_is_released_while_a_changed_card_waits(ready):
    study, made = ready
    with study.hub.sessions.writing.begin() as session:
        person = texts_kept.participant_of(session, session.get_one(Transcript, made))
        session.get_one(Contact, person).register_due = True

    with pytest.raises(Refused) as refused:
        releases.make(study.ravi, made)

    assert refused.value.reason == "register_due"
    (waiting,) = releases_list.queue(study.ravi)
    assert waiting.standing == "register"


def test_a_text_that_nobody_read_a_second_time_is_not_released(small_study, approved):
    made = deidentified(small_study)
    give_to_read(small_study, made)

    with pytest.raises(Refused) as refused:
        releases.make(small_study.ravi, made)

    assert refused.value.reason == "not_read"
    assert releases_list.queue(small_study.ravi) == []


def test_deid_9_a_name_learnt_after_the_second_reading_still_stops_the_release(ready):
    study, made = ready
    known_since = contact(study, "Information Sheet")  # words that stand in the text
    register.write_register(study.rita, known_since)

    with pytest.raises(Refused) as refused:
        releases.make(study.ravi, made)

    assert refused.value.reason == "leak"
    assert nothing_was_released(study)


# -- labels and numbers ------------------------------------------------------------------


def test_inv_60_a_label_is_one_that_nobody_has_and_the_planned_sample_says_which(ready):
    study, made = ready
    taken = {f"P{number}" for number in (1, 2, 3, 5, 6)}
    with study.hub.sessions.writing.begin() as session:
        for label in taken:
            session.add(Case(study_id=study.id, label=label))

    assert releases.make(study.ravi, made) == "P4"


def test_the_next_number_has_the_same_label_and_takes_the_place_of_the_one_before(ready):
    study, made = ready
    label = releases.make(study.ravi, made)
    again(study, made)

    assert releases.make(study.ravi, made) == label

    found = {row.number: row.state for row in rows_of(study, Release)}
    assert found == {1: "superseded", 2: "current"}
    assert [(each.label, each.number) for each in listed(study)] == [(label, 2)]
    assert len(rows_of(study, Case)) == 1


def test_inv_62_after_a_recall_only_a_successor_is_there(on_each):
    study, made = on_each
    label = releases.make(study.ravi, made)
    analysis_reading.report(study.ann, label, Seen(1, "the"))
    assert releases.refresh_due(study.hub) == 0
    releases.recall(study.petra, label, "quality")
    assert [each.standing for each in releases_list.queue(study.petra)] == ["taken_back"]
    with pytest.raises(WrongState):
        releases.make(study.ravi, made)
    again(study, made)

    assert releases.make(study.ravi, made) == label

    found = {row.number: row.state for row in rows_of(study, Release)}
    assert found == {1: "recalled", 2: "current"}


def again(study, made):
    study.clock.advance(hours=1)
    deidentification.deidentify(study.tess, made)
    deidentification.propose(study.tess, made)
    read_twice(study, made)


def listed(study):
    return analysis.list_releases(study.ann).releases


def test_a_release_whose_person_was_forgotten_stays_readable_and_can_be_recalled(ready):
    study, made = ready
    label = releases.make(study.ravi, made)

    cut_release_pointer(study.hub.keystore, person_of(study, made))

    assert analysis_reading.read(study.ann, label).label == label
    releases.recall(study.petra, label, "quality")
    assert listed(study) == []


def test_what_is_released_is_sealed_where_it_lies(ready):
    study, made = ready
    label = releases.make(study.ravi, made)

    (row,) = rows_of(study, Release)
    with study.hub.sessions.reading.begin() as session:
        vault = study.ann.locker(session, frozenset({Compartment.RELEASE}))
        key = vault.data_key(row.data_key_id)
        place = place_of(row, "body_sealed", study.id, label)
        kept = unpack(vault.open(key, place, row.body_sealed).encode())
        code = session.scalars(select(Participant.code)).first()
    body = turns.read(kept["text"])
    assert label in body.labels.values()
    assert code not in kept["text"]
