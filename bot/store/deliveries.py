"""Which deliveries were taken: a forge repeats itself, and a replay must change nothing."""

from datetime import datetime

from sqlalchemy import delete, select

from bot.store import tables
from bot.store.engine import Tx
from bot.store.sql import insert_new


def record(tx: Tx, forge: str, delivery: str, kind: str, now: datetime) -> bool:
    """Remember a delivery; False when it was seen before."""
    return insert_new(tx, tables.deliveries, [{"forge": forge, "delivery": delivery, "kind": kind, "at": now}]) == 1


def taken(tx: Tx, forge: str, delivery: str) -> bool:
    """Whether a delivery was taken, and is remembered."""
    table = tables.deliveries
    mine = select(table.c.at).where(table.c.forge == forge, table.c.delivery == delivery)
    return tx.execute(mine).first() is not None


def forget_before(tx: Tx, at: datetime) -> int:
    """Forget the deliveries taken before a time, and say how many: forges repeat for days, not for ever."""
    return tx.execute(delete(tables.deliveries).where(tables.deliveries.c.at < at)).rowcount
