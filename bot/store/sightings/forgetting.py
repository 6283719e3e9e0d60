"""Which sightings can matter no more, long after: those of changes that were merged, and pushes that nothing rests on.

A change that is open, or was closed without a merge and could be opened again, keeps all of its own, and every push to
a branch on which it stood: who shaped it, and what it left behind, must not be lost by waiting. What is dropped here
was no part of any decision any more:

- a merged change cannot be opened again; its heads and moves go, unless a finding about it is still open;
- pushes to a branch that was deleted, up to its deletion, go if no change that could be open stood on any of them;
- an ordinary push to a commit that landed made nobody a contributor already, and goes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Table, and_, delete, exists, func, or_, select, tuple_

from bot.model.subject import Subject
from bot.store.engine import Tx
from bot.store.sql import chunks, of_change, of_repository
from bot.store.tables import changes, findings, heads_read, heads_seen, landed, moves_seen, pushes_seen

OF_CHANGE = (heads_seen, moves_seen, heads_read)
MOST = 2000
"""How many changes are dropped at once; the next time drops the next ones."""


@dataclass(frozen=True, slots=True)
class DeadBranch:
    """A branch that was deleted, and when it last was."""

    forge: str
    repository: int
    name: str
    until: datetime


def merged_before(tx: Tx, at: datetime) -> tuple[Subject, ...]:
    """The changes merged before a time of which sightings are left, and that nobody has to look at any more."""
    c = changes.c
    left = or_(*(_same(table) for table in OF_CHANGE))
    open_ones = exists().where(
        findings.c.forge == c.forge, findings.c.repository == c.repository, findings.c.number == c.number,
        findings.c.closed_at.is_(None),
    )  # fmt: skip
    old = select(c.forge, c.repository, c.number).where(c.state == "merged", c.closed_at < at, left, ~open_ones)
    return tuple(Subject.change(*row) for row in tx.execute(old.limit(MOST)))


def forget_changes(tx: Tx, subjects: Iterable[Subject]) -> int:
    """Drop the heads and moves of changes; how many sightings these were."""
    return sum(
        tx.execute(delete(table).where(of_change(table, subject))).rowcount
        for subject in subjects
        for table in OF_CHANGE
    )


def dead_branches(tx: Tx, at: datetime) -> tuple[DeadBranch, ...]:
    """The branches deleted before a time, of which pushes are left that no change rests on which could be open."""
    p = pushes_seen.c
    key = (p.forge, p.repository, p.branch)
    gone = select(*key, func.max(p.at).label("until")).where(p.after == "", p.at < at).group_by(*key)
    found: list[DeadBranch] = []
    known: dict[tuple[str, int], frozenset[str]] = {}
    for row in tx.execute(gone.order_by(*key)).all():
        place = (row.forge, row.repository)
        if place not in known:
            known = {place: _stood_on(tx, *place)}
        branch = DeadBranch(*place, row.branch, row.until)
        ends = tx.execute(select(p.before, p.after).where(_of_branch(branch)))
        if known[place].isdisjoint(sha for end in ends for sha in end):
            found.append(branch)
    return tuple(found)


def forget_branch(tx: Tx, branch: DeadBranch) -> int:
    """Drop the pushes to a branch up to its deletion; how many."""
    return tx.execute(delete(pushes_seen).where(_of_branch(branch), pushes_seen.c.at <= branch.until)).rowcount


def forget_landed(tx: Tx, at: datetime) -> int:
    """Drop ordinary pushes before a time to commits that landed; how many. One that made a branch stays: with it what
    counts of the branch begins.
    """
    p = pushes_seen.c
    reached = exists().where(landed.c.forge == p.forge, landed.c.repository == p.repository, landed.c.sha == p.after)
    columns = (p.forge, p.repository, p.branch, p.at, p.before, p.after)
    old = select(*columns).where(p.at < at, p.before != "", p.after != "", p.forced.is_(False), reached)
    keys = [tuple(row) for row in tx.execute(old.limit(MOST))]
    return sum(tx.execute(delete(pushes_seen).where(tuple_(*columns).in_(some))).rowcount for some in chunks(keys))


def _stood_on(tx: Tx, forge: str, repository: int) -> frozenset[str]:
    """The heads on which the changes of a repository stood that are not dropped yet."""
    columns = ((heads_seen, heads_seen.c.sha), (moves_seen, moves_seen.c.before), (moves_seen, moves_seen.c.after))
    found = (
        sha
        for table, column in columns
        for sha in tx.execute(select(column).where(of_repository(table, forge, repository)).distinct()).scalars()
    )
    return frozenset(sha for sha in found if sha)


def _of_branch(branch: DeadBranch) -> ColumnElement[bool]:
    here = of_repository(pushes_seen, branch.forge, branch.repository)
    return and_(here, pushes_seen.c.branch == branch.name)


def _same(table: Table) -> ColumnElement[bool]:
    mine, c = table.c, changes.c
    return exists().where(mine.forge == c.forge, mine.repository == c.repository, mine.number == c.number)
