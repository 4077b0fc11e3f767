"""What was withdrawn is closed to everybody at once, and only that (invariants 65, 74, 75)."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DatabaseError

from studyhub.domain import upload_metadata
from studyhub.domain.errors import Held
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.releases import Release
from studyhub.store.withdrawals import Withdrawal, WithdrawalStep
from studyhub.workflows import (
    analysis_reading,
    deidentification_marks,
    erasing,
    interviews_held,
    interviews_list,
    playback,
    recruitment_contacts,
    recruitment_questions,
    register,
    releases,
    transcripts,
    uploads,
    withdrawal,
)
from studyhub.workflows.analysis_reading import Copy
from studyhub.workflows.consent_history_rows import in_force
from studyhub.workflows.recruitment_questions import Asked
from studyhub.workflows.whereabouts import whereabouts_of
from tests import makers
from tests.makers import Study
from tests.workflows.consenting import sign
from tests.workflows.releasing import planted
from tests.workflows.withdrawing import row, rows

pytestmark = pytest.mark.usefixtures("approved")
SESSION = b"a session"


@dataclass
class Everything:
    """One person of whom there is something in every stage."""

    person: UUID
    code: str
    interview: UUID
    recording: UUID
    transcript: UUID
    question: UUID


def everything(study: Study) -> Everything:
    """Recorded, typed, read twice, with a release as P3 and a question."""
    recording = makers.recorded(study)
    person = makers.person_of(study, recording)
    interview = rows(study, Interview, Interview.participant_id == person)[0].id
    transcript = makers.transcribed(study, makers.assigned(study, interview))
    makers.read_twice(study, makers.deidentified(study, transcript))
    interviews_held.log(study.ivan, interview, "field_note", "A quiet room")
    planted(study, person, "P3")
    question = recruitment_questions.ask(
        makers.own_link(study, person), Asked("Who hears it?", blocks=False)
    )
    code = rows(study, Participant, Participant.id == person)[0].code
    return Everything(person, code, interview, recording, transcript, question)


def openings(study: Study, one: Everything):
    """Every way to open, use or add to what is theirs, by who could a moment ago."""
    said = upload_metadata.read(makers.said_of(one.interview, "audio/mpeg"))
    return {
        "listens": lambda: playback.listen(study.tess, one.recording, SESSION),
        "the PI listens": lambda: playback.listen(
            study.petra, one.recording, SESSION, "quality"
        ),
        "uploads": lambda: uploads.start(study.ivan, said, 5000),
        "reads the text": lambda: transcripts.read(study.tess, one.transcript),
        "marks names in it": lambda: deidentification_marks.consider(
            study.tess, one.transcript
        ),
        "releases it": lambda: releases.make(study.ravi, one.transcript),
        "reads the notes": lambda: interviews_held.notes(study.ivan, one.interview),
        "gives it to type": lambda: makers.assigned(study, one.interview),
        "reads the names": lambda: register.read_register(
            study.petra, one.person, reason="quality"
        ),
        "reads the release": lambda: analysis_reading.read(study.ann, "P3"),
        "takes a copy": lambda: analysis_reading.download(
            study.ann, "P3", Copy("release_txt", "coding")
        ),
        "opens the card": lambda: recruitment_contacts.read(study.rita, one.person),
        "answers": lambda: recruitment_questions.answer(
            study.rita, one.question, "Only Ivan.", channel="telephone"
        ),
    }


def test_inv_65_from_the_moment_of_receipt_nobody_opens_uses_or_adds_to_anything(small_study):
    one = everything(small_study)
    ways = openings(small_study, one)
    told = withdrawal.Told(("all",), one.code, "telephone")

    withdrawal.receive(small_study.tess, told)

    passed = [name for name, way in ways.items() if not is_closed(way)]
    assert passed == []
    question = recruitment_questions.read(small_study.rita, one.question)
    assert (question.question, question.answer) == ("On hold", "")
    assert analysis_reading.search(small_study.ann, "Hallowmere").hits == []


def is_closed(way) -> bool:
    """Held (423), and not for any other reason."""
    try:
        way()
    except Held:
        return True
    return False


# -- and nothing else -------------------------------------------------------------------


def opens(study: Study, person: UUID, code: str) -> bool:
    now = study.clock()
    with study.hub.sessions.reading.begin() as session:
        return in_force(session, person, code, now, now).opens


def release_of(study: Study) -> Release:
    return rows(study, Release)[0]


def test_inv_74_contact_alone_leaves_the_consent_for_what_was_said(small_study):
    person = makers.agreed(small_study)
    planted(small_study, person, "P3")

    makers.withdrawn(small_study, ("contact",), person)

    assert opens(small_study, person, "anon_use")
    assert opens(small_study, person, "audio_recording")
    assert not opens(small_study, person, "recontact")
    assert not release_of(small_study).held
    assert analysis_reading.read(small_study.ann, "P3").label == "P3"


def test_inv_74_audio_closes_the_sound_and_leaves_what_was_released(small_study):
    person = makers.agreed(small_study)
    planted(small_study, person, "P3")

    makers.withdrawn(small_study, ("audio",), person)

    assert not release_of(small_study).held
    assert opens(small_study, person, "anon_use")
    assert not opens(small_study, person, "audio_recording")


def test_inv_74_quotes_stop_quotations_only(small_study):
    person = makers.agreed(small_study)
    planted(small_study, person, "P3")

    makers.withdrawn(small_study, ("quotes",), person)

    found = release_of(small_study)
    assert (found.held, found.quotes_ok, found.sharing_ok) == (False, False, True)


def test_taking_it_back_opens_the_release_again(small_study):
    person = makers.agreed(small_study)
    planted(small_study, person, "P3")
    made = makers.withdrawn(small_study, ("all",), person)
    assert release_of(small_study).held

    reference = row(small_study, made).reference
    withdrawal.retract(makers.own_link(small_study, person), reference)

    assert not release_of(small_study).held
    assert release_of(small_study).quotes_ok


def test_inv_75_withdrawing_the_newest_consent_never_revives_an_older_one(small_study):
    person = makers.eligible(small_study)
    token = makers.informed(small_study, person)
    for declined in ({"quotes"}, set()):
        sign(small_study, token, but=declined)
        small_study.clock.advance(days=1)

    makers.withdrawn(small_study, ("all",), person)

    assert not opens(small_study, person, "participate")
    assert not opens(small_study, person, "anon_use")


@pytest.mark.parametrize("table", [Withdrawal, WithdrawalStep])
def test_inv_67_a_withdrawal_cannot_be_deleted(study, table):
    makers.withdrawn(study)

    with pytest.raises(DatabaseError), study.hub.sessions.writing.begin() as session:
        session.execute(delete(table))

    assert rows(study, table)


def test_who_takes_the_text_back_is_not_said_to_go_on(small_study):
    study, who = small_study, makers.agreed(small_study)
    makers.interviewed(study, who)

    def now() -> tuple[str, str]:
        with study.hub.sessions.reading.begin() as session:
            found = whereabouts_of(session, study.id, study.clock(), who)
        return found.stage.name, found.next.waits_for

    assert now() == ("interviewed", "team")

    withdrawal_id = makers.withdrawn(study, ("transcript",), who)
    assert now() == ("withdrawn", "nobody")

    withdrawal.retract(makers.own_link(study, who), row(study, withdrawal_id).reference)
    assert now() == ("interviewed", "team")


def test_nobody_is_asked_for_a_recording_that_was_taken_back(small_study):
    study, who = small_study, makers.agreed(small_study)
    makers.interviewed(study, who)
    assert interviews_list.interviews(study.ivan)[0].needs_recording

    makers.decided(study, ("audio",), who)
    erasing.run(study.hub)

    assert not interviews_list.interviews(study.ivan)[0].needs_recording
