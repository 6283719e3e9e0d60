"""The names people go by, kept apart from everything else so that they can be forgotten: ids stay, names go."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select

from bot.model.ids import AccountId
from bot.store.engine import Tx
from bot.store.sql import chunks, insert
from bot.store.tables import people as table

_OFTEN = timedelta(days=1)
"""A name seen again within this time is not written again."""


def remember(tx: Tx, forge: str, account: AccountId, login: str, now: datetime) -> None:
    """An account goes by this login now. An older sighting does not bring an old login back."""
    statement = insert(tx, table).values(forge=forge, account=account, login=login, seen_at=now)
    new, old = statement.excluded, table.c
    fresh = or_(old.seen_at <= now - _OFTEN, (old.login != new.login) & (old.seen_at <= new.seen_at))
    told = {"login": new.login, "seen_at": new.seen_at}
    tx.execute(statement.on_conflict_do_update(index_elements=["forge", "account"], set_=told, where=fresh))


def names(tx: Tx, forge: str, accounts: list[AccountId]) -> dict[AccountId, str]:
    """The logins that accounts were last seen with; an account that is not known, or was erased, is absent."""
    found: dict[AccountId, str] = {}
    for some in chunks(accounts):
        rows = tx.execute(select(table).where(table.c.forge == forge, table.c.account.in_(some)))
        found |= {AccountId(row.account): row.login for row in rows}
    return found


def by_login(tx: Tx, forge: str, login: str) -> AccountId | None:
    """The account last seen with a login, in any case."""
    newest = select(table.c.account).where(table.c.forge == forge, func.lower(table.c.login) == login.lower())
    found = tx.execute(newest.order_by(table.c.seen_at.desc()).limit(1)).scalar()
    return None if found is None else AccountId(found)


def erase_before(tx: Tx, at: datetime) -> int:
    """Forget the names of those not seen since a time; how many."""
    return tx.execute(delete(table).where(table.c.seen_at < at)).rowcount
