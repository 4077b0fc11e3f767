"""The declarative base, its types and conventions, and how sessions are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Index,
    MetaData,
    StaticPool,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import (
    DeclarativeBase,
    MappedColumn,
    Session,
    mapped_column,
    sessionmaker,
)

from studyhub.domain.errors import Busy, HouseRuleBroken, NoSpace
from studyhub.domain.vocabulary import Zone
from studyhub.domain.words import SEVERAL, STUDY_MAY_ADD, WORDS

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# More than there are different statements: below, the oldest is compiled again and again.
STATEMENTS_KEPT = 2000
# How long a writer waits for another one before the database says that it is busy.
PATIENCE_SECONDS = 30


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, in microseconds. In and out in UTC; a time without a zone is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant needs a zone")
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(
        self, value: datetime | None, _dialect: Dialect
    ) -> datetime | None:
        return value.replace(tzinfo=UTC) if value else None


# Assign a new value to change it: what is changed inside the old one is not noticed.
_JSON = JSON(none_as_null=True)


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - read by SQLAlchemy
        datetime: UtcDateTime,
        str: Text,
        int: BigInteger,
        dict[str, Any]: _JSON,
        list[str]: _JSON,
    }


def in_zone(zone: Zone, **options: Any) -> dict[str, Any]:
    """Table arguments that say how sensitive a table is."""
    return {"info": {"zone": zone}, **options}


def one_of(key: str) -> CheckConstraint:
    """The CHECK that a column holds one of its words, as ``one_of("users.state")``."""
    if key in SEVERAL:
        raise ValueError(f"{key} holds several words: no CHECK can keep it")
    column = key.partition(".")[2]
    words = ", ".join(f"'{word}'" for word in WORDS[key])
    rule = f'"{column}" IN ({words})'
    if key in STUDY_MAY_ADD:
        rule += f" OR substr(\"{column}\", 1, 2) = 'x_'"
    return CheckConstraint(rule, name=column)


def refers_to(table: str) -> MappedColumn[Any]:
    """A column that names a row of another table, and is looked up from there too."""
    return mapped_column(ForeignKey(f"{table}.id"), index=True)


def only_one(name: str, *columns: str, where: str) -> Index:
    """At most one row for these columns among those that the condition holds for."""
    rule = text(where)
    return Index(name, *columns, unique=True, sqlite_where=rule, postgresql_where=rule)


# Rows of these belong to no study.
_OF_NO_STUDY = frozenset({"users", "user_tokens", "jobs"})


def study_of(session: Session, row: Any) -> UUID | None:
    """The study a row belongs to, by its own column or by the rows it rests on.

    None for what is the instance's: accounts, jobs, and letters to team members.
    """
    table = row.__tablename__
    if table in _OF_NO_STUDY:
        return None
    if table == "studies" or hasattr(row, "study_id"):
        own: UUID | None = row.id if table == "studies" else row.study_id
        return own
    kind: type[DeclarativeBase] = type(row)
    for column, parent in _rests_on(kind):
        key = getattr(row, column)
        if key is not None:
            return study_of(session, session.get_one(parent, key))
    raise HouseRuleBroken(f"a row of {table} leads to no study")


@cache
def _rests_on(kind: type[DeclarativeBase]) -> tuple[tuple[str, type[Any]], ...]:
    """The columns that point to other tables, each with what it points to."""
    classes = {mapper.class_.__tablename__: mapper.class_ for mapper in kind.registry.mappers}
    elsewhere = classes.keys() - {*_OF_NO_STUDY, kind.__tablename__}
    return tuple(
        (column.key, classes[parent])
        for column in kind.__table__.columns
        for key in column.foreign_keys
        if (parent := key.target_fullname.partition(".")[0]) in elsewhere
    )


@dataclass(frozen=True)
class Sessions:
    """Two ways to begin: ``writing`` takes the write lock first, ``reading`` never does."""

    engine: Engine
    writing: sessionmaker[Session]
    reading: sessionmaker[Session]


_EVERYWHERE: dict[str, Any] = {"hide_parameters": True, "query_cache_size": STATEMENTS_KEPT}


def make_sessions(url: str) -> Sessions:
    """Sessions over ``sqlite:///file``, ``sqlite://`` (memory) or ``postgresql+psycopg://…``."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        engine = create_engine(
            place, isolation_level="READ COMMITTED", pool_pre_ping=True, **_EVERYWHERE
        )
    elif place.database:
        engine = create_engine(place, **_EVERYWHERE)
    else:
        engine = create_engine(
            place,
            poolclass=StaticPool,
            connect_args={"check_same_thread": False},
            **_EVERYWHERE,
        )
    return sessions_over(engine)


def sessions_over(engine: Engine) -> Sessions:
    """Sessions over an engine that has not been connected yet."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    quiet = engine.execution_options(reading=True)
    return Sessions(engine, sessionmaker(engine), sessionmaker(quiet))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # No BEGIN by the driver: it would come too late, and never as IMMEDIATE.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={PATIENCE_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys=ON")
    # A file turns to WAL and stays so; a database in memory keeps its own mode.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    # What is deleted or emptied is overwritten and not left in free pages.
    connection.execute("PRAGMA secure_delete=ON")


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


# What SQLite and PostgreSQL say when a writer waited too long, and when the disk is full.
_BUSY = frozenset({"SQLITE_BUSY", "55P03", "40P01", "40001", "57014"})
_FULL = frozenset({"SQLITE_FULL", "53100"})


@contextmanager
def expected_faults() -> Iterator[None]:
    """Say Busy or NoSpace for what the database cannot do now; anything else is our mistake."""
    try:
        yield
    except DBAPIError as error:
        told = getattr(error.orig, "sqlite_errorname", None) or getattr(
            error.orig, "sqlstate", None
        )
        if told in _BUSY:
            raise Busy("the database is busy") from None
        if told in _FULL:
            raise NoSpace("the disk of the database is full") from None
        raise
