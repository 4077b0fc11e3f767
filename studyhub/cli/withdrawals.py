"""List withdrawals by code: scopes, steps, dates and decisions, which are plain."""

import argparse

from studyhub.cli.frame import Answer, Commands, add, group, opened
from studyhub.vault.heads import instant_text
from studyhub.workflows import withdrawal_list
from studyhub.workflows.kernel import operator_desk
from studyhub.workflows.visitors import study_id
from studyhub.workflows.withdrawal_list import WithdrawalView


def add_commands(commands: Commands) -> None:
    """Add ``withdrawal list``."""
    words = group(commands, "withdrawal", "What people took back, by code.")
    parser = add(words, "list", "Every withdrawal of a study, what waits first.", listed)
    parser.add_argument("slug", help="of the study")


def listed(asked: argparse.Namespace) -> Answer:
    """Say how far each withdrawal has come. Nothing is opened, and nobody is named."""
    with opened(asked) as hub:
        desk = operator_desk(hub, study_id(hub, asked.slug))
        rows = withdrawal_list.listed(desk)
        views = [withdrawal_list.one(desk, row.reference) for row in rows]
    lines = [
        f"{each.row.reference}  {each.row.code}  {' '.join(each.row.scopes)}  {each.row.state}"
        for each in views
    ]
    return Answer({"withdrawals": [as_values(each) for each in views]}, "\n".join(lines))


def as_values(view: WithdrawalView) -> dict[str, object]:
    """One withdrawal as the command tells it."""
    row = view.row
    return {
        "reference": row.reference,
        "participant_code": row.code,
        "scopes": list(row.scopes),
        "step": row.state,
        "due": instant_text(row.due),
        "items": [
            {
                "class": each.class_,
                "decision": each.decision or None,
                "done": each.done_at is not None,
            }
            for each in view.items
        ],
    }
