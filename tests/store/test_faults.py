"""What the database cannot do now is an expected error, not our mistake."""

import sqlite3

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from studyhub.domain.errors import Busy, NoSpace
from studyhub.store.db import expected_faults, make_sessions
from tests.engines import fresh_url


def test_a_writer_that_waits_too_long_is_told_to_come_back():
    with fresh_url("sqlite") as url:
        first, second = make_sessions(url), make_sessions(url)
        with second.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=1")
        with first.writing.begin() as session:
            session.execute(text("SELECT 1"))
            with pytest.raises(Busy), expected_faults(), second.writing.begin() as waiting:
                waiting.execute(text("SELECT 1"))
        first.engine.dispose()
        second.engine.dispose()


def test_a_full_disk_is_no_space():
    with fresh_url("sqlite") as url:
        sessions = make_sessions(url)
        with sessions.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(NoSpace), expected_faults(), sessions.writing.begin() as session:
            session.execute(text("CREATE TABLE big AS SELECT zeroblob(100000) AS a"))
        sessions.engine.dispose()


def test_anything_else_stays_our_mistake():
    fault = OperationalError("x", {}, sqlite3.OperationalError("no such table: x"))
    with pytest.raises(OperationalError), expected_faults():
        raise fault
