"""Two at once over recordings, texts and labels, where two can really write: on PostgreSQL."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier
from uuid import uuid4

from sqlalchemy import text

from studyhub.domain import turns
from studyhub.domain.errors import Erased, Stale, StudyHubError
from studyhub.domain.saving import Save
from studyhub.store.interviews import Recording
from studyhub.store.releases import Case
from studyhub.store.transcripts import Transcript
from studyhub.store.users import Study
from studyhub.workflows import releases, transcripts_saving, uploads
from studyhub.workflows.transcripts_saving import Outcome
from tests.workflows.deidentifying import SAID, begun_on, body_of
from tests.workflows.recording import LENGTH, SPEECH, begun, interviewed_on, lie
from tests.workflows.releasing import rows_of
from tests.workflows.test_releasing import read_on

PATIENCE = 60
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def held_up(study, table, key, *acts):
    """Begin these acts while their row is locked, and let them go once all of them wait.

    What is done within is in the transaction that locked it. Gives what became of the acts.
    """
    with ThreadPoolExecutor(len(acts)) as pool, study.hub.sessions.writing.begin() as session:
        session.get_one(table, key, with_for_update=True)
        told = [pool.submit(act) for act in acts]
        until = time.monotonic() + PATIENCE
        while waiting(study) < len(acts) and not all(one.done() for one in told):
            assert time.monotonic() < until
            time.sleep(0.01)
        yield session, told


def waiting(study):
    # In a transaction of its own: what is asked once in one stays as it was.
    with study.hub.sessions.reading.begin() as session:
        return session.scalar(WAITING)


def test_inv_60_two_labels_that_are_drawn_at_once_are_two(clock):
    with read_on("postgresql", clock) as (study, made):
        with study.hub.sessions.writing.begin() as session:
            row = session.get_one(Study, study.id)
            row.settings = {**row.settings, "planned_sample": 8}

        with held_up(study, Study, study.id, lambda: releases.make(study.ravi, made)) as held:
            session, (label,) = held
            for number in range(1, 8):
                session.add(Case(study_id=study.id, label=f"P{number}"))

        assert label.result() == "P8"


def test_a_text_that_two_pages_save_at_once_is_saved_by_one_of_them(clock):
    with begun_on("postgresql", clock) as (study, made):
        saves = [
            Save(1, turns.write(body_of((*SAID, ("s1", words)))), str(uuid4()), 1)
            for words in ("The one.", "The other.")
        ]
        acts = [
            lambda sent=sent: transcripts_saving.save(study.tess, made, sent) for sent in saves
        ]

        with held_up(study, Transcript, made, *acts) as (_, told):
            pass

        found = {answer.result().outcome: answer.result() for answer in told}
        assert found.keys() == {Outcome.SAVED, Outcome.STALE}
        assert found[Outcome.STALE].rev == found[Outcome.SAVED].rev == 2
        assert found[Outcome.STALE].text in {sent.text for sent in saves}


def test_of_two_pieces_for_the_same_place_one_is_kept_and_there_is_one_recording(clock):
    with interviewed_on("postgresql", clock) as (study, by_link, _):
        before = set(lie(study))
        upload = begun(study, by_link)
        places = [uploads.find(study.ivan, upload) for _ in range(2)]
        start = Barrier(2)

        def send(place):
            start.wait()
            try:
                return uploads.append(study.ivan, place, 0, [SPEECH])
            except StudyHubError as late:
                return type(late)

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(send, places))

        assert LENGTH in told
        assert set(told) <= {LENGTH, Stale, Erased}
        assert [row.id for row in rows_of(study, Recording)] == [upload]
        assert [path.suffix for path in lie(study) if path not in before] == [".sho"]
