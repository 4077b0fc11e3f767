import fcntl
import json
import os
import threading
import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text, update

from studyhub.app import readiness
from studyhub.domain.vocabulary import INSTANCE
from studyhub.store.keys import CompartmentKey, DataKeyGrant, KeyGrant, SealedObject
from studyhub.store.triggers import APPEND_ONLY, drop_all_triggers
from studyhub.store.users import Membership, Study
from studyhub.vault.shred import Keystore
from studyhub.workflows import inspect_files, mailroom, trail, upkeep, worker
from studyhub.workflows.chains import open_chain
from studyhub.workflows.kernel import Hub, operator_desk, worker_desk
from tests.processes import keep_object
from tests.store import rows


def settled(hub: Hub, **changes) -> Hub:
    return replace(hub, settings=replace(hub.settings, **changes))


def wrong(hub: Hub, *, full: bool = False) -> dict[str, str]:
    """What is not in order, by the name of the check."""
    return {check.name: check.detail for check in upkeep.checks(hub, full=full) if not check.ok}


def detail(hub: Hub, name: str) -> str:
    return next(check.detail for check in upkeep.checks(hub) if check.name == name)


def changed(hub: Hub, statement, **values) -> None:
    """Somebody with the database's password and without its triggers."""
    with hub.sessions.writing.begin() as session:
        drop_all_triggers(session.connection())
        if session.get_bind().dialect.name == "postgresql":
            tables = ", ".join(APPEND_ONLY)
            session.execute(text(f"GRANT UPDATE, DELETE, TRUNCATE ON {tables} TO CURRENT_USER"))
        if isinstance(statement, str):
            statement = text(statement)
        session.execute(statement, values)


def test_a_study_with_its_team_is_in_order(study):
    found = upkeep.checks(study.hub, full=True)

    assert [check for check in found if not check.ok] == []
    assert all(check.detail for check in found)


# Files


def test_a_settings_file_open_to_others_is_found(study):
    study.hub.settings.config.chmod(0o644)

    assert wrong(study.hub).keys() == {"settings", "file modes"}


@pytest.mark.parametrize("name", ["keystore.db", "sessions.db", "outbox", "objects"])
def test_whatever_is_open_to_others_is_found(study, name):
    path = study.hub.settings.instance / name
    path.chmod(path.stat().st_mode | 0o040)

    assert str(path) in wrong(study.hub)["file modes"]


@pytest.mark.parametrize("name", ["pepper", "server", "log", "mailer.pub", "backup.pub"])
def test_a_key_file_that_is_gone_is_found(study, name):
    (study.hub.settings.keys / name).unlink()

    assert "key files" in wrong(fresh_keys(study.hub))


@pytest.mark.parametrize("name", ["log.pub", "mailer.pub"])
def test_halves_of_a_key_that_do_not_fit_are_found(study, name):
    path = study.hub.settings.keys / name
    path.chmod(0o644)
    path.write_bytes(os.urandom(32))

    assert name in wrong(fresh_keys(study.hub))["key files"]


def fresh_keys(hub):
    return replace(hub, key_files=type(hub.key_files)(hub.settings.keys))


def test_the_backup_key_is_warned_of_until_it_is_moved_away(study):
    before = detail(study.hub, "backup key")
    (study.hub.settings.keys / "backup").unlink()

    assert before.startswith("warning")
    assert detail(study.hub, "backup key") == "kept elsewhere"


def test_too_little_room_is_found(study):
    assert "free space" in wrong(settled(study.hub, free_space_floor=2**60))


@pytest.mark.parametrize("name", ["objects", "tmp"])
def test_a_full_disk_under_one_of_the_folders_is_found(study, name):
    folder = study.hub.settings.instance / name
    folder.rmdir()
    folder.symlink_to("/proc")  # where nothing is ever free

    assert "only 0 MB are free" in wrong(study.hub)["free space"]
    assert not readiness(study.hub)["free_space"]


def test_letters_in_clear_belong_to_a_demonstration_on_loopback(study):
    mailroom.run_once(study.hub)

    assert wrong(study.hub) == {}
    assert wrong(settled(study.hub, insecure_loopback=False)).keys() == {"mail"}
    assert wrong(settled(study.hub, smtp_url="smtp://127.0.0.1")).keys() == {"mail"}


def test_it_is_told_when_the_worker_was_last_seen(study):
    before = detail(study.hub, "worker")
    worker.mark_seen(study.hub)

    assert before.startswith("warning")
    assert inspect_files.last_seen(study.hub) == study.clock.at
    assert "seen 2026-03-02 09:00" in detail(study.hub, "worker")


# Keystore and ledger


def test_a_keystore_that_does_not_know_a_data_key_is_found(study):
    other = Keystore(study.hub.settings.instance / "other.db")
    other.create()

    found = wrong(replace(study.hub, keystore=other))

    assert {"keystore", "letters waiting"} <= found.keys()


def test_a_keystore_that_is_gone_is_found(study):
    study.hub.settings.keystore.unlink()

    assert "keystore" in wrong(study.hub)


def test_destroyed_keys_that_came_back_with_an_old_keystore_are_found(study):
    image = study.hub.keystore.image()
    mailroom.run_once(study.hub)
    old = Keystore(study.hub.settings.instance / "old.db")
    old.restore(image)

    assert wrong(replace(study.hub, keystore=old)).keys() == {"ledger"}


def test_a_ledger_that_was_changed_is_found(study):
    mailroom.run_once(study.hub)
    path = study.hub.settings.erasure_ledger
    first, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(rest)

    assert first
    assert "ledger" in wrong(study.hub)


# Database


def test_an_old_schema_is_found(study):
    changed(study.hub, "UPDATE alembic_version SET version_num = '0000'")

    assert "studyhub upgrade" in wrong(study.hub)["schema"]


def test_triggers_that_are_gone_are_found(study):
    changed(study.hub, "SELECT 1")

    assert wrong(study.hub).keys() == {"triggers"}


def test_a_trigger_switched_off_or_emptied_is_found(study):
    if study.hub.sessions.engine.dialect.name == "postgresql":
        statement = "ALTER TABLE events DISABLE TRIGGER events_no_change"
    else:
        statement = "DROP TRIGGER events_no_update"
    with study.hub.sessions.writing.begin() as session:
        session.execute(text(statement))

    assert "events_no" in wrong(study.hub)["triggers"]


def test_a_trigger_nobody_listed_is_found(study):
    if study.hub.sessions.engine.dialect.name == "postgresql":
        quiet = (
            "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER quiet BEFORE INSERT ON letters"
            " FOR EACH ROW EXECUTE FUNCTION quiet()",
        )
    else:
        quiet = (
            "CREATE TRIGGER quiet BEFORE INSERT ON letters BEGIN SELECT RAISE(IGNORE); END",
        )
    with study.hub.sessions.writing.begin() as session:
        for statement in quiet:
            session.execute(text(statement))

    assert "quiet" in wrong(study.hub)["triggers"]


def test_a_reference_into_nothing_is_found(study):
    engine = study.hub.sessions.engine
    if engine.dialect.name == "postgresql":
        statements = (
            "ALTER TABLE letters ADD CONSTRAINT loose FOREIGN KEY (user_id)"
            " REFERENCES users (id) NOT VALID",
        )
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    else:
        raw = engine.raw_connection()
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("UPDATE letters SET user_id = ?", (uuid4().hex,))
        raw.execute("PRAGMA foreign_keys=ON")
        raw.close()

    assert "references" in wrong(study.hub, full=True)


# Signatures


@pytest.mark.parametrize(
    "statement",
    [
        update(CompartmentKey).values(public_key=bytes(32)),
        update(KeyGrant).values(wrapped=bytes(81)),
        update(Membership).where(Membership.certified_by.is_not(None)).values(role="pi"),
        update(Membership).values(certificate=None),
        update(Study).values(root_public_key=bytes(32)),
    ],
)
def test_a_key_that_somebody_put_into_the_database_is_found(study, statement):
    with study.hub.sessions.writing.begin() as session:
        session.execute(statement)

    assert "study voices" in wrong(study.hub)["signatures"]


def test_a_study_whose_root_is_not_configured_is_found(study):
    path = study.hub.settings.config
    path.write_text(path.read_text().replace(str(study.id), str(uuid4())))

    assert "configuration" in wrong(study.hub)["signatures"]


# The record


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET line = replace(CAST(line AS text), 'done', 'gone')",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events WHERE seq > 3",
        "UPDATE heads SET signature = digest",
        "UPDATE heads SET size = size + 1",
        "DELETE FROM events",
    ],
)
def test_a_record_that_was_changed_is_found(study, statement):
    if study.hub.sessions.engine.dialect.name == "postgresql":
        edit = "UPDATE events SET line = overlay(line placing '\\x58'::bytea from 9)"
    else:
        edit = "UPDATE events SET line = CAST(replace(line, 'done', 'gone') AS BLOB)"
    changed(study.hub, edit if "replace" in statement else statement)

    assert "chains" in wrong(study.hub)


def test_a_record_that_nobody_signs_is_found_after_a_day(study):
    trail.read_lines(study.ada)
    study.clock.advance(hours=25)
    without_worker = detail(study.hub, "heads")
    worker.mark_seen(study.hub)
    before = wrong(study.hub)
    worker.work_once(study.hub)

    assert without_worker.startswith("warning")
    assert before.keys() == {"heads"}
    assert wrong(study.hub) == {}


def test_a_chain_that_was_only_opened_is_listed(study):
    lost = uuid4()
    open_chain(operator_desk(study.hub, lost), demonstration=False)

    assert wrong(study.hub) == {}
    assert str(lost) in detail(study.hub, "studies")


def test_a_chain_of_a_study_that_is_gone_is_found(study):
    lost = uuid4()
    open_chain(operator_desk(study.hub, lost), demonstration=False)
    trail.sign_head(worker_desk(study.hub, lost))

    assert str(lost) in wrong(study.hub)["studies"]


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
