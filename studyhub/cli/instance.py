"""Commands about the installation itself: begin it, upgrade it, say what it is."""

import argparse
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from studyhub import config
from studyhub.cli.frame import Answer, Commands, add, opened_as_it_is
from studyhub.config import Settings, is_loopback
from studyhub.domain.errors import WrongState
from studyhub.domain.permissions import permissions_page
from studyhub.domain.policy import POLICY
from studyhub.domain.vocabulary import INSTANCE, Act
from studyhub.hub import make_hub, server_time
from studyhub.store import schema
from studyhub.vault.keys import make_key_files
from studyhub.workflows import demonstration
from studyhub.workflows.chains import open_chain
from studyhub.workflows.demonstration_stage import PastWeeks
from studyhub.workflows.kernel import Hub, operator_desk
from studyhub.workflows.record import newest

FORMATS = {"object": "SHO1", "audit": 1, "sealed": 1, "suite": 1}


def add_commands(commands: Commands) -> None:
    """Add ``init``, ``upgrade``, ``permissions`` and ``version``."""
    parser = add(commands, "init", "Make a new installation in an empty folder.", init)
    parser.add_argument("--demo", action="store_true", help="with a fictional study and team")
    parser.add_argument("--database", metavar="URL", help="PostgreSQL instead of a file")
    parser.add_argument("--bind", metavar="HOST:PORT")
    parser.add_argument("--public-url", metavar="URL", help="how people reach it")
    parser.add_argument("--mail-from", metavar="ADDRESS")
    add(commands, "upgrade", "Bring the database to the schema of this program.", upgrade)
    parser = add(commands, "permissions", "Show who may do what.", permissions)
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there")
    add(commands, "version", "Say which program, schema and formats these are.", tell_version)


# -- begin ------------------------------------------------------------------------


def init(asked: argparse.Namespace) -> Answer:
    """Make an installation; one that was interrupted is finished."""
    settings = _settings(asked)
    if not settings.keys.exists():
        make_key_files(settings.keys)
    clock = PastWeeks(server_time()) if settings.demonstration else server_time
    hub = make_hub(settings, clock)
    try:
        _refuse_finished(hub)
        if settings.demonstration != asked.demo:
            raise WrongState(
                f"{asked.instance} was begun otherwise: empty it but for README.md"
            )
        _, newest_schema = schema.upgrade(hub.sessions.engine)
        hub.keystore.create()
        open_chain(operator_desk(hub), demonstration=settings.demonstration)
        values: dict[str, Any] = {"instance": str(settings.instance), "schema": newest_schema}
        if isinstance(clock, PastWeeks):
            values["demo"] = demonstration.fill(hub, clock)
    finally:
        hub.sessions.engine.dispose()
    return Answer(values, _welcome(settings))


def _settings(asked: argparse.Namespace) -> Settings:
    """The settings of a new installation, or of one that was begun and not finished."""
    if (asked.instance / "config.toml").exists():
        return config.load(asked.instance)
    loopback = asked.bind is None or is_loopback(asked.bind)
    public_url = asked.public_url or (f"http://{asked.bind}" if asked.bind else None)
    return config.create(
        asked.instance,
        demonstration=asked.demo,
        database=asked.database,
        bind=asked.bind,
        public_url=public_url,
        mail_from=asked.mail_from,
        insecure_loopback=loopback,
    )


def _refuse_finished(hub: Hub) -> None:
    """A chain that is open means that everything before it was done."""
    if schema.current(hub.sessions.engine) is None:
        return
    with hub.sessions.reading.begin() as session:
        if newest(session, INSTANCE) is None:
            return
    folder = hub.settings.instance
    if hub.settings.demonstration and not demonstration.sign_ins_file(hub.settings).exists():
        raise WrongState(
            f"the demonstration in {folder} was not finished."
            " Delete everything there but README.md, then run this again"
        )
    raise WrongState(f"{folder} is an installation already. It was left as it is")


def _welcome(settings: Settings) -> str:
    if settings.demonstration:
        return f"The demonstration is ready.\n{demonstration.sign_ins_text(settings)}"
    return (
        f"The installation in {settings.instance} is ready.\n"
        f"Next: studyhub user add LOGIN --name NAME --email ADDRESS, then studyhub serve.\n"
        f"Keep {settings.keys / 'backup'} on another machine: it opens the backups."
    )


# -- upgrade ----------------------------------------------------------------------


def upgrade(asked: argparse.Namespace) -> Answer:
    """Take the missing steps, after a copy of the database file."""
    with opened_as_it_is(asked) as hub:
        before, after = schema.current(hub.sessions.engine), schema.head()
        backup = _copy(hub, before) if before != after else None
        schema.upgrade(hub.sessions.engine)
    values = {"from": before, "to": after, "backup": str(backup) if backup else None}
    told = f"The schema was {before} and is {after}."
    if before != after and backup is None:
        told += " PostgreSQL makes its own backups: none was made here."
    return Answer(values, told if before != after else f"The schema is the newest, {after}.")


def _copy(hub: Hub, before: str | None) -> Path | None:
    """A copy of an SQLite database beside it. What is in it is sealed as it was."""
    database = make_url(hub.settings.database)
    if database.get_backend_name() != "sqlite" or not database.database:
        return None
    stamp = hub.now().strftime("%Y%m%dT%H%M%SZ")
    copy = hub.settings.instance / f"before-{before}-{stamp}.sqlite3"
    with (
        closing(sqlite3.connect(database.database)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    copy.chmod(0o600)
    return copy


# -- say what it is ---------------------------------------------------------------


def permissions(asked: argparse.Namespace) -> Answer:
    """The policy table: as the page of the project, or as JSON."""
    page = permissions_page()
    if asked.write is not None:
        asked.write.write_text(page)
        page = f"Written to {asked.write}."
    acts = [
        {
            "act": str(act),
            "says": POLICY[act].says,
            "roles": sorted(POLICY[act].roles),
            "opens": sorted(POLICY[act].opens),
            "only_if": [test.__name__ for test in POLICY[act].only_if],
            "traced": POLICY[act].traced,
            "asks_password": bool(POLICY[act].asks_password),
        }
        for act in Act
    ]
    return Answer({"permissions": acts}, page)


def tell_version(_asked: argparse.Namespace) -> Answer:
    """The program, the schema it knows, and the formats it writes."""
    program = version("studyhub")
    values = {"version": program, "schema": schema.head(), "formats": FORMATS}
    return Answer(values, f"StudyHub {program}, schema {schema.head()}")
