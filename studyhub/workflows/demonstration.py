"""The fictional study that ``init --demo`` makes: everything by the acts, over past weeks.

The team comes together here; what happens then is told in ``demonstration_story``. Nobody in it
is real, so its passwords and its kit may lie in a file.
"""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from studyhub.config import Settings, write_whole
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.users import Membership
from studyhub.vault import words
from studyhub.vault.guessing import is_weak
from studyhub.workflows import (
    accounts_admin,
    accounts_own,
    accounts_study,
    accounts_team,
    entrance,
)
from studyhub.workflows.demonstration_papers import papers
from studyhub.workflows.demonstration_stage import SLUG, ZONE, PastWeeks, Stage
from studyhub.workflows.demonstration_story import stories
from studyhub.workflows.inspect_files import SEEN
from studyhub.workflows.kernel import Hub, operator_desk
from studyhub.workflows.role_keys import fingerprint_of
from studyhub.workflows.trail import sign_head

TITLE = "Voices of Support"
PASSWORD_WORDS = 5

CAST: dict[str, tuple[str, Role | None, tuple[Duty, ...]]] = {
    "petra": ("Petra Holt", Role.PI, ()),
    "rita": ("Rita Osei", Role.RECRUITER, (Duty.TAKE_CONSENT,)),
    "ivan": ("Ivan Malik", Role.INTERVIEWER, (Duty.TAKE_CONSENT,)),
    "tess": ("Tess Bowen", Role.TRANSCRIBER, ()),
    "ravi": ("Ravi Nair", Role.REVIEWER, (Duty.VERIFY, Duty.RELEASE, Duty.APPROVE)),
    "ann": ("Ann Lister", Role.ANALYST, ()),
    "ada": ("Ada Quill", Role.AUDITOR, ()),
    "nina": ("Nina Vance", None, ()),  # has an account and is a member of nothing
}


def fill(hub: Hub, clock: PastWeeks) -> dict[str, Any]:
    """Make the study, its team and its story. Returns the sign-ins, kept in a file."""
    stage = Stage(hub, clock, {login: _password(login) for login in CAST})
    for login in CAST:
        _join(stage, login)
    clock.advance(hours=1)
    stage.study, kit = _study(stage)
    for login, (_name, role, _duties) in CAST.items():
        if role not in (None, Role.PI):
            clock.move_to(clock.later(1 if login == "tess" else 0, "11:00"))
            _enrol(stage, login)
    stage.play([papers(stage)])
    stage.play(stories(stage))
    return _finish(stage, kit)


def _finish(stage: Stage, kit: list[str]) -> dict[str, Any]:
    """Sign everybody out, sign the record, and keep the sign-ins: it is whole now."""
    hub = stage.hub
    for login in CAST:
        hub.sittings.end_all(accounts_admin.find_person(hub, login))
    for desk in (operator_desk(hub), operator_desk(hub, stage.study)):
        sign_head(desk)
    # No worker ran: its rounds were part of the story.
    (hub.settings.instance / SEEN).unlink(missing_ok=True)
    told = {"studies": [SLUG], "people": _people(stage)}
    _keep(hub.settings, {**told, "recovery_kit": {SLUG: kit}})
    return told


def _password(login: str) -> str:
    """Five random words: easy to type, and 55 bits."""
    while True:
        password = "-".join(words.to_words(words.new_seed())[:PASSWORD_WORDS])
        if is_weak(password, (login, TITLE)) is None:
            return password


def _join(stage: Stage, login: str) -> None:
    """Make an account and join by its link."""
    address = accounts_admin.add(
        operator_desk(stage.hub),
        login=login,
        name=CAST[login][0],
        email=f"{login}@team.example",
    )
    stage.clock.advance(minutes=30)
    token, password = address.rpartition("/")[2], stage.passwords[login]
    accounts_own.join(stage.hub, token, password, password)


def _study(stage: Stage) -> tuple[UUID, list[str]]:
    """Make the study with its first PI and type the kit back."""
    petra = entrance.prove(stage.hub, "petra", stage.passwords["petra"], "shell")
    made = accounts_study.create(stage.hub, slug=SLUG, title=TITLE, pi=petra, zone=ZONE)
    stage.clock.advance(minutes=10)
    kit = " ".join(made.recovery_kit)
    accounts_study.prove_kit(operator_desk(stage.hub), made.id, kit=kit)
    return made.id, made.recovery_kit


def _enrol(stage: Stage, login: str) -> None:
    """Invite somebody, let them make their keys, compare the six words and grant."""
    name, role, duties = CAST[login]
    invitation = accounts_team.Invitation(name, "", str(role), duties, login=login)
    membership_id = accounts_team.invite(stage.desk("petra"), stage.study, invitation)
    stage.clock.advance(hours=1)
    stage.visitor(login)
    stage.clock.advance(minutes=20)
    with stage.hub.sessions.reading.begin() as session:
        six = fingerprint_of(session.get_one(Membership, membership_id))
    accounts_team.grant(stage.desk("petra"), membership_id, words=six)


def _people(stage: Stage) -> list[dict[str, Any]]:
    return [
        {
            "login": login,
            "password": stage.passwords[login],
            "roles": [str(role)] if role else [],
        }
        for login, (_name, role, _duties) in CAST.items()
    ]


# -- the sign-ins ---------------------------------------------------------------------


def sign_ins_file(settings: Settings) -> Path:
    """Where the passwords of the demonstration are kept; there once it is finished."""
    return settings.instance / "demo-sign-ins.json"


def _keep(settings: Settings, told: dict[str, Any]) -> None:
    write_whole(sign_ins_file(settings), json.dumps(told, indent=2).encode())


def sign_ins_text(settings: Settings) -> str:
    """The sign-ins as the shell shows them."""
    path = sign_ins_file(settings)
    people = json.loads(path.read_text())["people"] if path.exists() else []
    lines = [
        f"  {person['login']:<6} {person['password']:<48} "
        f"{', '.join(person['roles']) or 'member of nothing'}"
        for person in people
    ]
    return "\n".join(["Sign in as one of:", *lines, ""])
