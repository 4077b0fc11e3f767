"""Killed with signal 9 at any moment, an upload goes on, or is a whole recording."""

import shutil

import pytest
from sqlalchemy import select

from studyhub.store.interviews import Recording, Upload
from studyhub.workflows import inspect_files, playback, uploads
from tests.processes import killed_at_some_moment, opened
from tests.workflows import recording
from tests.workflows.uploading import (
    bring_to_end,
    ivan_at,
    send_without_end,
    sound_of,
)

KILLS = 20
SITTING = bytes(32)


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(uploads, "SETTLED_AFTER", 0)


def test_twenty_kills_lose_nothing_that_was_acknowledged(tmp_path, at_once):
    stage = recording._staged("sqlite")
    folder, told = tmp_path / "instance", tmp_path / "told"
    shutil.copytree(stage.folder, folder)
    (folder / "studyhub.sqlite3").write_bytes(stage.database)
    told.touch()

    kills = 0
    while kills < KILLS or len(begun(told)) <= KILLS // 4:
        killed_at_some_moment(send_without_end, folder, stage.made[1], told, within=0.6)
        kills += 1

    with opened(folder) as hub:
        desk, acknowledged = ivan_at(hub), begun(told)
        found = states(hub)
        for upload_id, state in found.items():
            if state == "receiving":
                assert bring_to_end(desk, upload_id) >= int(acknowledged.get(str(upload_id), 0))
            assert heard(desk, upload_id) == sound_of(upload_id)
        assert set(states(hub).values()) == {"complete"}
        assert "files without a row" not in inspect_files.objects(hub, full=True)


def begun(told):
    """Each upload that was begun, and how much of it was acknowledged."""
    return dict(map(str.split, told.read_text().splitlines()))


def states(hub):
    with hub.sessions.reading.begin() as session:
        return dict(session.execute(select(Upload.id, Upload.state)).all())


def heard(desk, recording_id):
    with desk.hub.sessions.reading.begin() as session:
        assert session.get_one(Recording, recording_id).state == "accepted"
    by = playback.Listening(playback.listen(desk, recording_id, SITTING), SITTING)
    found = playback.find(desk, recording_id, by)
    with playback.open_sound(desk, found, by) as reader:
        return reader.whole()
