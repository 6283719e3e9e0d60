"""The few pieces of SQL that SQLAlchemy spells differently for the two databases, or not at all."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, case
from sqlalchemy.dialects import postgresql, sqlite

from bot.model.subject import Subject

_CHUNK = 500
"""How many values one IN takes: both databases limit the parameters of a statement."""

COUNTED = {"preserve_rowcount": True}
"""Has an INSERT tell how many rows it made or changed, which SQLAlchemy keeps for itself otherwise."""

Item = TypeVar("Item")
Upsert: TypeAlias = sqlite.Insert | postgresql.Insert


def insert(tx: Connection, table: Table) -> Upsert:
    """An INSERT that can say what to do on a conflict."""
    return insert_for(tx.dialect.name, table)


def insert_for(dialect: str, table: Table) -> Upsert:
    """The same by the database's name: a statement made once and kept costs a third of one made every time."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(tx: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the rows whose key is not there yet; the number of them, when there is one row."""
    if not rows:
        return 0
    return tx.execute(_new(tx.dialect.name, table), rows, execution_options=COUNTED).rowcount


def put(tx: Connection, table: Table, row: dict[str, Any]) -> None:
    """Insert a row, or replace everything but the key of the one that is there."""
    tx.execute(_replacing(tx.dialect.name, table, tuple(row)), row)


@cache
def _new(dialect: str, table: Table) -> Upsert:
    return insert_for(dialect, table).on_conflict_do_nothing()


@cache
def _replacing(dialect: str, table: Table, names: tuple[str, ...]) -> Upsert:
    key = [column.name for column in table.primary_key]
    statement = insert_for(dialect, table)
    rest = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=key, set_=rest)


def earlier(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """The earlier of two moments; the other one when one is null."""
    return case((other.is_(None), one), (one.is_(None), other), (one < other, one), else_=other)


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The distinct items, so many at a time as fit into one IN."""
    distinct = iter(dict.fromkeys(items))
    while chunk := list(islice(distinct, _CHUNK)):
        yield chunk


def change_row(subject: Subject) -> dict[str, Any]:
    """The columns that name a change; ValueError for a subject that is none."""
    return {"forge": subject.forge, "repository": subject.repository, "number": subject.number}


def of_change(table: Table, subject: Subject) -> ColumnElement[bool]:
    """The rows of one change."""
    return and_(of_repository(table, subject.forge, subject.repository), table.c.number == subject.number)


def of_repository(table: Table, forge: str, repository: int) -> ColumnElement[bool]:
    """The rows of one repository."""
    return and_(table.c.forge == forge, table.c.repository == repository)
