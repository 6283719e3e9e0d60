"""The members of forge teams as last read, and when that was: whether it is too old is for others to say."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from bot.model.ids import AccountId
from bot.store import canonical
from bot.store.engine import Tx
from bot.store.sql import put as put_row
from bot.store.tables import teams as table


def put(tx: Tx, forge: str, team: str, members: Iterable[AccountId], now: datetime) -> None:
    """A team had these members just now."""
    put_row(tx, table, {"forge": forge, "team": team, "members": canonical.dumps(sorted(members)), "read_at": now})


def get(tx: Tx, forge: str, team: str) -> tuple[frozenset[AccountId], datetime] | None:
    """The members and when they were read; None for a team that never was."""
    row = tx.execute(select(table).where(table.c.forge == forge, table.c.team == team)).first()
    return None if row is None else (frozenset(canonical.loads(row.members)), row.read_at)
