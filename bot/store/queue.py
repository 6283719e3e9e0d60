"""The queue of open changes as people work it off: the most pressing first, for one person or for all.

Pressing is what the rules ask most approvals for, and among these what waits longest; no opinion of our own is in it.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import and_, exists, false, func, or_, select, tuple_

from bot.model.ids import AccountId
from bot.model.subject import Subject
from bot.store import canonical
from bot.store.changes import OPEN, SLIM, ChangeRow, rows_of
from bot.store.engine import Tx
from bot.store.sql import of_change
from bot.store.tables import asked, teams
from bot.store.tables import changes as table
from bot.store.visible import Visible, within

_RISK = (table.c.urgency, table.c.listed_at, table.c.forge, table.c.repository, table.c.number)
_AGE = _RISK[1:]


def page(  # noqa: PLR0913  filters, each by name
    tx: Tx,
    *,
    visible: Visible = None,
    who: Mapping[str, Collection[str]] | None = None,
    waiting: bool = True,
    oldest_first: bool = False,
    after: Subject | None = None,
    limit: int = 50,
) -> tuple[ChangeRow, ...]:
    """Open changes, the most pressing first, or the oldest. `who` are by forge the names (`of_account`) of those
    who are asked; `waiting` leaves out what waits for nobody; `after` is the last one had.
    """
    order = _AGE if oldest_first else _RISK
    wanted = [table.c.state == OPEN, within(table, visible)]
    if waiting:
        wanted.append(table.c.urgency < 0)
    if who is not None:
        same = and_(asked.c.forge == table.c.forge, asked.c.repository == table.c.repository)
        some = (and_(asked.c.forge == forge, asked.c.who.in_(sorted(names))) for forge, names in who.items())
        mine = and_(same, asked.c.number == table.c.number, or_(false(), *some))
        wanted.append(exists().where(mine).correlate(table))
    if after is not None:
        last = tx.execute(select(*order).where(of_change(table, after))).first()
        if last is None:
            return ()
        wanted.append(tuple_(*order) > tuple(last))
    return rows_of(tx, tx.execute(select(*SLIM).where(and_(*wanted)).order_by(*order).limit(limit)).all())


def of_account(tx: Tx, forge: str, account: AccountId) -> frozenset[str]:
    """By which names an account is asked: its number, and the teams it was in when they were last read."""
    rows = tx.execute(select(teams.c.team, teams.c.members).where(teams.c.forge == forge))
    return frozenset({str(account), *(row.team for row in rows if account in (canonical.loads(row.members) or ()))})


def waiting_for(tx: Tx, visible: Visible = None) -> dict[tuple[str, str], int]:
    """How many open changes wait for whom, by forge and name."""
    key = (asked.c.forge, asked.c.who)
    rows = tx.execute(select(*key, func.count()).where(within(asked, visible)).group_by(*key))
    return {(row[0], row[1]): row[2] for row in rows}


def per_repository(tx: Tx, visible: Visible = None) -> dict[tuple[str, int], tuple[int, int]]:
    """Of each repository, how many changes are open, and how many of these wait."""
    key = (table.c.forge, table.c.repository)
    waits = func.count().filter(table.c.urgency < 0)
    fits = and_(table.c.state == OPEN, within(table, visible))
    rows = tx.execute(select(*key, func.count(), waits).where(fits).group_by(*key))
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}
