"""Exit codes, secrets, and what is never printed."""

import subprocess
import sys

import pytest
from sqlalchemy.exc import OperationalError

from studyhub import cli
from studyhub.cli import frame, instance
from studyhub.cli.frame import Usage
from studyhub.config import NotConfigured
from studyhub.domain import errors
from tests.makers import password_of


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (errors.Corrupt("x"), 1),
        (Usage("x"), 2),
        (errors.Invalid({"slug": "x"}), 3),
        (errors.NotPermitted("x"), 3),
        (errors.Hidden("x"), 3),
        (errors.WrongState("x"), 3),
        (errors.PasswordNeeded("x"), 3),
        (NotConfigured("x"), 3),
        (errors.NotFound("x"), 4),
        (errors.Busy("x"), 5),
        (errors.Throttled(30), 5),
        (OperationalError("SELECT 1", {}, Exception("x")), 5),
    ],
)
def test_each_kind_of_refusal_has_its_exit_code(problem, code):
    assert cli.code_of(problem) == code


def test_a_mistake_of_ours_ends_with_70():
    program = (
        "import sys; from studyhub.cli import our_mistake; sys.excepthook = our_mistake; 1 / 0"
    )

    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], capture_output=True, check=False
    )

    assert ran.returncode == 70
    assert b"ZeroDivisionError" in ran.stderr
    assert ran.stdout == b""


def test_a_database_that_does_not_answer_is_said_without_its_address(small_shell):
    config = small_shell.folder / "config.toml"
    url = "postgresql+psycopg://somebody:hidden@127.0.0.1:9/none"
    config.write_text(f'database = "{url}"\n{config.read_text()}')

    ran = small_shell.json("member", "list", "voices")

    assert ran.code == 5
    assert "hidden" not in ran.err


def test_the_program_runs_by_its_module_and_makes_private_files(tmp_path):
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "studyhub", "--instance", tmp_path / "new", "--json", "init"],
        capture_output=True,
        text=True,
        umask=0o022,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "new" / "studyhub.sqlite3").stat().st_mode & 0o077 == 0


def test_nothing_named_is_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2


def test_a_secret_is_asked_for_at_a_terminal(small_shell, monkeypatch):
    asked = []

    class Terminal:
        @staticmethod
        def isatty():
            return True

    def answer(prompt):
        asked.append(prompt)
        return password_of("ann")

    monkeypatch.setattr(frame.sys, "stdin", Terminal())
    monkeypatch.setattr(frame, "getpass", answer)

    assert cli.main(["--instance", str(small_shell.folder), "keys", "open", "--as", "ann"]) == 0
    assert asked == ["Password of ann: "]


def test_what_was_interrupted_is_not_called_done(monkeypatch, tmp_path):
    def interrupt(_settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(instance, "make_key_files", interrupt)

    assert cli.main(["--instance", str(tmp_path / "new"), "init"]) == 130
