"""One row of the policy: a sentence, its roles, what it opens and the tests of its subject.

The rows stand in ``policy.py`` and, for the stages of a study, in ``policy_<stage>.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from studyhub.domain.vocabulary import Actor, Lock, Role

Test = Callable[[Actor, Any], bool]


@dataclass(frozen=True)
class Rule:
    """One row. ``says`` is the sentence the ethics committee reads.

    ``asks_password`` names who must have given it again in the last ten minutes (step-up).
    ``keeps``: it changes rows although it leaves no trace, like a text that is being typed.
    """

    says: str
    roles: frozenset[Role]
    only_if: tuple[Test, ...] = ()
    opens: frozenset[Lock] = frozenset()
    traced: bool = True
    asks_password: frozenset[Role] = frozenset()
    keeps: bool = False


def rule(
    says: str,
    *roles: Role,
    only_if: tuple[Test, ...] = (),
    opens: tuple[Lock, ...] = (),
    traced: bool = True,
    asks_password: bool | tuple[Role, ...] = False,
    keeps: bool = False,
) -> Rule:
    """``asks_password`` of everybody, of nobody, or of some of the roles."""
    asked = asks_password if isinstance(asks_password, tuple) else roles * asks_password
    return Rule(
        says, frozenset(roles), only_if, frozenset(opens), traced, frozenset(asked), keeps
    )
