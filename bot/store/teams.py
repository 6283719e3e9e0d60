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


def put_unreadable(tx: Tx, forge: str, team: str, now: datetime) -> None:
    """A team could not be read just now: whoever was in it before is not known to be still."""
    put_row(tx, table, {"forge": forge, "team": team, "members": canonical.dumps(None), "read_at": now})


def get(tx: Tx, forge: str, team: str) -> tuple[frozenset[AccountId] | None, datetime] | None:
    """The members, None if they could not be read, and when that was; None for a team that was never asked for."""
    row = tx.execute(select(table).where(table.c.forge == forge, table.c.team == team)).first()
    if row is None:
        return None
    members = canonical.loads(row.members)
    return None if members is None else frozenset(members), row.read_at
