"""The command line: what the operator sets up, looks at and checks.

Whoever has the shell is the operator. No command opens anything of a study by itself: where a
member's keys are needed, the member's password comes from standard input.
"""

import argparse
import json
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from sqlalchemy.exc import OperationalError

from studyhub.cli import (
    backups,
    certificates,
    checks,
    consents,
    flow,
    instance,
    letters,
    members,
    people,
    servers,
    withdrawals,
)
from studyhub.cli.frame import Answer, Usage, common
from studyhub.config import NotConfigured
from studyhub.domain.errors import Busy, Corrupt, NotFound, StudyHubError, Throttled

DONE, FOUND_WRONG, USAGE, REFUSED, NO_SUCH_THING, BUSY, OUR_MISTAKE = 0, 1, 2, 3, 4, 5, 70
_MODULES = (
    *(instance, servers, people, members, consents, flow, withdrawals, letters),
    *(checks, certificates, backups),
)
INTERRUPTED = 130  # as shells say it: what was begun may be unfinished


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    os.umask(0o077)
    if words is None:
        sys.excepthook = our_mistake
    asked = _parser().parse_args(words)
    try:
        answer: Answer = asked.run(asked)
    except (StudyHubError, NotConfigured, Usage, OperationalError) as problem:
        sys.stderr.write(f"studyhub: {_in_words(problem)}\n")
        return code_of(problem)
    except KeyboardInterrupt:
        return INTERRUPTED
    told = json.dumps(answer.values, ensure_ascii=False) if asked.json else answer.text
    sys.stdout.write(told.rstrip("\n") + "\n")
    sys.stdout.flush()
    return FOUND_WRONG if answer.found_wrong else DONE


def code_of(problem: Exception) -> int:
    """The exit code that says what kind of problem it was."""
    if isinstance(problem, Usage):
        return USAGE
    if isinstance(problem, NotFound):
        return NO_SUCH_THING
    if isinstance(problem, Throttled | Busy | OperationalError):
        return BUSY
    return FOUND_WRONG if isinstance(problem, Corrupt) else REFUSED


def our_mistake(
    kind: type[BaseException], mistake: BaseException, at: TracebackType | None
) -> None:
    """Say where it broke, without the values it broke on, and end with 70."""
    traceback.print_exception(kind, mistake, at)
    sys.stderr.write("studyhub: this is a mistake of the program, not yours\n")
    raise SystemExit(OUR_MISTAKE)


def _in_words(problem: Exception) -> str:
    if isinstance(problem, OperationalError):
        # The driver's own words may hold the address of the database, with its password.
        return "the database does not answer, or is busy. Try again"
    return str(problem) or type(problem).__name__


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="studyhub", description="Set up, look at and check an installation of StudyHub."
    )
    common(parser)
    default = os.environ.get("STUDYHUB_INSTANCE", "instance")
    parser.set_defaults(instance=Path(default), json=False)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in _MODULES:
        module.add_commands(commands)
    return parser
