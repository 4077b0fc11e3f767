"""What every command shares: its options, its answer, its instance, secrets from outside."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any

from studyhub.config import refuse_half_restored
from studyhub.domain.errors import NotFound, WrongState
from studyhub.hub import open_hub
from studyhub.store import schema
from studyhub.workflows.kernel import Hub

SHELL = "shell"  # where a password is tried from
Commands = Any  # what argparse gives for adding commands; it has no public name


class Usage(Exception):
    """The command cannot be understood as it was given."""


@dataclass(frozen=True)
class Answer:
    """What a command says: as JSON for programs, as text for people."""

    values: dict[str, Any]
    text: str
    found_wrong: bool = False


Command = Callable[[argparse.Namespace], Answer]


def common(parser: argparse.ArgumentParser) -> None:
    """The two options of every command; they may stand before or after its name."""
    parser.add_argument(
        "--instance",
        type=Path,
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="the folder of the installation (or STUDYHUB_INSTANCE; else instance/)",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        default=argparse.SUPPRESS,
        help="one JSON object on standard output",
    )


def add(commands: Commands, name: str, says: str, run: Command) -> argparse.ArgumentParser:
    """Add a command: its name, one sentence, and the function that does it."""
    parser: argparse.ArgumentParser = commands.add_parser(name, help=says, description=says)
    common(parser)
    parser.set_defaults(run=run)
    return parser


def group(commands: Commands, name: str, says: str) -> Commands:
    """Add a word that other commands stand under, as in ``user add``."""
    parser = commands.add_parser(name, help=says, description=says)
    return parser.add_subparsers(required=True, metavar="COMMAND")


@contextmanager
def opened(asked: argparse.Namespace) -> Iterator[Hub]:
    """The hub of the instance; refused while its database waits for an upgrade."""
    with opened_as_it_is(asked) as hub:
        known, newest = schema.current(hub.sessions.engine), schema.head()
        if known != newest:
            raise WrongState(
                f"the database has schema {known}, this program {newest}. Run: studyhub upgrade"
            )
        yield hub


@contextmanager
def opened_as_it_is(asked: argparse.Namespace) -> Iterator[Hub]:
    """The same, whichever schema the database has."""
    refuse_half_restored(asked.instance)
    if not (asked.instance / "config.toml").is_file():
        raise NotFound(f"no instance in {asked.instance}. Run: studyhub init")
    if not (asked.instance / "keys").is_dir():
        raise WrongState(f"{asked.instance} was not finished. Run again: studyhub init")
    hub = open_hub(asked.instance)
    try:
        yield hub
    finally:
        hub.sessions.engine.dispose()


def wants_password(parser: argparse.ArgumentParser) -> None:
    """A command that needs somebody's password: never as an argument, which others can see."""
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from the first line of standard input",
    )


def password(asked: argparse.Namespace, login: str) -> str:
    """The password of somebody, from standard input or typed at a terminal."""
    if asked.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if sys.stdin.isatty():
        return getpass(f"Password of {login}: ")
    raise Usage("give the password on standard input, with --password-stdin")


def kit(asked: argparse.Namespace) -> str:
    """The 24 words of a recovery kit, from standard input or typed at a terminal."""
    if asked.kit_stdin:
        return sys.stdin.read()
    if sys.stdin.isatty():
        return getpass("The 24 words, with blanks between them: ")
    raise Usage("give the 24 words on standard input, with --kit-stdin")
