"""Signal 9 at random moments: what was committed is whole, what was not is not there."""

from sqlalchemy import func, select

from studyhub.store.audit import Event
from studyhub.store.keys import SealedObject
from studyhub.store.users import User, UserToken
from studyhub.workflows import upkeep
from tests.processes import killed_at_some_moment, opened, work_without_end
from tests.staged import study_in_files

ROUNDS = 12


def test_a_process_killed_at_any_moment_leaves_everything_whole(engine_kind, quick_folder):
    with study_in_files(engine_kind, quick_folder) as folder:
        for _ in range(ROUNDS):
            killed_at_some_moment(work_without_end, folder, within=0.25)

        with opened(folder) as hub:
            findings = upkeep.checks(hub, full=True)
            with hub.sessions.reading.begin() as session:
                people = session.scalar(select(func.count()).select_from(User))
                links = session.scalar(
                    select(func.count(UserToken.user_id.distinct())).select_from(UserToken)
                )
                added = session.scalar(
                    select(func.count())
                    .select_from(Event)
                    .where(Event.act == "user.add", Event.outcome == "done")
                )
                objects = session.scalar(select(func.count()).select_from(SealedObject))

    assert [check for check in findings if not check.ok] == []
    assert people == links == added
    assert people > 8, "no act was performed: give the processes more time"
    assert objects, "no object was kept: give the processes more time"
