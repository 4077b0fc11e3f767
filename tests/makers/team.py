"""A new instance, and the team of its study: invited, joined and granted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from studyhub import config
from studyhub.config import Settings
from studyhub.domain.vocabulary import Duty, Role
from studyhub.hub import make_hub
from studyhub.store.db import Sessions
from studyhub.store.users import Membership
from studyhub.vault.keys import make_key_files
from studyhub.workflows import (
    accounts_admin,
    accounts_own,
    accounts_study,
    accounts_team,
    entrance,
)
from studyhub.workflows.chains import open_chain
from studyhub.workflows.demonstration import CAST, TITLE
from studyhub.workflows.demonstration_stage import SLUG
from studyhub.workflows.kernel import Hub, operator_desk, worker_desk
from studyhub.workflows.role_keys import fingerprint_of
from studyhub.workflows.trail import sign_head
from tests.makers.cast import Clock, Study, password_of


def hub_over(settings: Settings, sessions: Sessions, clock: Callable[[], datetime]) -> Hub:
    """The hub of an instance, over a database that the test chose."""
    return replace(make_hub(settings, clock), sessions=sessions)


def new_instance(
    sessions: Sessions,
    folder: Path,
    clock: Callable[[], datetime],
    *,
    demonstration: bool = False,
) -> Hub:
    """An empty instance, its chain open, over a database that is migrated."""
    settings = config.create(folder, demonstration=demonstration, argon2_memory_kib=8)
    make_key_files(settings.keys)
    hub = hub_over(settings, sessions, clock)
    hub.keystore.create()
    open_chain(operator_desk(hub), demonstration=demonstration)
    return hub


def enrolled(hub: Hub, clock: Clock) -> Study:
    """A study whose kit was proved and whose whole team was invited, joined and granted."""
    codes = {login: add_person(hub, login) for login in CAST}
    petra = entrance.prove(hub, "petra", password_of("petra"), "test")
    made = accounts_study.create(hub, slug=SLUG, title=TITLE, pi=petra)
    kit = " ".join(made.recovery_kit)
    accounts_study.prove_kit(operator_desk(hub), made.id, kit=kit)
    study = Study(hub, clock, made.id, made.recovery_kit, codes)
    for login, (_name, role, duties) in CAST.items():
        if role not in (None, Role.PI):
            invite_and_grant(study, login, role, duties)
    sign_head(worker_desk(hub, made.id))
    return study


def add_person(hub: Hub, login: str) -> str:
    """Add an account and join by its link. Returns the recovery code."""
    name = CAST[login][0]
    address = accounts_admin.add(
        operator_desk(hub), login=login, name=name, email=f"{login}@team.test"
    )
    token = address.rpartition("/")[2]
    return accounts_own.join(hub, token, password_of(login), password_of(login))


def invite_and_grant(
    study: Study, login: str, role: Role, duties: tuple[Duty, ...] = ()
) -> UUID:
    """Invite somebody who has an account, let them make their keys, and grant."""
    wanted = accounts_team.Invitation("", "", role, duties, login=login)
    membership_id = accounts_team.invite(study.petra, study.id, wanted)
    study.cookie(login)
    grant(study, membership_id)
    return membership_id


def grant(study: Study, membership_id: UUID) -> None:
    """Compare the six words with the member and grant, as Petra."""
    with study.hub.sessions.reading.begin() as session:
        words = fingerprint_of(session.get_one(Membership, membership_id))
    accounts_team.grant(study.petra, membership_id, words=words)
