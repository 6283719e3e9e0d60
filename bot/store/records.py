"""Small state of the service by name: the digest of the rules in force, a repository's last sweep."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select

from bot.store import canonical
from bot.store.engine import Tx
from bot.store.sql import put as put_row
from bot.store.tables import records as table


def get(tx: Tx, name: str, *, lock: bool = False) -> Any | None:
    """The value of a name, made of what JSON has; None when there is none.

    With `lock` nobody else changes it until the transaction ends, so that what follows may rest on it.
    """
    found = select(table.c.value).where(table.c.name == name)
    text = tx.execute(found.with_for_update() if lock else found).scalar()
    return None if text is None else canonical.loads(text)


def under(tx: Tx, prefix: str) -> dict[str, Any]:
    """All values whose names begin so, by name."""
    rows = tx.execute(select(table).where(table.c.name.startswith(prefix, autoescape=True)))
    return {row.name: canonical.loads(row.value) for row in rows}


def put(tx: Tx, name: str, value: Any, now: datetime | None = None) -> None:
    """Give a name a value; TypeError for a float or anything else that canonical JSON has not.

    With a time it is a working note that may be forgotten (`forget_before`), without one it stays.
    """
    put_row(tx, table, {"name": name, "value": canonical.dumps(value), "at": now})


def drop(tx: Tx, name: str, value: Any) -> None:
    """Take a name's value away, unless it has another one by now."""
    tx.execute(delete(table).where(table.c.name == name, table.c.value == canonical.dumps(value)))


def forget_before(tx: Tx, at: datetime, prefixes: tuple[str, ...]) -> int:
    """Forget the working notes written before a time whose names begin so, and say how many."""
    named = or_(*(table.c.name.startswith(prefix, autoescape=True) for prefix in prefixes))
    return tx.execute(delete(table).where(and_(table.c.at < at, named))).rowcount
