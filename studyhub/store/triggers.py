"""The one list of triggers: rows that are only ever added, and texts frozen once approved.

SQLite needs two more than PostgreSQL: ``INSERT OR REPLACE`` and ``UPDATE OR REPLACE`` remove
the row in the way without firing a delete trigger, so a row with a key that exists is refused
for every key of the table. There PostgreSQL's own unique keys are enough, but it has TRUNCATE.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

Keys = tuple[tuple[str, ...], ...]

# Rows are added and never changed. With each table: everything unique in it.
APPEND_ONLY: dict[str, Keys] = {
    "consents": (("id",), ("participant_id", "seq"), ("supersedes_id",)),
    "decisions": (("consent_id", "statement_id"),),
    "consent_events": (("id",),),
    "withdrawals": (("id",), ("reference",)),
    "withdrawal_steps": (("id",),),
    "gate_answers": (("id",),),
    "events": (("chain", "seq"),),
    "heads": (("chain", "size"),),
}

# Rows are frozen once the version of the document leaves draft and review.
FROZEN: dict[str, Keys] = {
    "document_versions": (("id",), ("document_id", "major", "minor")),
    "statements": (("id",), ("version_id", "code")),
}

_FROZEN_COLUMNS = (
    *("id", "document_id", "major", "minor", "author_id", "body", "body_hash", "file_id"),
    *("approved_by", "reconsent", "deadline_rule"),
)
# PostgreSQL cannot compare JSON, but its text.
_AS_TEXT = {"deadline_rule": "::text"}
_OPEN = "('draft', 'submitted')"


@dataclass(frozen=True)
class Trigger:
    """One trigger, exactly as it is sent and, on SQLite, as it is kept."""

    name: str
    table: str
    sql: str


def _same(keys: Keys) -> str:
    return " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys
    )


def _exists(table: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {table} WHERE {condition})"  # noqa: S608 - our own names


def _sqlite(table: str, name: str, when: str, condition: str, refusal: str) -> Trigger:
    guard = f" WHEN {condition}" if condition else ""
    return Trigger(
        f"{table}_{name}",
        table,
        f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table}{guard} "
        f"BEGIN SELECT RAISE(ABORT, '{table} {refusal}'); END",
    )


def _sqlite_append_only(table: str, keys: Keys) -> list[Trigger]:
    exists = _exists(table, _same(keys))
    refusal = "is append-only"
    return [
        _sqlite(table, "no_update", "UPDATE", "", refusal),
        _sqlite(table, "no_delete", "DELETE", "", refusal),
        _sqlite(table, "no_replace", "INSERT", exists, refusal),
    ]


def _sqlite_keys_kept(table: str, in_the_way: str) -> list[Trigger]:
    exists = _exists(table, in_the_way)
    other = _exists(table, f"id <> OLD.id AND ({in_the_way})")
    refusal = "replaces no row"
    return [
        _sqlite(table, "no_replace", "INSERT", exists, refusal),
        _sqlite(table, "no_replace_by_update", "UPDATE", other, refusal),
    ]


def _sqlite_versions() -> list[Trigger]:
    table = "document_versions"
    left = f"OLD.state NOT IN {_OPEN}"
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in _FROZEN_COLUMNS)
    # The index "one effective" is a unique key too.
    in_the_way = (
        f"{_same(FROZEN[table])} OR "
        "(NEW.state = 'effective' AND state = 'effective' AND document_id = NEW.document_id)"
    )
    return [
        _sqlite(
            table,
            "frozen",
            "UPDATE",
            f"{left} AND (NEW.state IN {_OPEN} OR {changed})",
            "is frozen",
        ),
        _sqlite(table, "no_delete", "DELETE", left, "is frozen"),
        *_sqlite_keys_kept(table, in_the_way),
    ]


def _sqlite_statements() -> list[Trigger]:
    table = "statements"

    def frozen(rows: str) -> str:
        return _exists("document_versions", f"id IN ({rows}) AND state NOT IN {_OPEN}")

    refusal = "is frozen with its version"
    return [
        _sqlite(table, "no_insert", "INSERT", frozen("NEW.version_id"), refusal),
        _sqlite(
            table, "no_update", "UPDATE", frozen("OLD.version_id, NEW.version_id"), refusal
        ),
        _sqlite(table, "no_delete", "DELETE", frozen("OLD.version_id"), refusal),
        *_sqlite_keys_kept(table, _same(FROZEN[table])),
    ]


SQLITE: tuple[Trigger, ...] = (
    *(one for table, keys in APPEND_ONLY.items() for one in _sqlite_append_only(table, keys)),
    *_sqlite_versions(),
    *_sqlite_statements(),
)

_REFUSE = "ERRCODE = 'integrity_constraint_violation'"
_CHANGED = " OR ".join(
    f"NEW.{column}{cast} IS DISTINCT FROM OLD.{column}{cast}"
    for column in _FROZEN_COLUMNS
    for cast in [_AS_TEXT.get(column, "")]
)

_VERSION_FROZEN = _exists(
    "document_versions AS version",
    f"version.state NOT IN {_OPEN}"
    " AND ((TG_OP <> 'INSERT' AND version.id = OLD.version_id)"
    " OR (TG_OP <> 'DELETE' AND version.id = NEW.version_id))",
)

# Name and body of each trigger function on PostgreSQL.
FUNCTIONS: dict[str, str] = {
    "studyhub_append_only": f"""
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only', {_REFUSE};
END""",
    "studyhub_frozen_version": f"""
BEGIN
  IF OLD.state NOT IN {_OPEN} THEN
    IF TG_OP = 'DELETE' OR NEW.state IN {_OPEN} OR {_CHANGED} THEN
      RAISE EXCEPTION 'document_versions is frozen' USING {_REFUSE};
    END IF;
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END""",
    "studyhub_frozen_statement": f"""
BEGIN
  IF {_VERSION_FROZEN} THEN
    RAISE EXCEPTION 'statements is frozen with its version' USING {_REFUSE};
  END IF;
  IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
  RETURN NEW;
END""",
}


def _postgresql(table: str, name: str, when: str, function: str) -> Trigger:
    each = "STATEMENT" if when == "TRUNCATE" else "ROW"
    return Trigger(
        f"{table}_{name}",
        table,
        f"CREATE TRIGGER {table}_{name} BEFORE {when} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION {function}()",
    )


POSTGRESQL: tuple[Trigger, ...] = (
    *(
        _postgresql(table, "no_change", "UPDATE OR DELETE", "studyhub_append_only")
        for table in APPEND_ONLY
    ),
    *(
        _postgresql(table, "no_truncate", "TRUNCATE", "studyhub_append_only")
        for table in (*APPEND_ONLY, *FROZEN)
    ),
    _postgresql("document_versions", "frozen", "UPDATE OR DELETE", "studyhub_frozen_version"),
    _postgresql(
        "statements", "frozen", "INSERT OR UPDATE OR DELETE", "studyhub_frozen_statement"
    ),
)

TRIGGERS: dict[str, tuple[Trigger, ...]] = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def create_all_triggers(connection: Connection) -> None:
    """Replace all triggers by those of the list. Every migration ends with this."""
    drop_all_triggers(connection)
    tables = set(connection.dialect.get_table_names(connection))
    if connection.dialect.name == "postgresql":
        _create_functions(connection)
        _take_rights_away(connection, tables)
    for trigger in TRIGGERS[connection.dialect.name]:
        if trigger.table in tables:  # an early migration does not know the later tables
            connection.exec_driver_sql(trigger.sql)


def drop_all_triggers(connection: Connection) -> None:
    """Every migration begins with this: SQLite cannot rebuild a table that a trigger reads."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(
            text("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        ).all()
        for name, _ in found:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    found = connection.execute(
        text(
            "SELECT tgname, tgrelid::regclass::text FROM pg_trigger "
            "JOIN pg_proc ON pg_proc.oid = tgfoid "
            "WHERE NOT tgisinternal AND starts_with(proname, 'studyhub_')"
        )
    ).all()
    for name, table in found:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON {table}')


def _create_functions(connection: Connection) -> None:
    for name, body in FUNCTIONS.items():
        connection.exec_driver_sql(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $studyhub${body}$studyhub$"
        )


def _take_rights_away(connection: Connection, tables: set[str]) -> None:
    """A second lock beside the triggers: the application's role may only add and read.

    Locking a row for a foreign key or ``FOR UPDATE`` needs the right on one column.
    """
    for table, keys in APPEND_ONLY.items():
        if table in tables:
            connection.exec_driver_sql(
                f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER"
            )
            connection.exec_driver_sql(
                f"GRANT UPDATE ({keys[0][0]}) ON {table} TO CURRENT_USER"
            )
