"""The house rules of tables: zones, words, triggers, and migrations that lead to the models."""

import importlib
import pkgutil
import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Text, inspect, text

import studyhub.store
from studyhub.domain.vocabulary import Zone
from studyhub.domain.words import SEVERAL, STUDY_MAY_ADD, WORDS
from studyhub.store import schema
from studyhub.store.db import Base
from studyhub.store.triggers import APPEND_ONLY, FROZEN, FUNCTIONS, TRIGGERS
from tests.engines import empty_sessions

for module in pkgutil.iter_modules(studyhub.store.__path__):
    importlib.import_module(f"studyhub.store.{module.name}")

TABLES = Base.metadata.tables
HEIGHT = {
    Zone.IDENTITY: 5,
    Zone.MATERIAL: 4,
    Zone.COURSE: 3,
    Zone.RESEARCH: 2,
    Zone.RECORD: 1,
}
REFERENCES = [
    (table.name, key.column.table.name)
    for table in TABLES.values()
    for key in table.foreign_keys
]


def zone(table):
    return TABLES[table].info["zone"]


# Zones


@pytest.mark.parametrize("table", TABLES)
def test_every_table_says_how_sensitive_it_is(table):
    assert isinstance(zone(table), Zone)


@pytest.mark.parametrize(("source", "target"), sorted(set(REFERENCES)))
def test_a_reference_never_points_to_a_more_sensitive_zone(source, target):
    assert HEIGHT[zone(target)] <= HEIGHT[zone(source)]


@pytest.mark.parametrize(("source", "target"), sorted(set(REFERENCES)))
def test_no_reference_joins_research_to_people(source, target):
    people = {Zone.IDENTITY, Zone.MATERIAL, Zone.COURSE}

    assert not (zone(source) in people and zone(target) is Zone.RESEARCH)
    assert not (zone(source) is Zone.RESEARCH and zone(target) in people)


def test_no_table_of_research_has_a_column_for_a_participant_or_an_interview():
    names = {
        column.name
        for table in TABLES.values()
        if table.info["zone"] is Zone.RESEARCH
        for column in table.columns
    }

    assert not {name for name in names if re.search("participant|interview|transcript", name)}


def test_sealed_columns_are_bytes_and_no_class_reaches_into_another_file():
    for mapper in Base.registry.mappers:
        assert not mapper.relationships, mapper.class_
        for column in mapper.local_table.columns:
            if column.name.endswith("_sealed"):
                assert column.type.python_type is bytes


# Words


def checks_of(engine):
    """Every CHECK of the live schema, without what the engines write differently."""
    inspector = inspect(engine)
    return {
        (table, check["name"]): check["sqltext"]
        for table in TABLES
        for check in inspector.get_check_constraints(table)
    }


def words_in(rule):
    return tuple(re.findall(r"'([^']*)'", rule))


def test_every_closed_column_has_a_check_with_exactly_its_words(sessions):
    checks = checks_of(sessions.engine)

    for key in (key for key in WORDS if "." in key and key not in SEVERAL):
        table, _, column = key.partition(".")
        expected = WORDS[key] + (("x_",) if key in STUDY_MAY_ADD else ())
        assert words_in(checks[table, f"ck_{table}_{column}"]) == expected


def test_every_check_of_words_is_in_the_list_of_words(sessions):
    others = {"events.act", "proposals.act"}

    for table, name in checks_of(sessions.engine):
        column = name.removeprefix(f"ck_{table}_")
        if column in TABLES[table].columns and f"{table}.{column}" not in others:
            assert f"{table}.{column}" in WORDS


def test_a_column_of_words_is_text_and_a_column_of_several_is_not():
    for key in (key for key in WORDS if "." in key):
        table, _, column = key.partition(".")
        assert isinstance(TABLES[table].columns[column].type, Text) is (key not in SEVERAL)


# Migrations


def test_the_migrations_lead_to_the_tables_of_the_models(sessions):
    with sessions.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_lead_to_the_checks_of_the_models(engine_kind, sessions):
    with empty_sessions(engine_kind) as made:
        Base.metadata.create_all(made.engine)
        assert checks_of(sessions.engine) == checks_of(made.engine)

    named = {
        (table.name, str(check.name))
        for table in TABLES.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert set(checks_of(sessions.engine)) >= named


def test_the_migrations_lead_to_the_indexes_of_the_models(engine_kind, sessions):
    def indexes(engine):
        if engine_kind == "sqlite":
            asked = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"
        else:
            asked = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        with engine.connect() as connection:
            return dict(map(tuple, connection.execute(text(asked))))

    with empty_sessions(engine_kind) as made:
        Base.metadata.create_all(made.engine)
        live = indexes(sessions.engine)
        live.pop("alembic_version_pkc", None)
        assert live == indexes(made.engine)


def test_there_is_one_line_of_migrations_and_each_makes_the_triggers_anew():
    script = ScriptDirectory(str(schema.MIGRATIONS))

    assert len(script.get_heads()) == 1
    for step in script.walk_revisions():
        lines = [
            line.strip()
            for line in step.module.__loader__.get_data(step.path).decode().splitlines()
            if line.strip()
        ]
        assert lines[-1] == "create_all_triggers(op.get_bind())", step.path
        assert "drop_all_triggers(op.get_bind())" in lines, step.path
        assert not hasattr(step.module, "downgrade"), step.path


def test_tables_whose_order_or_rows_must_not_be_seen_or_replaced_have_no_hidden_number():
    wanted = {"releases", *APPEND_ONLY, *FROZEN}

    without = {
        name
        for name, table in TABLES.items()
        if table.dialect_options["sqlite"]["with_rowid"] is False
    }

    assert without == wanted


def test_the_migrated_tables_have_no_hidden_number_either():
    with empty_sessions("sqlite") as made:
        schema.upgrade(made.engine)
        with made.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")
            )

            assert set(rows.scalars()) == {"releases", *APPEND_ONLY, *FROZEN}


# Triggers


def test_the_triggers_of_sqlite_are_those_of_the_list():
    with empty_sessions("sqlite") as made:
        schema.upgrade(made.engine)
        with made.engine.connect() as connection:
            live = connection.execute(
                text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()

    assert {tuple(row) for row in live} == {
        (trigger.name, trigger.table, trigger.sql) for trigger in TRIGGERS["sqlite"]
    }


def test_the_triggers_of_postgresql_are_those_of_the_list():
    asked = (
        "SELECT tgname, tgrelid::regclass::text, tgenabled::text, pg_get_triggerdef(oid) "
        "FROM pg_trigger WHERE NOT tgisinternal"
    )
    with empty_sessions("postgresql") as made:
        schema.upgrade(made.engine)
        with made.engine.connect() as connection:
            live = connection.execute(text(asked)).all()

    assert {tuple(row) for row in live} == {
        (trigger.name, trigger.table, "O", _as_kept(trigger.sql))
        for trigger in TRIGGERS["postgresql"]
    }


def _as_kept(statement):
    """PostgreSQL writes the events in an order of its own, and the schema before the table."""
    kept = re.sub(r" ON (\w+) ", r" ON public.\1 ", statement)
    return kept.replace("INSERT OR UPDATE OR DELETE", "INSERT OR DELETE OR UPDATE").replace(
        "BEFORE UPDATE OR DELETE", "BEFORE DELETE OR UPDATE"
    )


def test_the_trigger_functions_of_postgresql_are_those_of_the_list():
    with empty_sessions("postgresql") as made:
        schema.upgrade(made.engine)
        with made.engine.connect() as connection:
            asked = "SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'studyhub%'"
            live = connection.execute(text(asked)).all()

    assert dict(map(tuple, live)) == FUNCTIONS


@pytest.mark.parametrize("table", [*APPEND_ONLY, *FROZEN])
def test_the_list_of_triggers_knows_every_key_of_its_tables(sessions, table):
    inspector = inspect(sessions.engine)

    keys = {tuple(inspector.get_pk_constraint(table)["constrained_columns"])} | {
        tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(table)
    }

    assert keys == set({**APPEND_ONLY, **FROZEN}[table])
