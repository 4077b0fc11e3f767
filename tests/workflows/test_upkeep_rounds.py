"""Files are checked and swept; the worker signs, counts and goes on."""

import fcntl
import json
import os
import threading
import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.keys import DataKeyGrant, SealedObject
from studyhub.workflows import mailroom, trail, upkeep, worker
from tests.processes import keep_object
from tests.store import rows
from tests.workflows.checking import detail, fresh_keys, wrong


# Objects
@pytest.fixture
def kept(study):
    """The file of an object that is in order."""
    name = keep_object(study.hub, study.id, length=100_000)
    assert wrong(study.hub, full=True) == {}
    return study.hub.settings.objects / name[:2] / f"{name}.sho"


def test_a_row_without_its_file_is_an_alarm(study, kept):
    kept.unlink()

    assert kept.stem in wrong(study.hub)["objects"]


def test_a_file_that_was_changed_is_found(study, kept):
    content = bytearray(kept.read_bytes())
    content[-1] ^= 1
    kept.chmod(0o600)
    kept.write_bytes(content)

    assert kept.stem in wrong(study.hub, full=True)["objects"]


def test_a_file_without_a_row_is_listed_and_never_removed(study, kept):
    with study.hub.sessions.writing.begin() as session:
        session.delete(session.scalars(select(SealedObject)).one())

    upkeep.sweep(study.hub)

    assert wrong(study.hub) == {}
    assert kept.stem in detail(study.hub, "objects")
    assert kept.exists()


def test_an_object_that_was_disposed_of_needs_no_file(study, kept):
    kept.unlink()
    with study.hub.sessions.writing.begin() as session:
        session.scalars(select(SealedObject)).one().gone_at = study.clock.at

    assert wrong(study.hub) == {}


def part(study, hours):
    path = study.hub.settings.tmp / f"{uuid4()}.part"
    path.touch(0o600)
    at = (study.clock.at - timedelta(hours=hours)).timestamp()
    os.utime(path, (at, at))
    return path


def test_the_sweep_removes_uploads_of_which_nothing_changed_for_a_day(study):
    old, young = part(study, hours=25), part(study, hours=23)
    before = detail(study.hub, "unfinished uploads")

    removed = upkeep.sweep(study.hub)

    assert before == "1 to sweep"
    assert (removed, old.exists(), young.exists()) == (1, False, True)
    assert upkeep.sweep(study.hub) == 0


def test_the_sweep_leaves_an_upload_that_has_not_expired(study):
    old = part(study, hours=25)
    with study.hub.sessions.writing.begin() as session:
        row = rows.add(session, "sealed_objects", id=UUID(old.stem))
        ends = study.clock.at + timedelta(hours=1)
        rows.add(session, "uploads", object_id=row.id, expires_at=ends, state="receiving")

    before = upkeep.sweep(study.hub)
    study.clock.advance(hours=1)

    assert (before, upkeep.sweep(study.hub)) == (0, 1)


def test_the_sweep_leaves_an_upload_that_somebody_goes_on_with(study):
    old = part(study, hours=25)

    with old.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        removed = upkeep.sweep(study.hub)

    assert (removed, old.exists()) == (0, True)


# What else is cleared away
def test_the_sweep_forgets_sittings_that_lapsed_long_ago(study):
    upkeep.sweep(study.hub)
    study.cookie("rita")
    before = upkeep.sweep(study.hub)
    study.clock.advance(days=2)

    assert before == 0
    assert upkeep.sweep(study.hub) > 0


def test_a_grant_is_deleted_when_its_end_has_passed(study):
    grants = select(func.count()).select_from(DataKeyGrant)
    with study.hub.sessions.writing.begin() as session:
        session.scalars(select(DataKeyGrant)).first().ends_at = study.clock.at + timedelta(
            days=1
        )
        count = session.scalar(grants)

    before = upkeep.expire_grants(study.hub)
    study.clock.advance(days=1)
    after = upkeep.expire_grants(study.hub)

    with study.hub.sessions.reading.begin() as session:
        assert session.scalar(grants) == count - 1
    assert (before, after) == (0, 1)


# The worker
def test_a_head_is_signed_after_a_quarter_of_an_hour(study):
    worker.sign_heads(study.hub)
    trail.read_lines(study.ada)
    before = worker.sign_heads(study.hub)
    study.clock.advance(minutes=15)

    assert (before, worker.sign_heads(study.hub)) == (0, 2)
    assert study.last_event().act == "audit.head"


def test_a_head_is_signed_after_a_hundred_lines(study):
    ada = study.ada
    study.clock.advance(minutes=20)
    worker.sign_heads(study.hub)
    for _ in range(98):
        trail.read_lines(ada)

    too_early = worker.sign_heads(study.hub)
    trail.read_lines(ada)
    signed = worker.sign_heads(study.hub)

    assert (too_early, signed) == (0, 1)
    assert trail.check_health(ada).unsigned == 1


def test_nothing_is_signed_when_nothing_was_added(study):
    study.clock.advance(minutes=20)
    worker.sign_heads(study.hub)
    study.clock.advance(days=3)

    assert worker.sign_heads(study.hub) == 0


def test_what_strangers_try_becomes_one_event_an_hour_and_kind(study):
    hub = study.hub
    worker.count_attempts(hub)
    for kind in ("sign_in", "sign_in", "link"):
        hub.counters.count(kind, study.clock.at)
    before = study.events(INSTANCE)

    too_early = worker.count_attempts(hub)
    study.clock.advance(hours=1)
    told = worker.count_attempts(hub)

    assert (too_early, told, worker.count_attempts(hub)) == (0, 2, 0)
    assert study.events(INSTANCE) - before == 2
    assert json.loads(study.last_event(INSTANCE).line)["facts"] == {
        "kind": "sign_in",
        "count": 2,
        "to": "2026-03-02T09:00:00.000000Z",
    }


def test_the_worker_stops_when_it_is_told_to_and_signs_before_it_goes(study, monkeypatch):
    monkeypatch.setattr(worker, "PAUSE", 0)
    ada = study.ada
    trail.read_lines(ada)
    stop = threading.Event()
    rounds = []
    working = replace(study.hub, now=lambda: rounds.append(1) or study.clock.at)
    threading.Timer(0.2, stop.set).start()

    worker.work_forever(working, stop)

    assert rounds
    assert trail.check_health(ada).unsigned == 1
    assert mailroom.run_once(study.hub) == mailroom.Done(0, 0, 0)


def test_a_round_that_fails_does_not_end_the_worker(study, monkeypatch, caplog):
    monkeypatch.setattr(worker, "PAUSE", 0)
    study.clock.advance(minutes=20)
    key, away = study.hub.settings.keys / "log", study.hub.settings.keys / "log.away"
    key.rename(away)
    stop = threading.Event()

    def mend():
        while "ended early" not in caplog.text:
            time.sleep(0.01)
        away.rename(key)
        stop.set()

    threading.Thread(target=mend).start()
    worker.work_forever(fresh_keys(study.hub), stop)

    assert trail.check_health(study.ada).ok
