"""Disposing of sound: checked, its time over, nothing on hold, and two different people."""

from dataclasses import replace

import pytest

from studyhub.domain.errors import Erased, Held, NotPermitted, WrongState
from studyhub.domain.vocabulary import Duty
from studyhub.store.interviews import Recording
from studyhub.store.keys import DataKey, SealedObject
from studyhub.store.withdrawals import Hold
from studyhub.vault.certificates import check_certificate
from studyhub.workflows import (
    certificates,
    disposals,
    erasing,
    recordings,
    recordings_list,
)
from tests import makers
from tests.workflows import erasing_worlds as worlds
from tests.workflows.withdrawing import rows

pytestmark = pytest.mark.usefixtures("approved")


@pytest.fixture
def checked(small_study):
    """A recording that Ravi compared with its text a month ago."""
    interview = makers.interviewed(small_study)
    recording = makers.recorded(small_study, interview)
    transcript = makers.transcribed(small_study, makers.assigned(small_study, interview))
    makers.give_to_read(small_study, transcript)
    recordings.check(small_study.ravi, recording)
    small_study.clock.advance(days=31)
    return recording


def ravi(study):
    """Ravi, who was given the duty to dispose of data."""
    desk = study.ravi
    return replace(desk, actor=replace(desk.actor, duties=frozenset({Duty.DISPOSE})))


def of(study, recording_id):
    return rows(study, Recording, Recording.id == recording_id)[0]


def test_inv_76_two_people_dispose_of_a_recording_and_its_key_goes(small_study, checked):
    study = small_study
    object_id = of(study, checked).object_id
    (stored,) = rows(study, SealedObject, SealedObject.id == object_id)
    (key,) = rows(study, DataKey, DataKey.id == stored.data_key_id)
    disposals.propose(ravi(study), checked, "protocol")

    disposals.dispose(study.petra, checked)
    assert erasing.run(study.hub) == 1

    assert of(study, checked).state == "disposed"
    assert list(study.hub.settings.objects.glob("*/*.sho")) == evidence(study)
    with pytest.raises(Erased):
        study.hub.keystore.key(key.shred_id)
    (erasure,) = worlds.erasures(study.hub)
    told = check_certificate(
        certificates.read(study.ada, str(erasure.id)).content, study.hub.key_files.log_public
    )
    assert told["files"] == erasure.roots == [stored.root.hex()]
    assert told["ledger"]["digest"]
    assert "withdrawal" not in told


def evidence(study):
    names = rows(study, SealedObject, SealedObject.kind == "evidence")
    objects = study.hub.settings.objects
    paths = {objects / each.store_name[:2] / f"{each.store_name}.sho" for each in names}
    return [path for path in objects.glob("*/*.sho") if path in paths]


def test_inv_76_nobody_disposes_alone_or_without_the_duty(small_study, checked):
    study = small_study
    disposals.propose(study.petra, checked, "protocol")

    for somebody in (study.petra, study.ravi, study.tess, study.ada):
        with pytest.raises(NotPermitted):
            disposals.dispose(somebody, checked)
    with pytest.raises(WrongState):
        disposals.propose(ravi(study), checked, "protocol")
    assert of(study, checked).state == "checked"


def test_inv_76_not_before_its_time_nor_under_a_hold(small_study, checked):
    study = small_study
    study.clock.advance(days=-2)
    with pytest.raises(WrongState):
        disposals.propose(study.petra, checked, "protocol")
    study.clock.advance(days=2)
    disposals.propose(study.petra, checked, "protocol")
    person = makers.person_of(study, checked)
    with study.hub.sessions.writing.begin() as session:
        made = {"scope": "contact", "cause": "legal", "opened_at": study.clock()}
        session.add(Hold(participant_id=person, **made))

    with pytest.raises(Held):
        disposals.dispose(ravi(study), checked)


def test_inv_77_sound_that_was_not_compared_with_its_text_is_not_disposed_of(small_study):
    study = small_study
    recording = makers.recorded(study)
    study.clock.advance(days=400)

    with pytest.raises(WrongState):
        disposals.propose(study.petra, recording, "protocol")


def test_a_proposal_may_be_refused_and_the_sound_is_kept_for_another_period(
    small_study, checked
):
    study = small_study
    disposals.propose(study.petra, checked, "protocol")

    disposals.keep(ravi(study), checked, "other")

    assert of(study, checked).dispose_at.date() > study.clock().date()
    with pytest.raises(WrongState):
        disposals.propose(study.petra, checked, "protocol")


def test_what_may_be_done_is_shown_to_whoever_may_do_it(small_study, checked):
    study = small_study
    assert stands(study.petra, checked) == stands(ravi(study), checked) == "propose"

    disposals.propose(study.petra, checked, "protocol")

    assert [stands(study.petra, checked), stands(ravi(study), checked)] == ["wait", "decide"]
    assert stands(study.ravi, checked) == stands(study.ada, checked) == ""


def stands(desk, recording_id):
    found = {each.id: each.disposal for each in recordings_list.look(desk).rows}
    return found[recording_id]


def test_a_recording_destroyed_in_quarantine_cannot_be_opened_from_a_backup(small_study):
    study = small_study
    recording = makers.quarantined(study)
    stored = of(study, recording).object_id
    (row,) = rows(study, SealedObject, SealedObject.id == stored)
    (key,) = rows(study, DataKey, DataKey.id == row.data_key_id)

    recordings.reject(study.petra, recording, "quality")
    erasing.run(study.hub)

    with pytest.raises(Erased):
        study.hub.keystore.key(key.shred_id)
    again = makers.recorded(study)  # of the same study, and of nobody's destroyed key
    assert of(study, again).state == "accepted"
