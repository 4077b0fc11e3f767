"""Begin an installation, finish a broken beginning, upgrade, and say what it is."""

import json
import sqlite3
from contextlib import closing

import pytest

from studyhub import config
from studyhub.cli import main
from studyhub.domain.permissions import permissions_page
from studyhub.domain.vocabulary import Act
from studyhub.store import schema
from tests.engines import empty_url, fresh_url


def test_an_installation_is_made_and_is_in_order(bare):
    made = bare.json("init")

    assert made.code == 0
    assert made.values == {"instance": str(bare.folder), "schema": schema.head()}
    assert bare.folder.stat().st_mode & 0o777 == 0o700
    loose = [path for path in bare.folder.rglob("*") if path.stat().st_mode & 0o077]
    assert {path.suffix for path in loose} <= {".pub"}
    assert bare.json("worker", "--once").values == {"done": 0, "failed": 0, "left": 0}
    checked = bare.json("doctor")
    assert checked.code == 0, checked.values
    assert bare.json("audit", "head", "instance").values["ok"]


def test_what_exists_is_left_as_it_is(small_shell):
    before = sorted(small_shell.folder.rglob("*"))

    for words in (["init"], ["init", "--demo"]):
        ran = small_shell.json(*words)
        assert ran.code == 3
        assert "already" in ran.err

    assert sorted(small_shell.folder.rglob("*")) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_it_begins_in_an_empty_database_of_either_engine(bare, kind):
    with empty_url(kind) as url:
        assert bare.json("init", "--database", url).code == 0
        assert bare.json("audit", "head", "instance").values["size"] == 1


def test_another_installations_database_is_refused(bare, shell, tmp_path):
    url = config.load(shell.folder).database

    ran = type(bare)(tmp_path / "other", bare.capture, bare.patch).json(
        "init", "--database", url
    )

    assert ran.code == 3


def test_an_interrupted_beginning_can_be_run_again(bare):
    config.create(bare.folder)
    assert bare.json("member", "list", "voices").code == 3

    assert bare.json("init").code == 0


def test_half_made_keys_are_named_to_be_deleted(bare):
    config.create(bare.folder)
    (bare.folder / "keys.new").mkdir()

    ran = bare.json("init")

    assert ran.code == 3
    assert "keys.new" in ran.err
    assert "delete" in ran.err


def test_a_beginning_of_another_kind_is_not_mixed(bare):
    config.create(bare.folder)

    assert bare.json("init", "--demo").code == 3


@pytest.mark.parametrize(
    ("bind", "loopback"), [("127.0.0.1:8123", True), ("0.0.0.0:8123", False)]
)
def test_beyond_loopback_cookies_are_secure(bare, bind, loopback):
    assert bare.json("init", "--bind", bind).code == 0

    settings = config.load(bare.folder)
    assert settings.insecure_loopback is loopback
    assert settings.public_url == f"http://{bind}"


def test_nothing_works_where_no_installation_is(bare):
    for words in (["doctor"], ["serve"], ["worker", "--once"], ["upgrade"]):
        ran = bare.json(*words)
        assert ran.code == 4
        assert "studyhub init" in ran.err


def test_a_loose_configuration_is_refused(small_shell):
    (small_shell.folder / "config.toml").chmod(0o644)

    ran = small_shell.json("member", "list", "voices")

    assert ran.code == 3
    assert "chmod" in ran.err


# -- upgrade ------------------------------------------------------------------------------


def test_the_newest_schema_stays(shell):
    newest = schema.head()

    assert shell.json("upgrade").values == {"from": newest, "to": newest, "backup": None}


def test_an_older_database_is_refused_until_it_was_upgraded(bare):
    with fresh_url("sqlite") as url:
        assert bare.json("init", "--database", url).code == 0
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = '0000'")
        for words in (["serve"], ["worker", "--once"], ["audit", "head", "instance"]):
            ran = bare.json(*words)
            assert ran.code == 3
            assert "studyhub upgrade" in ran.err


def test_an_upgrade_copies_the_database_first(bare):
    with empty_url("sqlite") as url:
        config.create(bare.folder, database=url)
        assert bare.json("init").code == 0
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
            connection.execute("PRAGMA foreign_keys = OFF")
            for (name,) in tables:
                connection.execute(f"DROP TABLE {name}")
            connection.commit()

        ran = bare.json("upgrade")

        assert ran.values["from"] is None
        assert ran.values["to"] == schema.head()
        copy = bare.folder / ran.values["backup"].rpartition("/")[2]
        assert copy.stat().st_mode & 0o777 == 0o600


def test_people_are_told_of_an_upgrade(small_shell):
    assert "newest" in small_shell.text("upgrade").out


# -- say what it is -------------------------------------------------------------------------


def test_the_policy_is_told_as_a_page_and_as_a_table(bare, tmp_path):
    told = bare.json("permissions").values["permissions"]

    assert [row["act"] for row in told] == [str(act) for act in Act]
    assert bare.text("permissions").out == permissions_page()
    page = tmp_path / "PERMISSIONS.md"
    assert bare.text("permissions", "--write", page).code == 0
    assert page.read_text() == permissions_page()


def test_program_schema_and_formats_have_versions(bare):
    told = bare.json("version").values

    assert told["schema"] == schema.head()
    assert told["formats"]["object"] == "SHO1"
    assert told["version"] in bare.text("version").out


def test_options_may_stand_before_and_after_the_command(small_shell, capsys):
    after = small_shell.text("member", "list", "voices", "--json")
    before = small_shell.text("--json", "member", "list", "voices")

    assert json.loads(after.out) == json.loads(before.out)


def test_the_folder_may_be_named_by_the_environment(small_shell, monkeypatch, capsys):
    monkeypatch.setenv("STUDYHUB_INSTANCE", str(small_shell.folder))

    assert main(["member", "list", "voices", "--json"]) == 0
