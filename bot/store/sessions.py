"""Who is logged in to the pages. The browser holds a secret; here is its digest, and the forge's token sealed by a key
that is not in this database.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.model.ids import AccountId
from bot.store.engine import Tx
from bot.store.tables import sessions as table


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One log-in of one account, until it ends."""

    digest: str
    forge: str
    account: AccountId
    login: str
    sealed: str
    ends_at: datetime


def add(tx: Tx, row: SessionRow, now: datetime) -> None:
    """Keep a log-in, and forget those that have ended."""
    tx.execute(delete(table).where(table.c.ends_at <= now))
    tx.execute(insert(table).values(asdict(row)))


def get(tx: Tx, digest: str, now: datetime) -> SessionRow | None:
    """The log-in, unless it is over."""
    row = tx.execute(select(table).where(table.c.digest == digest, table.c.ends_at > now)).first()
    if row is None:
        return None
    return SessionRow(row.digest, row.forge, AccountId(row.account), row.login, row.sealed, row.ends_at)


def end(tx: Tx, digest: str) -> None:
    """Somebody logged out."""
    tx.execute(delete(table).where(table.c.digest == digest))
