"""Figures over time, counted from the changes and the ledger when they are asked for. None is about a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from bot.store.engine import Tx
from bot.store.tables import changes, ledger
from bot.store.visible import Visible, scopes, within


@dataclass(frozen=True, slots=True)
class Signed:
    """How many changes came from waiting to signed, and how many seconds half of them and nine of ten took at most."""

    number: int
    median: int | None
    ninth: int | None


def classes(tx: Tx, since: datetime, until: datetime, visible: Visible = None) -> dict[str, int]:
    """Of the changes first decided in a time, how many there are of each class."""
    first = and_(changes.c.first_at >= since, changes.c.first_at < until, within(changes, visible))
    rows = tx.execute(select(changes.c.ai_class, func.count()).where(first).group_by(changes.c.ai_class))
    return {row[0] or "": row[1] for row in rows}


def signed(tx: Tx, since: datetime, until: datetime, visible: Visible = None) -> Signed:
    """How long the changes that were signed in a time had waited."""
    then = and_(changes.c.signed_at >= since, changes.c.signed_at < until, within(changes, visible))
    number = tx.execute(select(func.count()).where(then)).scalar_one()
    if not number:
        return Signed(0, None, None)
    ordered = select(changes.c.signed_seconds).where(then).order_by(changes.c.signed_seconds).limit(1)
    at = [tx.execute(ordered.offset((number - 1) * tenths // 10)).scalar_one() for tenths in (5, 9)]
    return Signed(number, *at)


def merged(tx: Tx, since: datetime, until: datetime, visible: Visible = None) -> tuple[int, int]:
    """Of the changes merged in a time, how many had been held, and how many of these merged on the head first held."""
    was_held = and_(changes.c.state == "merged", changes.c.held_head.is_not(None))
    then = and_(changes.c.closed_at >= since, changes.c.closed_at < until, was_held, within(changes, visible))
    unchanged = func.count().filter(changes.c.head == changes.c.held_head)
    row = tx.execute(select(func.count(), unchanged).where(then)).one()
    return row[0], row[1]


def entries(tx: Tx, kinds: Sequence[str], since: datetime, until: datetime, visible: Visible = None) -> int:
    """How many entries of some kinds came to the ledger in a time."""
    wanted = [ledger.c.kind.in_(kinds), ledger.c.at >= since, ledger.c.at < until]
    seen = scopes(visible)
    if seen is not None:
        wanted.append(ledger.c.scope.in_(seen))
    return tx.execute(select(func.count()).where(and_(*wanted))).scalar_one()
