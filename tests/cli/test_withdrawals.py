"""``withdrawal list`` says by code how far each withdrawal has come."""

from studyhub.cli import withdrawals
from studyhub.workflows import withdrawal_list
from studyhub.workflows.kernel import operator_desk
from tests import makers
from tests.makers import SLUG


def test_a_new_study_has_none(small_shell):
    assert small_shell.json("withdrawal", "list", SLUG).values == {"withdrawals": []}
    assert small_shell.text("withdrawal", "list", "no-such-study").code == 4


def test_what_is_told_of_one_names_codes_steps_and_dates_only(small_study, approved):
    desk = operator_desk(small_study.hub, small_study.id)
    makers.withdrawn(small_study, ("contact",))
    (row,) = withdrawal_list.listed(desk)

    told = withdrawals.as_values(withdrawal_list.one(desk, row.reference))

    assert told["participant_code"] == row.code
    assert (told["scopes"], told["step"]) == (["contact"], "acknowledged")
    assert {"class": "contact", "decision": None, "done": False} in told["items"]
