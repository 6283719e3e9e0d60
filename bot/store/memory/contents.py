"""File contents of changes with evidence, whose ids the forge is asked for only when another change looks alike.

Until then a file stands here with its path, its added lines and the head it belongs to. Asking for the ids of every
change would cost a request for each; most are never looked at again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select

from bot.model.ids import AccountId, BlobId, Sha
from bot.model.subject import Subject
from bot.store.engine import Tx
from bot.store.memory.evidence import remember
from bot.store.sql import chunks, of_change, of_repository
from bot.store.tables import blobs as table
from bot.store.tables import changes

_UNREAD = "unread "


@dataclass(frozen=True, slots=True)
class Unread:
    """Files of a head whose contents were not asked for yet, as path to added lines."""

    subject: Subject
    head: Sha
    files: Mapping[str, int]


def promise(tx: Tx, subject: Subject, head: Sha, files: Iterable[tuple[str, int]], now: datetime) -> None:
    """Remember that the contents of these files, as (path, added lines), belong to a change with evidence."""
    marked = ((path, BlobId(_UNREAD + head), added) for path, added in files)
    remember(tx, subject, "", AccountId(0), (), marked, now)


def alike(tx: Tx, subject: Subject, files: Iterable[tuple[str, int]], limit: int = 5) -> tuple[Unread, ...]:
    """The newest heads of other changes that were promised and may hold what these files hold.

    A file may be the same if it has the same path, or as many added lines (it may have been moved).
    """
    listed = list(files)
    added = sorted({count for _, count in listed if count > 0})
    looks = [table.c.path.in_(some) for some in chunks(sorted({path for path, _ in listed}))]
    looks += [table.c.additions.in_(some) for some in chunks(added)]
    elsewhere = and_(
        of_repository(table, subject.forge, subject.repository),
        table.c.number != subject.number,
        table.c.blob.startswith(_UNREAD),
    )
    if not looks:
        return ()
    found = select(table.c.number, table.c.blob).where(elsewhere, or_(*looks)).distinct()
    newest = found.order_by(table.c.number.desc(), table.c.blob).limit(limit)
    return tuple(_unread(tx, subject, row.number, row.blob) for row in tx.execute(newest).all())


def _unread(tx: Tx, subject: Subject, number: int, blob: str) -> Unread:
    other = Subject.change(subject.forge, subject.repository, number)
    rows = tx.execute(select(table.c.path, table.c.additions).where(of_change(table, other), table.c.blob == blob))
    return Unread(other, Sha(blob.removeprefix(_UNREAD)), {row.path: row.additions for row in rows})


def fulfil(tx: Tx, unread: Unread, blobs: Mapping[str, BlobId], now: datetime) -> None:
    """Put the contents' ids where the promise stood. A path without one holds nothing any more."""
    marked = and_(of_change(table, unread.subject), table.c.blob == _UNREAD + unread.head)
    tx.execute(delete(table).where(marked))
    known = ((path, blob, unread.files.get(path, 0)) for path, blob in blobs.items())
    remember(tx, unread.subject, "", AccountId(0), (), known, now)


def outside(
    tx: Tx, forge: str, repository: int, classes: Iterable[str]
) -> dict[int, tuple[frozenset[Sha], frozenset[BlobId]]]:
    """By number, each change of these classes that was not merged: the heads it stood on, and contents of its own."""
    mine = and_(
        changes.c.forge == table.c.forge, changes.c.repository == table.c.repository, changes.c.number == table.c.number
    )
    wanted = and_(
        of_repository(changes, forge, repository), changes.c.state != "merged", changes.c.ai_class.in_(sorted(classes))
    )
    heads: dict[int, set[Sha]] = {}
    for row in tx.execute(select(changes.c.number, changes.c.head).where(wanted)):
        heads.setdefault(row.number, set()).add(Sha(row.head))
    known: dict[int, set[BlobId]] = {number: set() for number in heads}
    for row in tx.execute(select(table.c.number, table.c.blob).distinct().join(changes, mine).where(wanted)):
        if row.blob.startswith(_UNREAD):
            heads[row.number].add(Sha(row.blob.removeprefix(_UNREAD)))
        else:
            known[row.number].add(BlobId(row.blob))
    return {number: (frozenset(heads[number]), frozenset(known[number])) for number in sorted(heads)}
