"""Commands about who works in a study, in which role, and what that opens."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from studyhub.cli.frame import (
    SHELL,
    Answer,
    Commands,
    add,
    group,
    opened,
    password,
    wants_password,
)
from studyhub.domain.errors import NotFound, WrongState
from studyhub.domain.vocabulary import STAFF, Duty, Role
from studyhub.workflows import (
    accounts,
    accounts_admin,
    accounts_team,
    accounts_team_view,
    visitors,
)
from studyhub.workflows.accounts_team_view import MemberView
from studyhub.workflows.kernel import Desk, Hub, operator_desk
from studyhub.workflows.visitors import study_id


def add_commands(commands: Commands) -> None:
    """Add ``member``."""
    member = group(commands, "member", "Who works in a study, in which role.")
    parser = add(member, "add", "Invite somebody to a role, or grant it as its PI.", member_add)
    parser.add_argument("slug")
    parser.add_argument("login")
    parser.add_argument("role", choices=[str(role) for role in STAFF])
    parser.add_argument("--duties", type=_duties, default=(), metavar="A,B")
    parser.add_argument("--until", type=_last_day, metavar="DATE", help="the last day")
    parser.add_argument("--by", metavar="LOGIN", help="the PI whose password is given")
    wants_password(parser)
    parser = add(member, "list", "Show the team and what each member opens.", member_list)
    parser.add_argument("slug")


def _duties(text: str) -> tuple[Duty, ...]:
    try:
        return tuple(Duty(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        raise argparse.ArgumentTypeError(f"duties are: {', '.join(Duty)}") from None


def _last_day(text: str) -> datetime:
    """The first instant after a last day that was given as a date."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give a date like 2026-12-31") from None
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def member_add(asked: argparse.Namespace) -> Answer:
    """Write an invited membership; with ``--by``, do the PI's part once the keys were made."""
    with opened(asked) as hub:
        study = study_id(hub, asked.slug)
        user_id = accounts_admin.find_person(hub, asked.login)
        if asked.by is None:
            _invite(operator_desk(hub), study, asked)
        else:
            with _pi_desk(hub, asked) as desk:
                _invite_or_grant(desk, study, user_id, asked)
        members = [
            member
            for member in _members(hub, study)
            if (member.login, member.role) == (asked.login, asked.role)
        ]
    return _told(members)


def _invite(desk: Desk, study: UUID, asked: argparse.Namespace) -> None:
    wanted = accounts_team.Invitation(
        "", "", asked.role, asked.duties, asked.until, login=asked.login
    )
    accounts_team.invite(desk, study, wanted)


def _invite_or_grant(desk: Desk, study: UUID, user_id: UUID, asked: argparse.Namespace) -> None:
    begun = (
        member
        for member in accounts_team_view.team(desk).members
        if (member.user_id, member.role) == (user_id, asked.role) and member.state != "ended"
    )
    found = next(begun, None)
    if found is None:
        _invite(desk, study, asked)
    if found is None or not found.words:
        raise WrongState(
            f"{asked.login} is invited and has no keys of this role yet: they are made when"
            " they next sign in. Then run this again"
        )
    sys.stderr.write(f"Six words of {asked.login}'s keys: {' '.join(found.words)}\n")
    accounts_team.grant(desk, found.id, words=found.words)


@contextmanager
def _pi_desk(hub: Hub, asked: argparse.Namespace) -> Iterator[Desk]:
    """The desk of a PI who gives their password at the shell; their session ends with it."""
    arrival = accounts.sign_in(
        hub, asked.by, password(asked, asked.by), SHELL, study=asked.slug, role=Role.PI
    )
    visitor = visitors.visitor(hub, arrival.cookie)
    if visitor is None:
        raise NotFound("this session ended already")
    try:
        if visitor.place is None:
            raise NotFound(f"{asked.by} is no active PI of {asked.slug}")
        yield visitors.study_desk(hub, visitor, asked.slug)
    finally:
        accounts.sign_out(hub, arrival.cookie, visitor)


def member_list(asked: argparse.Namespace) -> Answer:
    """Everybody in a study, with the compartments whose key each one really holds."""
    with opened(asked) as hub:
        return _told(_members(hub, study_id(hub, asked.slug)))


def _members(hub: Hub, study: UUID) -> list[MemberView]:
    found = accounts_team_view.team(operator_desk(hub, study)).members
    return sorted(found, key=lambda member: (member.login, member.role))


def _told(members: list[MemberView]) -> Answer:
    values = [
        {
            "login": member.login,
            "role": str(member.role),
            "duties": [str(duty) for duty in member.duties],
            "state": member.state,
            "opens": [str(one.compartment) for one in member.openings if one.mark == "open"],
        }
        for member in members
    ]
    lines = [
        f"{told['login']:<16} {told['role']:<12} {told['state']:<15} "
        f"opens: {', '.join(told['opens']) or 'nothing by a compartment key'}"
        for told in values
    ]
    return Answer({"members": values}, "\n".join(lines) or "Nobody works in this study yet.")
