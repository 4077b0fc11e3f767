"""What fills an instance for the measurements makes nothing that the acts would not make."""

from bench.crowd import fill
from studyhub.workflows import inspect_chains, inspect_database, recruitment_people
from studyhub.workflows.record import unsigned
from tests.workflows.recording import _staged


def test_a_crowd_is_a_valid_instance_with_a_whole_record(tmp_path):
    stage = _staged("sqlite")
    study = fill(stage, stage.made[0], tmp_path / "crowd", people=20, events=400)

    assert study.events() >= 400
    assert inspect_chains.chains(study.hub)
    assert inspect_database.triggers(study.hub)
    assert inspect_database.references(study.hub, full=True)
    with study.hub.sessions.reading.begin() as session:
        assert unsigned(session, study.id) is None
    found = recruitment_people.people(study.rita, recruitment_people.Wish())
    assert found.shown_of == 22
    names = {line.name for line in found.page.rows}
    assert names
    assert names.isdisjoint({"", "Erased", "On hold"})
    study.hub.sessions.engine.dispose()
