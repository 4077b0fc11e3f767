"""What tests of the checks ask and change."""

from dataclasses import replace

from sqlalchemy import text

from studyhub.store.triggers import APPEND_ONLY, drop_all_triggers
from studyhub.workflows import upkeep
from studyhub.workflows.kernel import Hub


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


def fresh_keys(hub):
    return replace(hub, key_files=type(hub.key_files)(hub.settings.keys))
