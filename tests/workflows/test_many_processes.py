"""Eight real processes write two chains at once: nothing is lost, doubled or forked."""

import json
from collections import Counter

from sqlalchemy import select

from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.audit import Event
from studyhub.workflows import inspect_chains
from tests.processes import count_often, opened, started, study_of
from tests.staged import study_in_files

PROCESSES, ACTS = 8, 200


def test_eight_processes_leave_one_event_for_each_act(engine_kind, quick_folder):
    with study_in_files(engine_kind, quick_folder) as folder:
        crowd = [
            started(count_often, folder, f"p{number}", ACTS) for number in range(PROCESSES)
        ]
        for _, word in crowd:
            word.send("begin")
        for process, word in crowd:
            process.join()
            assert process.exitcode == 0
            word.close()
            process.close()

        with opened(folder) as hub:
            told = events_of(hub)
            assert inspect_chains.chains(hub).startswith("2 chains")
            chains = (INSTANCE, study_of(hub))

    counted = Counter(
        (event["facts"]["kind"], event["facts"]["count"])
        for event in told
        if event["act"] == "attempts.count"
    )
    assert counted == Counter((f"p{n}", act) for n in range(PROCESSES) for act in range(ACTS))
    for chain in chains:
        numbers = [event["seq"] for event in told if event["study"] == str(chain)]
        assert numbers == list(range(len(numbers)))


def events_of(hub):
    with hub.sessions.reading.begin() as session:
        wanted = select(Event.line).order_by(Event.chain, Event.seq)
        return [json.loads(line) for line in session.scalars(wanted)]
