"""Whom a version may be approved by: asked of the policy, before anything is looked up."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from studyhub.domain.policy import allows
from studyhub.domain.vocabulary import Act, Actor, Duty, Role

AUTHOR, OTHER = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Written:
    author_id: UUID = AUTHOR


def approves(membership_id, role, *duties):
    actor = Actor(UUID(int=9), membership_id, role, frozenset(duties))
    return allows(actor, Act.DOCUMENT_APPROVE, Written())


@pytest.mark.parametrize("role", [Role.PI, Role.RECRUITER, Role.INTERVIEWER, Role.REVIEWER])
def test_inv_3_nobody_approves_what_they_wrote_with_any_duty(role):
    assert approves(OTHER, role, Duty.APPROVE)
    assert not approves(AUTHOR, role, *Duty)


def test_a_version_is_approved_by_the_pi_or_by_who_has_the_duty():
    assert approves(OTHER, Role.PI)
    assert not approves(OTHER, Role.REVIEWER)
    assert not approves(OTHER, Role.ANALYST, Duty.APPROVE)
