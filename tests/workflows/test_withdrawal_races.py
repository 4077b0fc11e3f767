"""A withdrawal that races an upload, a playback, a release and a download.

On PostgreSQL, where two acts run at once; SQLite lets one writer begin after the other.
"""

from collections.abc import Callable, Iterator
from functools import partial
from threading import Barrier, Thread
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from studyhub.domain import upload_metadata
from studyhub.domain.errors import Held, StudyHubError
from studyhub.domain.upload_metadata import Given
from studyhub.store.consent import Participant
from studyhub.store.interviews import Interview
from studyhub.store.releases import Case, Release
from studyhub.store.transcripts import Transcript
from studyhub.store.withdrawals import Withdrawal
from studyhub.workflows import (
    analysis_reading,
    deposits,
    playback,
    releases,
    uploads,
    withdrawal,
)
from studyhub.workflows.analysis_reading import Copy
from studyhub.workflows.kernel import Desk
from studyhub.workflows.playback import Listening
from studyhub.workflows.withdrawal import Told
from tests import makers
from tests.makers import Clock, Study
from tests.staged import study_on
from tests.workflows.releasing import planted
from tests.workflows.withdrawing import rows, steps

TRIES = 25  # of each of the four: a hundred
SESSION = b"a session"


@pytest.fixture
def study() -> Iterator[Study]:
    with study_on("postgresql", Clock(), approved=True) as made:
        yield made


@pytest.fixture
def recording(study: Study) -> UUID:
    """Somebody whose sound is typed, so that it can be listened to."""
    made = makers.recorded(study)
    who = makers.person_of(study, made)
    makers.assigned(study, interview_of(study, who))
    return made


def interview_of(study: Study, person: UUID) -> UUID:
    return rows(study, Interview, Interview.participant_id == person)[0].id


def race(study: Study, person: UUID, act: Callable[[], object]) -> None:
    """Both at once; whoever is refused was the later one. Nothing else goes wrong."""
    code = rows(study, Participant, Participant.id == person)[0].code
    start, wrong = Barrier(2), []

    def run(one: Callable[[], object]) -> None:
        start.wait()
        try:
            one()
        except StudyHubError:
            return
        except BaseException as error:
            wrong.append(error)

    told, rita = Told(("all",), code, "telephone"), study.rita
    both = [act, lambda: withdrawal.receive(rita, told)]
    people = [Thread(target=run, args=(one,)) for one in both]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert wrong == []


def is_held(act: Callable[[], object]) -> bool:
    try:
        act()
    except Held:
        return True
    return False


def take_back(study: Study, person: UUID) -> None:
    """So that the next try begins as the first did."""
    (newest,) = [
        each for each in rows(study, Withdrawal) if "retracted" not in steps(study, each.id)
    ]
    withdrawal.retract(makers.own_link(study, person), newest.reference)


def test_of_a_download(study):
    person = makers.agreed(study)
    planted(study, person, "P3")
    ann, copy = study.ann, Copy("release_txt", "coding")

    for _ in range(TRIES):
        race(study, person, lambda: analysis_reading.download(ann, "P3", copy))

        assert is_held(lambda: analysis_reading.download(ann, "P3", copy))
        assert rows(study, Release)[0].held
        take_back(study, person)


def test_of_a_playback(study, recording):
    person, tess = makers.person_of(study, recording), study.tess

    for _ in range(TRIES):
        opened: list[UUID] = []
        race(study, person, partial(listen, tess, recording, opened))

        for each in opened:
            by = Listening(each, SESSION)
            assert is_held(partial(playback.find, tess, recording, by))
        assert is_held(lambda: playback.listen(tess, recording, SESSION))
        take_back(study, person)


def listen(desk: Desk, recording: UUID, opened: list[UUID]) -> None:
    opened.append(playback.listen(desk, recording, SESSION))


def begin(desk: Desk, said: Given, begun: list[UUID]) -> None:
    begun.append(uploads.start(desk, said, 5000)[0])


def test_of_an_upload(study):
    interview = makers.interviewed(study)
    person = rows(study, Interview, Interview.id == interview)[0].participant_id
    said, ivan = upload_metadata.read(makers.said_of(interview, "audio/mpeg")), study.ivan

    for _ in range(TRIES):
        begun: list[UUID] = []
        race(study, person, partial(begin, ivan, said, begun))

        for each in begun:
            assert is_held(partial(uploads.find, ivan, each))
        take_back(study, person)
        for each in begun:
            deposits.destroy(ivan, each)


def test_of_a_release(study, recording):
    person = makers.person_of(study, recording)
    transcript = rows(study, Transcript)[0].id
    makers.read_twice(study, makers.deidentified(study, makers.transcribed(study, transcript)))
    ravi = study.ravi

    for _ in range(TRIES):
        race(study, person, lambda: releases.make(ravi, transcript))

        assert all(each.held for each in rows(study, Release))
        take_back(study, person)
        forget_release(study, transcript)


def forget_release(study: Study, transcript: UUID) -> None:
    """By hand: no act takes a release back to before it was made."""
    with study.hub.sessions.writing.begin() as session:
        session.execute(delete(Release))
        session.execute(delete(Case))
        session.execute(update(Transcript).values(state="submitted"))
