"""The fictional study that ``init --demo`` makes: its team by the real acts, over past weeks.

Approval and documents come by the acts too (``demonstration_papers``). What the team has sealed
is planted by ``demonstration_people`` and ``demonstration_material``
until the acts of those stages exist. Nobody in it is real, so its passwords and its kit may lie
in a file.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from studyhub.config import Settings, write_whole
from studyhub.domain.errors import HouseRuleBroken
from studyhub.domain.vocabulary import Duty, Role
from studyhub.store.users import Membership
from studyhub.vault import words
from studyhub.vault.guessing import is_weak
from studyhub.workflows import (
    accounts,
    accounts_admin,
    accounts_own,
    accounts_study,
    accounts_team,
    entrance,
    recruitment_interest,
    visitors,
)
from studyhub.workflows.demonstration_hand import Person, Team
from studyhub.workflows.demonstration_material import (
    plant_assign,
    plant_recording,
    plant_release,
    plant_transcript,
    plant_work_on_text,
)
from studyhub.workflows.demonstration_papers import plant_papers
from studyhub.workflows.demonstration_people import (
    plant_appointment,
    plant_card,
    plant_paper_consent,
)
from studyhub.workflows.expressions import Told
from studyhub.workflows.kernel import Desk, Hub, operator_desk
from studyhub.workflows.role_keys import fingerprint_of
from studyhub.workflows.trail import sign_head

SLUG, TITLE = "voices", "Voices of Support"
BEGAN = timedelta(weeks=8)  # before the day on which the demonstration is made
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


class PastWeeks:
    """The clock of the demonstration: it begins weeks ago and is moved on by its story."""

    def __init__(self, now: datetime) -> None:
        self._at = (now - BEGAN).replace(hour=9, minute=0, second=0, microsecond=0)

    def __call__(self) -> datetime:
        return self._at

    def advance(self, **by: int) -> None:
        """Let time pass, as ``timedelta`` counts it."""
        self._at += timedelta(**by)


@dataclass(frozen=True)
class _Stage:
    """The demonstration in the making: who has which password, in which study."""

    hub: Hub
    clock: PastWeeks
    passwords: dict[str, str]

    def visitor(self, login: str) -> visitors.Visitor:
        """Sign in through the front door."""
        arrival = accounts.sign_in(self.hub, login, self.passwords[login], "shell")
        found = visitors.visitor(self.hub, arrival.cookie)
        if found is None:
            raise HouseRuleBroken(f"{login} of the demonstration cannot sign in")
        return found

    def desk(self, login: str) -> Desk:
        """The desk of a member, with their keys."""
        return visitors.study_desk(self.hub, self.visitor(login), SLUG)


def fill(hub: Hub, clock: PastWeeks) -> dict[str, Any]:
    """Make the study, its team and what it sealed. Returns the sign-ins, kept in a file."""
    stage = _Stage(hub, clock, {login: _password(login) for login in CAST})
    for login in CAST:
        _join(stage, login)
    clock.advance(days=1)
    study, kit = _study(stage)
    for login, (_name, role, _duties) in CAST.items():
        if role not in (None, Role.PI):
            clock.advance(hours=2)
            _enrol(stage, study, login)
    clock.advance(days=6)
    desks = {role: stage.desk(login) for login, (_, role, _) in CAST.items() if role}
    _plant_everything(Team(hub, study, desks), clock.advance)
    for login in CAST:
        hub.sittings.end_all(accounts_admin.find_person(hub, login))
    sign_head(operator_desk(hub, study))
    told = {"studies": [SLUG], "people": _people(stage)}
    _keep(hub.settings, {**told, "recovery_kit": {SLUG: kit}})
    return told


def _plant_everything(team: Team, advance: Callable[..., None]) -> None:
    """Two people: with one everything was done, the other's interview waits to be assigned."""
    papers = plant_papers(team)
    _somebody_writes(team.hub)
    people = (
        Person(
            "K7Q4", "Helen Marsh", "helen.marsh@post.example", "Northgate House", assigned=True
        ),
        Person(
            "M3T9", "Joan Pike", "joan.pike@post.example", "the Harbour Line", assigned=False
        ),
    )
    for person in people:
        advance(days=2)
        plant_card(team, person)
        advance(days=4)
        plant_appointment(team, person)
        advance(hours=2)
        plant_paper_consent(team, person, papers)
        advance(hours=2)
        plant_recording(team, person)
        advance(days=3)
        transcript = plant_transcript(team, person)
        if person.assigned:
            plant_assign(team, person, transcript)
            advance(days=2)
            plant_work_on_text(team, person, transcript)
            advance(days=3)
            plant_release(team, person)


def _somebody_writes(hub: Hub) -> None:
    """By the public form; only ``contact`` opens it."""
    desk = recruitment_interest.public_study(hub, SLUG).desk
    told = Told("Ruth Dale", channel="email", email="ruth@post.example", note="After five.")
    recruitment_interest.receive(desk, told)


def _password(login: str) -> str:
    """Five random words: easy to type, and 55 bits."""
    while True:
        password = "-".join(words.to_words(words.new_seed())[:PASSWORD_WORDS])
        if is_weak(password, (login, TITLE)) is None:
            return password


def _join(stage: _Stage, login: str) -> None:
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


def _study(stage: _Stage) -> tuple[UUID, list[str]]:
    """Make the study with its first PI and type the kit back."""
    petra = entrance.prove(stage.hub, "petra", stage.passwords["petra"], "shell")
    made = accounts_study.create(
        stage.hub, slug=SLUG, title=TITLE, pi=petra, zone="Europe/London"
    )
    stage.clock.advance(minutes=10)
    kit = " ".join(made.recovery_kit)
    accounts_study.prove_kit(operator_desk(stage.hub), made.id, kit=kit)
    return made.id, made.recovery_kit


def _enrol(stage: _Stage, study: UUID, login: str) -> None:
    """Invite somebody, let them make their keys, compare the six words and grant."""
    name, role, duties = CAST[login]
    invitation = accounts_team.Invitation(name, "", str(role), duties, login=login)
    membership_id = accounts_team.invite(stage.desk("petra"), study, invitation)
    stage.clock.advance(hours=1)
    stage.visitor(login)
    stage.clock.advance(minutes=20)
    with stage.hub.sessions.reading.begin() as session:
        six = fingerprint_of(session.get_one(Membership, membership_id))
    accounts_team.grant(stage.desk("petra"), membership_id, words=six)


def _people(stage: _Stage) -> list[dict[str, Any]]:
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
