"""Look whether anything planted lies in clear, wherever the study could have left it."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests import engines
from tests.founding.people import canaries
from tests.founding.stage import Scene
from tests.web.watching import clear

TOKEN = re.compile(rb"/[lo]/([\w-]{43})")
AT_LEAST = 30


def assert_nothing_in_clear(scene: Scene) -> None:
    """No name, no word, no sound and no link: in no file, no log, no page of the database."""
    planted = (*canaries(), *links_sent(scene))
    assert len(set(canaries())) >= AT_LEAST
    assert list(clear(scene.server, (b"SQLite format 3",), {}))  # the keystore, at least
    found = list(clear(scene.server, planted, {}))
    for path in files_of_postgresql(scene):
        content = path.read_bytes()
        found += [(path, each) for each in planted if each in content]
    assert found == []


def links_sent(scene: Scene) -> set[bytes]:
    """The token of every link that anybody was sent."""
    return {token for one in scene.mail.taken for token in TOKEN.findall(one.raw)}


def files_of_postgresql(scene: Scene) -> Iterator[Path]:
    """The pages of this database and the journal of the server, once all is written out."""
    url = make_url(scene.study.hub.settings.database)
    if url.get_backend_name() != "postgresql":
        return
    server = engines._server()
    assert server.data, "the pages of a server elsewhere cannot be looked at"
    chief = {"host": str(server.data.parent), "user": "postgres", "dbname": url.database}
    with psycopg.connect(**chief, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        asked = "SELECT oid FROM pg_database WHERE datname = %s"
        row = connection.execute(asked, [url.database]).fetchone()
    assert row
    for folder in (server.data / "base" / str(row[0]), server.data / "pg_wal"):
        yield from (path for path in folder.rglob("*") if path.is_file())
    yield server.data.parent / "log"
