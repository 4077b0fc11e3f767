"""What is wrong with schema, triggers, keys and record is found."""

from uuid import uuid4

import pytest
from sqlalchemy import text, update

from studyhub.store.keys import CompartmentKey, KeyGrant
from studyhub.store.users import Membership, Study
from studyhub.workflows import trail, worker
from studyhub.workflows.chains import open_chain
from studyhub.workflows.kernel import operator_desk, worker_desk
from tests.workflows.checking import changed, detail, wrong


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
