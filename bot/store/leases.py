"""Leases by name: of all processes on all machines, one holds it, until it gives it back or its time is over."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, update

from bot.store.engine import Tx
from bot.store.sql import COUNTED, insert
from bot.store.tables import leases as table


def hold(tx: Tx, name: str, owner: str, now: datetime, ttl: timedelta) -> bool:
    """Take a lease, or take it again; False while somebody else holds it."""
    statement = insert(tx, table).values(name=name, owner=owner, until=now + ttl)
    mine = or_(table.c.owner == owner, table.c.until <= now)
    new = {"owner": statement.excluded.owner, "until": statement.excluded.until}
    upsert = statement.on_conflict_do_update(index_elements=["name"], set_=new, where=mine)
    return tx.execute(upsert, execution_options=COUNTED).rowcount == 1


def take(tx: Tx, name: str, owner: str, now: datetime, ttl: timedelta) -> None:
    """Take a lease even if somebody else holds it: for work that may safely be done twice at once."""
    tx.execute(delete(table).where(table.c.name == name))
    hold(tx, name, owner, now, ttl)


def renew(tx: Tx, name: str, owner: str, now: datetime, ttl: timedelta) -> bool:
    """Hold on to a lease; False when it is lost, also when it ended and nobody took it."""
    mine = and_(table.c.name == name, table.c.owner == owner, table.c.until > now)
    return tx.execute(update(table).where(mine).values(until=now + ttl)).rowcount == 1


def release(tx: Tx, name: str, owner: str) -> None:
    """Give a lease back; somebody else's is left alone."""
    tx.execute(delete(table).where(table.c.name == name, table.c.owner == owner))


def release_all(tx: Tx, owner: str) -> None:
    """Give back whatever an owner holds."""
    tx.execute(delete(table).where(table.c.owner == owner))


def forget_before(tx: Tx, at: datetime) -> int:
    """Drop the leases that ended before a time and were never given back; how many."""
    return tx.execute(delete(table).where(table.c.until < at)).rowcount
