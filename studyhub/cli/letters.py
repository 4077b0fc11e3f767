"""Commands about letters: which wait, and what other mail servers reported about one."""

import argparse
import sys
from typing import Any, BinaryIO

from studyhub.cli.frame import Answer, Commands, add, group, opened
from studyhub.domain.mail_reports import MOST_BYTES, Returned, read_returned
from studyhub.workflows import bounces, mail_queue, recruitment_opt_out
from studyhub.workflows.kernel import Hub
from studyhub.workflows.links import guest


def add_commands(commands: Commands) -> None:
    """Add ``mail``."""
    mail = group(commands, "mail", "Letters that wait, and reports on those that left.")
    add(mail, "list", "Every letter that has not left, or is in doubt.", mail_list)
    add(mail, "bounce", "Take one report, or one mailed stop, from stdin.", mail_bounce)


def mail_list(asked: argparse.Namespace) -> Answer:
    """List the letters by code. Leaves no line: nothing is opened."""
    with opened(asked) as hub:
        found = mail_queue.unsent(hub)
    values: list[dict[str, Any]] = [
        {
            "id": str(each.id),
            "participant_code": each.participant_code,
            "purpose": each.purpose,
            "state": each.state,
            "not_before": f"{each.not_before:%Y-%m-%dT%H:%M:%SZ}",
        }
        for each in found
    ]
    lines = [
        f"{each['id']}  {each['participant_code'] or '-':<4}  {each['state']:<8}  "
        f"{each['not_before']}  {each['purpose']}"
        for each in values
    ]
    return Answer({"letters": values}, "\n".join(lines) or "No letter waits.")


def mail_bounce(asked: argparse.Namespace) -> Answer:
    """Read one message and record what it means. Whatever else it holds is forgotten."""
    raw = _message()
    with opened(asked) as hub:
        returned = read_returned(raw, hub.settings.stop_address or "")
        if returned.kind == "stop":
            return _stop(hub, returned)
        letter_id = bounces.record(hub, raw, returned)
    values = {"letter": str(letter_id), "kind": returned.kind, "status": returned.status}
    return Answer(values, f"{letter_id}: {returned.kind} {returned.status}".rstrip())


def _stop(hub: Hub, returned: Returned) -> Answer:
    """The same as one click: the token is the whole key, and nothing of the team is needed."""
    desk = guest(hub, returned.token, "opt_out").desk
    recruitment_opt_out.opt_out(desk, "one_click")
    return Answer({"letter": None, "kind": "stop", "status": ""}, "Their letters are stopped.")


def _message() -> bytes:
    """One byte more than may be, so that a larger message is known to be one."""
    source: BinaryIO = sys.stdin.buffer
    return source.read(MOST_BYTES + 1)
