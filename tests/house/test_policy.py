"""The policy is the only place of a permission, and every act keeps to it."""

import importlib
import pkgutil
from pathlib import Path

import pytest

import studyhub.workflows
from studyhub.domain.errors import Hidden, NotPermitted
from studyhub.domain.facts import HIDDEN
from studyhub.domain.permissions import permissions_page
from studyhub.domain.policy import POLICY
from studyhub.domain.roles import ROLE_NAMES, ROLE_OPENS
from studyhub.domain.vocabulary import STAFF, Act, Compartment, Role
from studyhub.workflows.kernel import PERFORMERS, operator_desk
from tests.makers import CAST

for module in pkgutil.iter_modules(studyhub.workflows.__path__):
    importlib.import_module(f"studyhub.workflows.{module.name}")

EVERYBODY = [*CAST, "operator", "worker"]


def test_every_act_has_one_rule_and_one_performer():
    assert set(POLICY) == set(Act)
    assert set(PERFORMERS) == set(Act)


def test_every_rule_is_a_sentence_for_an_ethics_committee():
    for act, rule in POLICY.items():
        assert rule.says.endswith("."), act
        assert len(rule.says.split()) > 4, act
        assert rule.roles, act


def test_no_act_of_an_analyst_lends_more_than_releases():
    for act, rule in POLICY.items():
        if Role.ANALYST in rule.roles:
            assert rule.opens <= {Compartment.RELEASE}, act
    assert ROLE_OPENS[Role.ANALYST] == (Compartment.RELEASE,)


# The line was written by the act before: an upload was begun, a playback opened.
GOES_ON = {
    Act.UPLOAD_READ: Act.UPLOAD_START,
    Act.RECORDING_PLAY: Act.RECORDING_LISTEN,
    Act.CONSENT_PLAY: Act.CONSENT_READ,
}


def test_what_opens_something_leaves_a_line():
    for act, rule in POLICY.items():
        # What is being typed or sent is kept without a line: opening it for that was one.
        quiet = rule.keeps or not rule.opens or rule.roles == {Role.PARTICIPANT}
        begun_by = POLICY.get(GOES_ON.get(act))
        goes_on = begun_by is not None and begun_by.traced
        assert rule.traced or quiet or goes_on, act


def test_every_role_has_a_name_and_a_row_of_keys():
    assert set(ROLE_NAMES) == set(ROLE_OPENS) == set(STAFF)


def test_the_page_of_permissions_is_the_policy():
    page = Path(__file__).parents[2] / "docs" / "PERMISSIONS.md"
    assert page.read_text() == permissions_page(), "run: make docs"


@pytest.mark.parametrize("act", list(Act))
def test_every_act_is_open_to_exactly_the_roles_of_its_rule(small_study, act):
    """Each performer is called without arguments: who may act reaches the body."""
    for name in EVERYBODY:
        desk = _desk(small_study, name)
        before = small_study.events()
        if desk.actor.role in POLICY[act].roles:
            _reaches_the_body(desk, act)
        else:
            with pytest.raises(_refusal(desk.actor.role, act)):
                PERFORMERS[act](desk)
            last = small_study.last_event()
            assert small_study.events() == before + 1, name
            assert (last.act, last.outcome) == (act, "refused"), name
            assert last.actor_id == desk.actor.user_id


def _desk(study, name):
    match name:
        case "operator":
            return operator_desk(study.hub, study.id)
        case "worker":
            return study.worker
        case _:
            return study.desk(name)


def _reaches_the_body(desk, act):
    said = ""
    try:
        PERFORMERS[act](desk)
    except TypeError as error:
        said = str(error)
    assert not said or "missing" in said


def _refusal(role, act):
    knows = any(role in rule.roles for other, rule in POLICY.items() if other.kind == act.kind)
    if role is Role.PUBLIC or (act.kind in HIDDEN and not knows):
        return Hidden
    return NotPermitted


def test_a_hidden_kind_is_told_apart_from_a_forbidden_one(small_study):
    with pytest.raises(Hidden):
        PERFORMERS[Act.LETTER_SEND](small_study.ann)
    with pytest.raises(NotPermitted) as caught:
        PERFORMERS[Act.MEMBER_END](small_study.ann)
    assert not isinstance(caught.value, Hidden)
