"""What the due-set looks like: for metrics, for the page of parked changes, for a worker that may sleep."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, func, select

from bot.model.subject import Subject
from bot.store.due.marks import BACKGROUND, URGENT
from bot.store.engine import Tx
from bot.store.tables import due, pauses


@dataclass(frozen=True, slots=True)
class DueStats:
    """How many subjects can be claimed now (paused scopes included), will be later, are held, are parked.

    `oldest_due_at` is since when the oldest claimable one has been waiting for a worker.
    """

    due: int
    waiting: int
    running: int
    parked: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Parked:
    """A subject that failed too often: only an event of its own, a command, or a rare probe looks at it again."""

    subject: Subject
    attempts: int
    error: str
    parked_at: datetime


def stats(tx: Tx, now: datetime) -> DueStats:
    """Counts of the whole due-set. A lease that has ended counts as due."""
    is_parked = due.c.parked_at.is_not(None)
    is_due = and_(due.c.next_at <= now, ~is_parked)
    kind = case((is_parked, "parked"), (is_due, "due"), (due.c.owner.is_not(None), "running"), else_="waiting")
    counted = select(kind.label("kind"), func.count().label("number"), func.min(due.c.next_at).label("oldest"))
    rows = {row.kind: row for row in tx.execute(counted.group_by(kind))}
    counts = {name: rows[name].number if name in rows else 0 for name in ("due", "waiting", "running", "parked")}
    return DueStats(**counts, oldest_due_at=rows["due"].oldest if "due" in rows else None)


def parked(tx: Tx) -> list[Parked]:
    """What is parked, longest first."""
    rows = tx.execute(select(due).where(due.c.parked_at.is_not(None)).order_by(due.c.parked_at, due.c.key))
    return [Parked(Subject.parse(row.key), row.attempts, row.error or "", row.parked_at) for row in rows]


def claimable(tx: Tx, now: datetime) -> bool:
    """Whether a claim would find something now. It only reads: idle workers ask it often."""
    paused = exists().where(pauses.c.scope == due.c.scope, pauses.c.until > now)
    ready = and_(due.c.next_at <= now, due.c.parked_at.is_(None), ~paused)
    ranks = (select(due.c.key).where(due.c.rank == rank, ready).limit(1) for rank in (URGENT, BACKGROUND))
    return any(tx.execute(one).first() is not None for one in ranks)


def next_due_at(tx: Tx) -> datetime | None:
    """When a claim may next find something, ends of leases and pauses considered; None when nothing will be due."""
    paused = {row.scope: row.until for row in tx.execute(select(pauses))}
    free = [due.c.scope.not_in(paused)] if paused else []
    moments = [_first_at(tx, due.c.rank == rank, *free) for rank in (URGENT, BACKGROUND)]
    for scope, until in paused.items():
        at = _first_at(tx, due.c.scope == scope)
        moments.append(None if at is None else max(at, until))
    return min((at for at in moments if at is not None), default=None)


def _first_at(tx: Tx, *conditions: object) -> datetime | None:
    where = and_(due.c.parked_at.is_(None), *conditions)  # type: ignore[arg-type]
    return tx.execute(select(func.min(due.c.next_at)).where(where)).scalar()


def unsettled(tx: Tx, keys: Sequence[str]) -> frozenset[str]:
    """Which of the subjects, by key, have a mark that no run has finished: what is known of them may be outdated."""
    rows = tx.execute(select(due.c.key).where(due.c.key.in_(keys), due.c.first_marked_at.is_not(None)))
    return frozenset(row.key for row in rows)
