"""Whom a question may be opened by: the first lock, before any key is tried."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from studyhub.domain.policy import allows
from studyhub.domain.vocabulary import Act, Actor, Role

ME, OTHER = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Passed:
    assigned_to: UUID | None


@pytest.mark.parametrize("act", [Act.QUESTION_READ, Act.QUESTION_ANSWER])
def test_an_interviewer_meets_only_a_question_that_was_passed_on_to_them(act):
    ivan = Actor(UUID(int=9), ME, Role.INTERVIEWER)

    assert allows(ivan, act, Passed(ME))
    assert not allows(ivan, act, Passed(OTHER))
    assert not allows(ivan, act, Passed(None))
    assert not allows(Actor(None, None, Role.INTERVIEWER), act, Passed(None))


@pytest.mark.parametrize("role", [Role.RECRUITER, Role.PI])
def test_a_recruiter_and_the_pi_meet_every_question(role):
    assert allows(Actor(UUID(int=9), ME, role), Act.QUESTION_READ, Passed(OTHER))
