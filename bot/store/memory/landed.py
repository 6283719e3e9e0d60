"""Commits that reached a guarded branch through an allowed change: later they are neither evidence nor anybody's."""

from collections.abc import Iterable

from sqlalchemy import select

from bot.model.ids import Sha
from bot.store.engine import Tx
from bot.store.sql import chunks, insert_new, of_repository
from bot.store.tables import landed as table


def landed_add(tx: Tx, forge: str, repository: int, shas: Iterable[Sha]) -> None:
    """Remember commits as landed."""
    insert_new(tx, table, [{"forge": forge, "repository": repository, "sha": sha} for sha in dict.fromkeys(shas)])


def landed(tx: Tx, forge: str, repository: int, shas: Iterable[Sha]) -> frozenset[Sha]:
    """Which of some commits have landed in a repository."""
    mine = of_repository(table, forge, repository)
    return frozenset(
        Sha(sha)
        for some in chunks(shas)
        for sha in tx.execute(select(table.c.sha).where(mine, table.c.sha.in_(some))).scalars()
    )
