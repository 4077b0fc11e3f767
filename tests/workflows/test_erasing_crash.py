"""Signal 9 at each arrow of an erasure, and what is left in files when it is done."""

import signal
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from studyhub.domain.vocabulary import Side
from studyhub.store.interviews import Recording
from studyhub.store.keys import SealedObject
from studyhub.store.releases import Release
from studyhub.store.transcripts import TranscriptVersion
from studyhub.vault.threads import shreds_of
from studyhub.workflows import erasing, mailroom, upkeep
from tests import makers
from tests.processes import carry_out_until, opened, started
from tests.staged import in_files
from tests.workflows import erasing_worlds as worlds

ARROWS = (
    *("destroy_keys", "destroyed", "empty_rows", "remove_files", "removed", "cut_pointer"),
    "finish",
)


@contextmanager
def decided(kind, folder, *, letters_leave=False):
    """An instance in files in which everything of one person is to be erased."""
    stage = worlds.everything(kind)
    with in_files(stage, folder):
        clock = makers.Clock(stage.made.study.clock.at)
        with opened(folder, clock) as hub:
            made = replace(stage.made, study=replace(stage.made.study, hub=hub, clock=clock))
            desk = makers.own_link(made.study, made.leaves.id)
            if letters_leave:
                mailroom.run_once(hub)
            makers.decided(made.study, ("all",), made.leaves.id, desk=desk)
            yield made


def test_killed_behind_any_arrow_it_goes_on_to_the_same_end(engine_kind, quick_folder):
    with decided(engine_kind, quick_folder / "whole") as made:
        assert erasing.run(made.study.hub) == 1
        wanted = worlds.end_of(made.study.hub)
        assert not [each for each in upkeep.checks(made.study.hub, full=True) if not each.ok]

    with decided(engine_kind, quick_folder / "killed") as made:
        for arrow in ARROWS:
            process, word = started(carry_out_until, quick_folder / "killed", arrow)
            word.send("begin")
            process.join()

            assert process.exitcode == -signal.SIGKILL
            assert stands(made) == stood_after(arrow)
            unreadable(made)
        assert erasing.run(made.study.hub) == 0  # the last arrow was the end
        found = worlds.end_of(made.study.hub)

    assert [name for name in wanted if found[name] != wanted[name]] == []


def stands(made):
    return worlds.erasures(made.study.hub)[0].state


def stood_after(arrow):
    return {
        "destroy_keys": "requested",
        "destroyed": "keys",
        "empty_rows": "rows",
        "remove_files": "rows",
        "removed": "files",
        "cut_pointer": "files",
        "finish": "done",
    }[arrow]


def unreadable(made):
    """From the first arrow on no key of theirs is left but that of their consents."""
    keystore = made.study.hub.keystore
    known = shreds_of(keystore, made.leaves.id)
    assert set(keystore.keys(known.values())) == {known[Side.CONSENT]}


def test_inv_71_nothing_of_who_left_is_found_in_any_file(quick_folder):
    folder = quick_folder / "instance"
    with decided("sqlite", folder, letters_leave=True) as made:
        hub = made.study.hub
        traces = [*sealed_of(made), *keys_of(made), b"grace.adeyemi@home.test"]
        before = files_with(folder, traces)

        assert erasing.run(hub) == 1

        assert files_with(folder, traces) == {}
        kinds = {path.suffix for path in before}
        assert kinds >= {".sqlite3", ".sho", ".db", ".eml"}, before
        assert files_with(folder, [b"helen.marsh@home.test"])


def sealed_of(made):
    """A piece of every sealed value about who leaves: rows, letters, links, sound, release."""
    hub, gone = made.study.hub, made.leaves
    found = worlds.sealed_bytes(hub, gone.id)
    with hub.sessions.reading.begin() as session:
        mine = select(Release.body_sealed).where(Release.label == gone.label)
        found += [each[:24] for each in session.scalars(mine)]
        texts = select(TranscriptVersion.body_sealed).where(
            TranscriptVersion.transcript_id == gone.transcript_id
        )
        found += [each[:24] for each in session.scalars(texts)]
        recording = session.get_one(Recording, gone.recording_id)
        name = session.get_one(SealedObject, recording.object_id).store_name
    content = (hub.settings.objects / name[:2] / f"{name}.sho").read_bytes()
    assert len(found) > 10
    return [*found, content[40:72], content[-40:]]


def keys_of(made):
    known = shreds_of(made.study.hub.keystore, made.leaves.id)
    known.pop(Side.CONSENT)
    return made.study.hub.keystore.keys(known.values()).values()


def files_with(folder, traces):
    """In which files of an instance any of these bytes stand, and how many of them."""
    found = {}
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if count := sum(each in content for each in traces):
            found[path] = count
    return found
