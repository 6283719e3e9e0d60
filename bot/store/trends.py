"""Figures over time, counted from the changes and the ledger when they are asked for. None is about a person."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true

from bot.store.engine import Tx
from bot.store.tables import changes, ledger
from bot.store.visible import Visible, scopes

Waits: TypeAlias = Sequence[tuple[int, int]]
"""Seconds from waiting to signed, up to the whole minute and at least one, each with how many changes waited so."""
MINUTE = 60


@dataclass(frozen=True, slots=True)
class Signed:
    """How many changes came from waiting to signed, and how many seconds half of them and nine of ten took at most."""

    number: int
    median: int | None
    ninth: int | None

    @classmethod
    def of(cls, waited: Waits) -> "Signed":
        """What so many waits amount to."""
        ordered = sorted(waited)
        upto = list(accumulate(number for _, number in ordered))
        if not upto:
            return cls(0, None, None)
        median, ninth = (ordered[bisect_left(upto, -(-upto[-1] * tenths // 10))][0] for tenths in (5, 9))
        return cls(upto[-1], median, ninth)


def classes(tx: Tx, since: datetime, until: datetime, visible: Visible = None) -> dict[str, int]:
    """Of the changes first decided in a time, how many there are of each class."""
    first = and_(changes.c.first_at >= since, changes.c.first_at < until, _inside(visible))
    rows = tx.execute(select(changes.c.ai_class, func.count()).where(first).group_by(changes.c.ai_class))
    return {row[0] or "": row[1] for row in rows}


def waits(tx: Tx, since: datetime, until: datetime, visible: Visible = None) -> Waits:
    """How long the changes that were signed in a time had waited. By minutes, since a year may have very many."""
    then = and_(changes.c.signed_at >= since, changes.c.signed_at < until, _inside(visible))
    minutes = ((changes.c.signed_seconds + (MINUTE - 1)) // MINUTE).label("minutes")
    rows = tx.execute(select(minutes, func.count()).where(then).group_by("minutes")).all()
    return [(max(row[0], 1) * MINUTE, row[1]) for row in rows]


def merged(tx: Tx, since: datetime, until: datetime, visible: Visible = None) -> tuple[int, int]:
    """Of the changes merged in a time, how many had been held, and how many of these merged on the head first held."""
    was_held = and_(changes.c.state == "merged", changes.c.held_head.is_not(None))
    then = and_(changes.c.closed_at >= since, changes.c.closed_at < until, was_held, _inside(visible))
    unchanged = func.count().filter(changes.c.head == changes.c.held_head)
    row = tx.execute(select(func.count(), unchanged).where(then)).one()
    return row[0], row[1]


def entries(tx: Tx, kinds: Sequence[str], since: datetime, until: datetime, visible: Visible = None) -> int:
    """How many entries of some kinds came to the ledger in a time."""
    return _entries(tx, [ledger.c.kind.in_(kinds)], since, until, visible)


def bypasses(tx: Tx, kinds: Sequence[str], since: datetime, until: datetime, visible: Visible = None) -> int:
    """How many findings of some kinds came to the ledger in a time."""
    of_kind = or_(false(), *(ledger.c.body.like(f'%"kind":"{kind}"%') for kind in kinds))
    return _entries(tx, [ledger.c.kind == "finding", of_kind], since, until, visible)


def _entries(tx: Tx, wanted: list[ColumnElement[bool]], since: datetime, until: datetime, visible: Visible) -> int:
    fits = [*wanted, ledger.c.at >= since, ledger.c.at < until]
    seen = scopes(visible)
    if seen is not None:
        fits.append(ledger.c.scope.in_(seen))
    return tx.execute(select(func.count()).where(and_(*fits))).scalar_one()


def _inside(visible: Visible) -> ColumnElement[bool]:
    """The changes of the repositories that may be seen, as a condition on rows already found by their time.

    Written so that no index begins with it: a time has fewer changes than the repositories have.
    """
    if visible is None:
        return true()
    forge, repository = func.coalesce(changes.c.forge, ""), func.coalesce(changes.c.repository, 0)
    some = (and_(forge == name, repository.in_(sorted(numbers))) for name, numbers in visible.items())
    return or_(false(), *some)
