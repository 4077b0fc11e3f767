"""Two at once: what each of them found true when they began must still be true at the end."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from studyhub.domain.errors import StudyHubError
from studyhub.domain.vocabulary import Role
from studyhub.store.users import Membership
from studyhub.workflows import accounts_admin, accounts_own, accounts_team
from tests.makers import invite_and_grant
from tests.staged import study_on


@pytest.fixture
def crowded(clock):
    """The study where two can really write at once."""
    with study_on("postgresql", clock) as made:
        yield made


def at_once(*acts):
    """Begin all at the same moment. What was refused is given back."""
    barrier, refused = Barrier(len(acts)), []

    def run(act):
        barrier.wait()
        try:
            act()
        except StudyHubError as no:
            refused.append(no)

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def test_two_pis_who_end_each_other_at_once_do_not_leave_a_study_without_one(crowded):
    nina_member = invite_and_grant(crowded, "nina", Role.PI)
    petra, nina = crowded.petra, crowded.desk("nina")
    petra_member = crowded.membership_id("petra")

    at_once(
        lambda: accounts_team.end(petra, nina_member),
        lambda: accounts_team.end(nina, petra_member),
    )

    with crowded.hub.sessions.reading.begin() as session:
        active = session.scalar(
            select(func.count())
            .select_from(Membership)
            .where(Membership.role == Role.PI, Membership.state == "active")
        )
    assert active == 1


def test_two_pis_who_leave_at_once_do_not_leave_a_study_without_one(crowded):
    nina_member = invite_and_grant(crowded, "nina", Role.PI)
    petra, nina = crowded.petra, crowded.desk("nina")
    petra_member = crowded.membership_id("petra")

    refused = at_once(
        lambda: accounts_team.end(petra, petra_member),
        lambda: accounts_team.end(nina, nina_member),
    )

    assert len(refused) == 1


def test_a_reset_link_used_twice_at_once_works_once(crowded):
    address = accounts_admin.start_reset(crowded.operator, crowded.user_id("ann"))
    token, code = address.rpartition("/")[2], crowded.codes["ann"]
    passwords = ["nobody herds these quiet lanterns", "the thief prefers purple bricks"]

    refused = at_once(
        *(
            lambda new=new: accounts_own.recover(crowded.hub, token, new, new, code)
            for new in passwords
        )
    )

    assert len(refused) == 1
