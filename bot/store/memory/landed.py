"""Commits that reached a guarded branch through an allowed change: later they are neither evidence nor anybody's.

What was allowed is a whole, not each of its commits: a commit counts as landed only in company of the head or merge
with which it landed. Alone it may hold what a later commit of the same change had taken back.
"""

from collections.abc import Iterable

from sqlalchemy import select

from bot.model.ids import Sha
from bot.store.engine import Tx
from bot.store.sql import chunks, insert_new, of_repository
from bot.store.tables import landed as table


def landed_add(tx: Tx, forge: str, repository: int, shas: Iterable[Sha], tip: Sha) -> None:
    """Remember commits as landed together with `tip`."""
    rows = [{"forge": forge, "repository": repository, "sha": sha, "tip": tip} for sha in dict.fromkeys(shas)]
    insert_new(tx, table, rows)


def landed(tx: Tx, forge: str, repository: int, shas: Iterable[Sha]) -> frozenset[Sha]:
    """Which of the commits of one change have landed: those whose tip is among them too."""
    listed = frozenset(shas)
    mine = of_repository(table, forge, repository)
    return frozenset(
        Sha(row.sha)
        for some in chunks(sorted(listed))
        for row in tx.execute(select(table.c.sha, table.c.tip).where(mine, table.c.sha.in_(some)))
        if row.tip in listed
    )
