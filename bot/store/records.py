"""Small state of the service by name: the digest of the rules in force, a repository's last sweep."""

from typing import Any

from sqlalchemy import select

from bot.store import canonical
from bot.store.engine import Tx
from bot.store.sql import put as put_row
from bot.store.tables import records as table


def get(tx: Tx, name: str) -> Any | None:
    """The value of a name, made of what JSON has; None when there is none."""
    text = tx.execute(select(table.c.value).where(table.c.name == name)).scalar()
    return None if text is None else canonical.loads(text)


def put(tx: Tx, name: str, value: Any) -> None:
    """Give a name a value; TypeError for a float or anything else that canonical JSON has not."""
    put_row(tx, table, {"name": name, "value": canonical.dumps(value)})
