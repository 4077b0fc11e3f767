"""After a restore, whoever was erased since the backup is erased in every table and folder."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from studyhub.domain.errors import StudyHubError
from studyhub.hub import make_hub
from studyhub.workflows import analysis, analysis_reading, backups, erasing, restoring, upkeep
from tests import makers
from tests.engines import empty_url
from tests.processes import opened
from tests.staged import in_files
from tests.workflows import erasing_worlds as worlds

# What the withdrawal itself wrote is lost with the database; so is what was erased by no key.
LOST = {
    *("approaches", "links", "letters", "withdrawals", "withdrawal_steps", "withdrawal_items"),
    *("holds", "erasures", "suppressions", "jobs"),
}


@contextmanager
def restored(kind, folder, scopes):
    """One of two people took back these scopes after the backup, and it was restored."""
    stage = worlds.everything(kind)
    first, second = folder / "first", folder / "second"
    with in_files(stage, first), empty_url(kind) as other:
        clock = makers.Clock(stage.made.study.clock.at)
        with opened(first, clock) as hub:
            made = replace(stage.made, study=replace(stage.made.study, hub=hub, clock=clock))
            backups.make(hub, folder / "backup")
            makers.decided(made.study, scopes, made.leaves.id)
            assert erasing.run(hub) == 1
            wanted = restoring.Wanted(
                folder / "backup",
                second,
                hub.key_files.backup,
                ledger=hub.settings.erasure_ledger,
                database=other if kind == "postgresql" else None,
            )
            with opened(second, clock, load=lambda *_: restored_hub(wanted, clock)) as again:
                yield made, hub, again


def restored_hub(wanted, clock):
    done = restoring.put_back(wanted)
    hub = make_hub(done.settings, clock)
    restoring.finish(hub, done)
    return hub


@pytest.mark.parametrize("scopes", [("all",), ("transcript",)])
def test_whoever_was_erased_after_the_backup_is_erased_in_what_was_restored(
    engine_kind, quick_folder, scopes
):
    with restored(engine_kind, quick_folder, scopes) as (made, hub, again):
        wanted, found = worlds.end_of(hub), worlds.end_of(again)
        assert {name for name in wanted if wanted[name] != found[name]} <= LOST
        assert not [each for each in upkeep.checks(again, full=True) if not each.ok]
        ann = replace(made.study.ann, hub=again)
        assert [each.label for each in analysis.list_releases(ann).releases] == [
            made.stays.label
        ]
        with pytest.raises(StudyHubError):
            analysis_reading.read(ann, made.leaves.label)
        assert analysis_reading.read(ann, made.stays.label)
