"""What waits about withdrawals, for the first screens: it stands before everything else."""

from flask import url_for

from studyhub.domain.policy import POLICY, allows
from studyhub.domain.vocabulary import Act, Actor
from studyhub.web import guard, times, waits, withdrawal_words
from studyhub.web.frame import Waiting
from studyhub.workflows import withdrawal_list
from studyhub.workflows.kernel import Desk
from studyhub.workflows.withdrawal_list import WithdrawalRow


def of_desk(desk: Desk, slug: str) -> list[Waiting]:
    """What this member has to do about withdrawals."""
    if desk.actor.role not in POLICY[Act.WITHDRAWAL_LIST].roles:
        return []
    rows = [row for row in withdrawal_list.listed(desk) if row.is_open]
    return [line for row in rows for line in _lines(desk.actor, slug, row)]


def _lines(actor: Actor, slug: str, row: WithdrawalRow) -> list[Waiting]:
    href = url_for("withdrawal.one", slug=slug, reference=row.reference)
    since = times.since(row.received_at, guard.zone(), guard.hub().now())
    why = f"{withdrawal_words.scopes(row.scopes).capitalize()}. All of it is on hold."
    due = waits.due_on(row.due, "due ")
    found = []
    if row.state == "received" and actor.role in POLICY[Act.WITHDRAWAL_ACKNOWLEDGE].roles:
        what, by = f"Tell {row.code} that their withdrawal arrived", row.tell_by
        found.append(Waiting("mail", what, href, why, since, waits.due_on(by, "due ")))
    if allows(actor, Act.WITHDRAWAL_DECIDE, row):
        what = _to_decide(actor, row)
        found += [Waiting("hand", what, href, why, since, due)] if what else []
    return found


def _to_decide(actor: Actor, row: WithdrawalRow) -> str:
    if row.waits_for_second:
        return f"Second person: what cannot be done for {row.code}"
    if row.state != "assessed":
        return f"Decide about the withdrawal of {row.code}"
    may = actor.role in POLICY[Act.ERASURE_REQUEST].roles
    return f"Have the withdrawal of {row.code} carried out" if may else ""


def late(desk: Desk, slug: str) -> list[Waiting]:
    """What nobody decided in five working days: the auditor sees it too."""
    return [
        Waiting(
            "hand",
            f"The withdrawal of {row.code} is not decided",
            url_for("withdrawal.one", slug=slug, reference=row.reference),
            f"{withdrawal_words.scopes(row.scopes).capitalize()}. All of it is on hold.",
            times.since(row.received_at, guard.zone(), guard.hub().now()),
            waits.due_on(row.due),
        )
        for row in withdrawal_list.listed(desk)
        if row.is_late
    ]
