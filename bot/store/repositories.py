"""The repositories as last heard of: their ids stay, names, installations and default branches change."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Row, and_, case, func, or_, select, update

from bot.model.subject import Repository
from bot.store.engine import Tx
from bot.store.sql import Upsert, chunks, insert_for, insert_new
from bot.store.tables import repositories as table


def upsert(tx: Tx, repository: Repository) -> None:
    """Remember a repository. What is empty in it (name, default branch, installation) overwrites nothing known."""
    tx.execute(_upserting(tx.dialect.name), _columns(repository))


@cache
def _upserting(dialect: str) -> Upsert:
    statement = insert_for(dialect, table)
    new, old = statement.excluded, table.c
    told = {
        "name": case((new.name != "", new.name), else_=old.name),
        "default_branch": case((new.default_branch != "", new.default_branch), else_=old.default_branch),
        "installation": case((new.installation != 0, new.installation), else_=old.installation),
        "active": new.active,
    }
    differs = or_(*(old[name] != value for name, value in told.items()))
    return statement.on_conflict_do_update(index_elements=["forge", "id"], set_=told, where=differs)


def introduce(tx: Tx, repository: Repository) -> None:
    """Remember a repository that nobody knows; of one that is known, nothing changes."""
    insert_new(tx, table, [_columns(repository)])


def get(tx: Tx, forge: str, repository: int) -> Repository | None:
    """A repository by its id, active or not."""
    row = tx.execute(select(table).where(table.c.forge == forge, table.c.id == repository)).first()
    return None if row is None else _repository(row)


def names(tx: Tx, forge: str, ids: Iterable[int]) -> dict[int, str]:
    """The full names of repositories by their ids, active or not; one that nobody knows is absent."""
    found: dict[int, str] = {}
    for some in chunks(ids):
        rows = tx.execute(select(table.c.id, table.c.name).where(table.c.forge == forge, table.c.id.in_(some)))
        found |= {row.id: row.name for row in rows}
    return found


def by_name(tx: Tx, forge: str, name: str) -> Repository | None:
    """The repository that has a full name now, in any case; of several, an active one, then the newest."""
    named = and_(table.c.forge == forge, func.lower(table.c.name) == name.lower())
    row = tx.execute(select(table).where(named).order_by(table.c.active.desc(), table.c.id.desc())).first()
    return None if row is None else _repository(row)


def every(tx: Tx, *, forge: str | None = None, active: bool = True) -> tuple[Repository, ...]:
    """All active repositories by name, of one forge or of all; with `active=False` the others too."""
    wanted = select(table).order_by(table.c.forge, table.c.name, table.c.id)
    if forge is not None:
        wanted = wanted.where(table.c.forge == forge)
    if active:
        wanted = wanted.where(table.c.active.is_(True))
    return tuple(_repository(row) for row in tx.execute(wanted))


def deactivate(tx: Tx, forge: str, repository: int) -> None:
    """The bot was taken out of it, or it was archived or deleted."""
    tx.execute(update(table).where(table.c.forge == forge, table.c.id == repository).values(active=False))


def leave(tx: Tx, forge: str, installation: int) -> None:
    """The bot was taken out of, or locked out of, all repositories of an installation."""
    wanted = and_(table.c.forge == forge, table.c.installation == installation)
    tx.execute(update(table).where(wanted).values(active=False))


def _columns(repository: Repository) -> dict[str, Any]:
    return {
        "forge": repository.forge,
        "id": repository.id,
        "name": repository.name,
        "default_branch": repository.default_branch,
        "installation": repository.installation,
        "active": repository.active,
    }


def _repository(row: Row[Any]) -> Repository:
    return Repository(row.forge, row.id, row.name, row.default_branch, row.installation, row.active)
