"""Recordings come in sealed, cut and resumed; the gate decides what becomes of them."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import IntegrityError

from studyhub.domain.errors import (
    Erased,
    Held,
    NotFound,
    NotPermitted,
    Refused,
    Stale,
    WrongKind,
    WrongState,
)
from studyhub.domain.lifecycle import advance
from studyhub.domain.lifecycle_material import RECORDING
from studyhub.domain.upload_metadata import read
from studyhub.store.consent import Approval, Consent
from studyhub.store.interviews import Interview, Recording, Upload
from studyhub.store.keys import DataKey, DataKeyGrant, SealedObject
from studyhub.store.users import Study as StudyRow
from studyhub.workflows import (
    consent_check,
    consent_ethics,
    deposits,
    playback,
    recordings,
    recordings_list,
    uploads,
    worker,
)
from tests.makers import Clock, recorded, said_of, sent
from tests.store.rows import add
from tests.workflows.recording import LENGTH, SPEECH, begun, interviewed_on, lie, row_of

SITTING = bytes(32)


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nothing is on its way while somebody asks, but where a test says so."""
    monkeypatch.setattr(uploads, "SETTLED_AFTER", 0)


@pytest.fixture
def held_interviews():
    with interviewed_on("sqlite", Clock()) as made:
        yield made


@pytest.fixture
def study(held_interviews):
    return held_interviews[0]


@pytest.fixture
def by_link(held_interviews):
    return held_interviews[1]


@pytest.fixture
def on_paper(held_interviews):
    return held_interviews[2]


def facts_of(study):
    return json.loads(study.last_event().line)["facts"]


def consent_of(study, interview_id):
    with study.hub.sessions.reading.begin() as session:
        person = session.get_one(Interview, interview_id).participant_id
        return session.query(Consent).filter_by(participant_id=person).one().id


def hold(study, interview_id, scope="audio"):
    person = row_of(study, Interview, interview_id).participant_id
    with study.hub.sessions.writing.begin() as session:
        add(session, "holds", participant_id=person, scope=scope, cause="withdrawal")


# -- the gate ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_inv_45_a_recording_is_accepted_with_the_answer_that_let_it_in(kind):
    with interviewed_on(kind, Clock()) as (study, by_link, _):
        recording = recorded(study, by_link)

        row = row_of(study, Recording, recording)
        assert (row.state, row.media_type, row.duration_s) == ("accepted", "audio/mpeg", 7)
        assert row.gate_id is not None
        assert row.interview_id == by_link
        assert facts_of(study)["state"] == "accepted"
        stored = row_of(study, SealedObject, row.object_id)
        assert facts_of(study)["root"] == stored.root.hex()


def test_inv_45_without_being_recorded_in_the_consent_nothing_is_taken(study, by_link):
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Interview, by_link).may_record = "no"

    with pytest.raises(WrongState, match="did not agree"):
        begun(study, by_link)


def test_inv_46_without_a_verified_consent_it_waits_and_nobody_hears_it(study, on_paper):
    recording = recorded(study, on_paper)

    assert row_of(study, Recording, recording).state == "quarantined"
    for desk, reason in ((study.ivan, ""), (study.petra, "quality")):
        with pytest.raises(WrongState, match="heard by nobody"):
            playback.listen(desk, recording, SITTING, reason)


def test_inv_46_the_paper_that_is_verified_accepts_it_in_the_same_event(study, on_paper):
    recording, ravi = recorded(study, on_paper), study.ravi
    before = study.events()

    consent_check.verify(ravi, consent_of(study, on_paper))

    assert study.events() == before + 1
    assert facts_of(study)["count"] == 1
    row = row_of(study, Recording, recording)
    assert (row.state, row.dispose_at) == ("accepted", None)


def test_inv_46_a_person_who_said_no_meanwhile_has_it_destroyed_at_once(study, by_link):
    upload = begun(study, by_link)
    place = uploads.find(study.ivan, upload)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Interview, by_link).may_record = "no"

    with pytest.raises(Refused):
        uploads.append(study.ivan, place, 0, [SPEECH])

    assert row_of(study, Upload, upload).state == "destroyed"
    assert facts_of(study)["reason"] == "person_asked"
    assert not [path for path in lie(study) if path.stem.startswith(place.file.store_name)]
    with pytest.raises(Erased):
        uploads.find(study.ivan, upload)


def test_inv_46_a_refusal_that_is_found_with_the_paper_destroys_what_waited(study, on_paper):
    recording = recorded(study, on_paper)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Interview, on_paper).may_record = "no"
        object_id = session.get_one(Recording, recording).object_id

    consent_check.verify(study.ravi, consent_of(study, on_paper))

    row = row_of(study, Recording, recording)
    assert (row.state, row.dispose_at) == ("rejected", None)
    with study.hub.sessions.reading.begin() as session:
        stored = session.get_one(SealedObject, object_id)
        assert stored.gone_at is not None
        assert session.get_one(DataKey, stored.data_key_id).wrapped == b""


def test_inv_49_a_recording_has_one_interview_and_that_one_person(study, by_link):
    row = row_of(study, Recording, recorded(study, by_link))

    assert row.interview_id == by_link
    for table, column in ((Recording, "interview_id"), (Interview, "participant_id")):
        assert not table.__table__.columns[column].nullable
    with pytest.raises(IntegrityError), study.hub.sessions.writing.begin() as session:
        session.get_one(Recording, row.id).interview_id = uuid4()


def test_inv_48_without_the_question_at_the_start_it_waits(study, by_link):
    upload = begun(study, by_link)
    place = uploads.find(study.ivan, upload)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Interview, by_link).may_record = None

    uploads.append(study.ivan, place, 0, [SPEECH])

    assert row_of(study, Recording, upload).state == "quarantined"


def test_the_pi_extends_and_destroys_what_waits_with_reasons(study, on_paper):
    recording = recorded(study, on_paper)
    first = row_of(study, Recording, recording).dispose_at
    study.clock.advance(days=15)

    recordings.extend(study.petra, recording, "protocol")
    assert row_of(study, Recording, recording).dispose_at == first + timedelta(days=15)
    with pytest.raises(Refused):
        recordings.accept(study.petra, recording)
    recordings.reject(study.petra, recording, "quality")

    row = row_of(study, Recording, recording)
    stored = row_of(study, SealedObject, row.object_id)
    assert row.state == "rejected"
    assert facts_of(study)["root"] == stored.root.hex()
    assert row_of(study, DataKey, stored.data_key_id).wrapped == b""
    assert not [path for path in lie(study) if stored.store_name in path.name]
    with pytest.raises(WrongState):
        recordings.extend(study.petra, recording, "protocol")


@pytest.mark.parametrize("login", ["ivan", "tess", "ravi", "ada", "ann", "rita", "nina"])
def test_nobody_but_the_pi_decides_about_quarantine(study, on_paper, login):
    recording = recorded(study, on_paper)

    with pytest.raises(NotPermitted):
        recordings.reject(study.desk(login), recording, "quality")

    assert study.last_event().outcome == "refused"
    assert row_of(study, Recording, recording).state == "quarantined"


def test_the_depositors_own_key_ends_a_week_after_acceptance(study, by_link):
    recording = recorded(study, by_link)
    playback.listen(study.ivan, recording, SITTING)

    study.clock.advance(days=7, minutes=1)

    with pytest.raises(NotPermitted):
        playback.listen(study.ivan, recording, SITTING)
    worker.work_once(study.hub)
    with study.hub.sessions.reading.begin() as session:
        key = session.query(SealedObject).filter_by(kind="recording").one().data_key_id
        assert session.query(DataKeyGrant).filter_by(data_key_id=key).count() == 0


def test_inv_77_sound_is_disposed_of_only_when_its_text_was_checked():
    for state in ("quarantined", "accepted", "transcribed"):
        with pytest.raises(WrongState):
            advance(state, "recording.dispose", RECORDING)
    assert advance("checked", "recording.dispose", RECORDING) == "disposed"


def test_a_study_with_a_transcriber_gives_it_on_at_once(study, by_link):
    tess = str(study.membership_id("tess"))
    with study.hub.sessions.writing.begin() as session:
        row = session.get_one(StudyRow, study.id)
        row.settings = {**row.settings, "default_transcriber": tess}

    recording = recorded(study, by_link)

    assert [each.id for each in recordings_list.look(study.tess).rows] == [recording]
    assert playback.listen(study.tess, recording, SITTING)


# -- refused before any byte ---------------------------------------------------------------


def test_inv_8_new_recordings_are_refused_without_an_approval(study, by_link):
    with study.hub.sessions.reading.begin() as session:
        approval = session.query(Approval).one().id
    consent_ethics.change(study.petra, approval, consent_ethics.Outcome("suspended"))

    with pytest.raises(WrongState, match="approval"):
        begun(study, by_link)
    assert not list(study.hub.settings.tmp.iterdir())


def test_inv_65_what_is_held_is_neither_sent_nor_heard(study, by_link):
    recording = recorded(study, by_link)
    upload = begun(study, by_link)
    hold(study, by_link)

    for refused in (
        lambda: begun(study, by_link),
        lambda: uploads.find(study.ivan, upload),
        lambda: playback.listen(study.ivan, recording, SITTING),
    ):
        with pytest.raises(Held):
            refused()
    assert recordings_list.look(study.petra).rows[0].held


def test_an_interview_of_somebody_else_or_of_nobody_is_refused(study, by_link):
    with pytest.raises(NotPermitted):
        uploads.start(study.tess, read(said_of(by_link)), LENGTH)
    with pytest.raises(NotFound):
        begun(study, study.id)
    with study.hub.sessions.writing.begin() as session:
        session.get_one(Interview, by_link).interviewer_id = study.membership_id("rita")
    with pytest.raises(NotPermitted):
        begun(study, by_link)
    assert study.last_event().outcome == "refused"
    assert not list(study.hub.settings.tmp.iterdir())


def test_a_study_that_is_full_takes_no_more(study, by_link):
    with study.hub.sessions.writing.begin() as session:
        row = session.get_one(StudyRow, study.id)
        row.settings = {**row.settings, "quota": 2 * LENGTH}

    begun(study, by_link)
    with pytest.raises(NotPermitted, match="room"):
        begun(study, by_link)


# -- on the way ----------------------------------------------------------------------------


def test_inv_50_it_goes_on_where_it_was_cut_and_comes_out_as_it_was_sent(study, by_link):
    upload = begun(study, by_link)
    desk = study.ivan
    at = 0
    for size in (1, 700, 9000, 0, LENGTH):
        place = uploads.find(desk, upload)
        assert uploads.received(desk, place) == at
        at = uploads.append(desk, place, at, [SPEECH[at : at + size]])

    made = playback.listen(study.ivan, upload, SITTING)
    by = playback.Listening(made, SITTING)
    found = playback.find(study.ivan, upload, by)
    with playback.open_sound(study.ivan, found, by) as reader:
        assert reader.whole() == SPEECH
    assert all(SPEECH[4000:4032] not in path.read_bytes() for path in lie(study))


def test_an_upload_stands_where_its_file_says(study, by_link):
    desk, upload = study.ivan, begun(study, by_link)
    uploads.append(desk, uploads.find(desk, upload), 0, [SPEECH[:100]])

    for wrong in (0, 99, 101):
        with pytest.raises(Stale):
            uploads.append(desk, uploads.find(desk, upload), wrong, [b"x"])

    assert uploads.received(desk, uploads.find(desk, upload)) == 100


def test_bytes_on_their_way_are_waited_for(study, by_link, monkeypatch):
    desk, upload = study.ivan, begun(study, by_link)
    place = uploads.find(desk, upload)
    late = iter([lambda: uploads.append(desk, place, 0, [SPEECH[:9000]])])

    monkeypatch.setattr(uploads.time, "sleep", lambda _: next(late, int)())

    assert uploads.received(desk, place) == 9000


@pytest.mark.parametrize("login", ["petra", "tess", "rita", "nina", "ann"])
def test_only_who_sends_it_knows_an_upload(study, by_link, login):
    upload = begun(study, by_link)

    for act in (uploads.find, deposits.destroy):
        with pytest.raises((NotFound, NotPermitted)):
            act(study.desk(login), upload)

    assert row_of(study, Upload, upload).state == "receiving"


def test_what_was_whole_before_a_crash_is_finished_when_somebody_asks(study, by_link):
    desk, upload = study.ivan, begun(study, by_link)
    place = uploads.find(desk, upload)
    found = deposits.blobs(study.hub)
    with found.resume(place.file.secret, LENGTH) as going:
        going.append([SPEECH])
    found.finish(place.file.store_name, place.file.secret, LENGTH)

    assert uploads.received(desk, uploads.find(desk, upload)) == LENGTH

    assert row_of(study, Recording, upload).state == "accepted"
    assert not list(study.hub.settings.tmp.iterdir())


def test_what_is_no_sound_is_destroyed_with_advice(study, by_link):
    for content, said in ((b"\x03ds2" + bytes(900), "WAV or MP3"), (bytes(900), "no sound")):
        with pytest.raises(WrongKind, match=said):
            sent(study, by_link, content)
        assert facts_of(study)["state"] == "destroyed"
    with pytest.raises(WrongKind):
        uploads.start(study.ivan, read(said_of(by_link, "application/pdf")), 9)


def test_an_upload_nobody_goes_on_with_ends_after_three_days(study, by_link):
    upload = begun(study, by_link)
    study.clock.advance(hours=71)
    uploads.append(study.ivan, uploads.find(study.ivan, upload), 0, [SPEECH[:5000]])
    study.clock.advance(hours=71)
    worker.work_once(study.hub)
    assert row_of(study, Upload, upload).state == "receiving"

    study.clock.advance(hours=1, minutes=1)
    with pytest.raises(Erased):
        uploads.find(study.ivan, upload)
    worker.work_once(study.hub)

    assert row_of(study, Upload, upload).state == "expired"
    assert not list(study.hub.settings.tmp.iterdir())


def test_an_upload_taken_back_leaves_neither_bytes_nor_key(study, by_link):
    upload = begun(study, by_link)
    row = row_of(study, Upload, upload)

    deposits.destroy(study.ivan, upload)

    stored = row_of(study, SealedObject, row.object_id)
    assert row_of(study, DataKey, stored.data_key_id).wrapped == b""
    assert not list(study.hub.settings.tmp.iterdir())
    with pytest.raises(Erased):
        deposits.destroy(study.ivan, upload)
