"""A backup from before a withdrawal is restored after it: nothing of it comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from studyhub.domain.errors import Erased, NotFound
from studyhub.hub import make_hub
from studyhub.workflows import analysis, analysis_reading, backups, restoring, upkeep
from studyhub.workflows.restoring import Wanted
from tests import engines
from tests.founding.people import Person
from tests.founding.stage import Scene
from tests.makers import Study


def a_backup_is_taken(scene: Scene, folder: Path) -> None:
    """While everything runs."""
    made = backups.make(scene.study.hub, folder)
    assert made.objects.wrong == []


@contextmanager
def restored(scene: Scene, backup: Path, folder: Path) -> Iterator[Study]:
    """The study as it is on a new machine, with the ledger of what was erased since."""
    settings = scene.study.hub.settings
    kind = make_url(settings.database).get_backend_name()
    with engines.empty_url(kind) as empty:
        database = empty if kind == "postgresql" else None
        key = (settings.keys / "backup").read_bytes()
        done = restoring.put_back(
            Wanted(backup, folder, key, settings.erasure_ledger, database=database)
        )
        hub = make_hub(done.settings, scene.clock)
        restoring.finish(hub, done)
        assert done.replayed
        assert [check for check in upkeep.checks(hub) if not check.ok] == []
        yield replace(scene.study, hub=hub, desks={})
        hub.sessions.engine.dispose()


def it_does_not_come_back(study: Study, labels: dict[Person, str], gone: Person) -> None:
    """The others stand there and can be read; that one cannot, by anybody."""
    shown = {row.label for row in analysis.list_releases(study.ann).releases}
    assert shown == set(labels.values()) - {labels[gone]}
    for person, label in labels.items():
        if person == gone:
            with pytest.raises((Erased, NotFound)):
                analysis_reading.read(study.ann, label)
        else:
            assert analysis_reading.read(study.ann, label).body.turns
