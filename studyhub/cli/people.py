"""Commands about accounts, and about studies with their first investigator and their kit."""

import argparse
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studyhub.cli.frame import (
    SHELL,
    Answer,
    Commands,
    Usage,
    add,
    group,
    kit,
    opened,
    password,
    wants_password,
)
from studyhub.workflows import (
    accounts_admin,
    accounts_recovery,
    accounts_study,
    entrance,
)
from studyhub.workflows.kernel import operator_desk
from studyhub.workflows.trail import sign_head
from studyhub.workflows.visitors import study_id


def add_commands(commands: Commands) -> None:
    """Add ``user`` and ``study``."""
    _add_user(group(commands, "user", "Accounts of team members."))
    _add_study(group(commands, "study", "Studies and their recovery kits."))


def _add_user(user: Commands) -> None:
    parser = add(user, "add", "Make an account, and a link to join by.", user_add)
    parser.add_argument("login")
    parser.add_argument("--name", required=True)
    parser.add_argument("--email", required=True)
    parser = add(user, "disable", "Close an account; its sessions end at once.", user_disable)
    parser.add_argument("login")
    parser = add(user, "reset", "Send a link to set a new password.", user_reset)
    parser.add_argument("login")


def _add_study(study: Commands) -> None:
    parser = add(
        study, "create", "Make a study with its keys; shows its kit once.", study_create
    )
    parser.add_argument("slug", help="the short name in addresses: small letters, digits, -")
    parser.add_argument("--title", required=True)
    parser.add_argument("--pi", required=True, metavar="LOGIN")
    parser.add_argument("--neutral-name", default="", help="what letters may call the study")
    parser.add_argument("--time-zone", default="UTC", type=_zone, metavar="ZONE")
    wants_password(parser)
    parser = add(study, "recover", "Give a PI the keys again, with the kit.", study_recover)
    parser.add_argument("slug")
    parser.add_argument("--pi", metavar="LOGIN", help="whose membership gets the keys")
    parser.add_argument("--check", action="store_true", help="prove the kit, grant nothing")
    parser.add_argument("--kit-stdin", action="store_true", help="read the 24 words there")


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError("give a zone like Europe/London") from None


# -- accounts -------------------------------------------------------------------


def user_add(asked: argparse.Namespace) -> Answer:
    """Make an account in state ``invited``."""
    with opened(asked) as hub:
        address = accounts_admin.add(
            operator_desk(hub), login=asked.login, name=asked.name, email=asked.email
        )
    login = asked.login.strip().lower()
    return Answer(
        {"user": login, "join_url": address},
        f"{login} can set a password here, within seven days:\n{address}",
    )


def user_disable(asked: argparse.Namespace) -> Answer:
    """Close an account."""
    with opened(asked) as hub:
        accounts_admin.close_account(
            operator_desk(hub), accounts_admin.find_person(hub, asked.login)
        )
    return Answer({"user": asked.login}, f"{asked.login} can no longer sign in.")


def user_reset(asked: argparse.Namespace) -> Answer:
    """Start a reset: the person chooses the password, never the operator."""
    with opened(asked) as hub:
        address = accounts_admin.start_reset(
            operator_desk(hub), accounts_admin.find_person(hub, asked.login)
        )
    return Answer(
        {"user": asked.login, "join_url": address},
        f"A letter with this link waits for {asked.login}:\n{address}",
    )


# -- studies ----------------------------------------------------------------------


def study_create(asked: argparse.Namespace) -> Answer:
    """Make a study. Its kit is shown here and nowhere else, and only now."""
    with opened(asked) as hub:
        accounts_admin.find_person(hub, asked.pi)
        entered = entrance.prove(hub, asked.pi, password(asked, asked.pi), SHELL)
        made = accounts_study.create(
            hub,
            slug=asked.slug,
            title=asked.title,
            pi=entered,
            neutral_name=asked.neutral_name,
            zone=asked.time_zone,
        )
        sign_head(operator_desk(hub, made.id))
    fingerprint = " ".join(made.root_fingerprint)
    values = {"study": made.slug, "state": made.state, "root_fingerprint": fingerprint}
    return Answer(
        {**values, "recovery_kit": made.recovery_kit},
        f"The study {made.slug} is made, with the root {fingerprint}.\n\n"
        f"Its recovery kit. Write these words on paper now; they are not kept anywhere:\n\n"
        f"{_numbered(made.recovery_kit)}\n\n"
        f"Then type them back: studyhub study recover {made.slug} --check",
    )


def _numbered(kit_words: list[str]) -> str:
    return "\n".join(f"{number:>2} {word}" for number, word in enumerate(kit_words, 1))


def study_recover(asked: argparse.Namespace) -> Answer:
    """Prove the kit, and unless only that was asked, give a PI the keys with it."""
    if not (asked.check or asked.pi):
        raise Usage("say whose keys to recover with --pi LOGIN, or only --check the kit")
    with opened(asked) as hub:
        study = study_id(hub, asked.slug)
        if asked.check:
            state = accounts_study.prove_kit(operator_desk(hub), study, kit=kit(asked))
            granted: list[str] = []
        else:
            user_id = accounts_admin.find_person(hub, asked.pi)
            done = accounts_recovery.recover(
                operator_desk(hub, study), study, user_id=user_id, kit=kit(asked)
            )
            state, granted = done.state, list(done.granted)
    told = f"granted to {asked.pi}: {', '.join(granted)}" if granted else "the kit is right"
    return Answer(
        {"study": asked.slug, "state": state, "granted": granted},
        f"The study {asked.slug} is {state}; {told}.",
    )
