"""Writing and reading the ledger's table. There is no function that changes or removes an entry."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from bot.store import canonical
from bot.store.engine import Tx
from bot.store.ledger.chain import GENESIS, Entry, chained, content
from bot.store.sql import insert_new
from bot.store.tables import ledger as table
from bot.store.tables import ledger_head


def append(tx: Tx, kind: str, subject: str | None, body: Mapping[str, Any], now: datetime) -> Entry:
    """Add an entry at the end of the chain; TypeError for a body that has no canonical JSON."""
    seq, previous = head(tx, lock=True)
    covered = content(seq + 1, now, kind, subject, body)
    entry = Entry(seq + 1, now, kind, subject, body, chained(previous, covered))
    row = {"seq": entry.seq, "at": now, "kind": kind, "subject": subject, "hash": entry.hash}
    row |= {"scope": _scope(subject), "body": canonical.dumps(body)}
    tx.execute(insert(table).values(row))
    tx.execute(update(ledger_head).values(seq=entry.seq, hash=entry.hash))
    return entry


def head(tx: Tx, *, lock: bool = False) -> tuple[int, str]:
    """The number and hash of the newest entry; (0, GENESIS) before the first."""
    if lock:
        insert_new(tx, ledger_head, [{"id": 1, "seq": 0, "hash": GENESIS}])
    newest = select(ledger_head.c.seq, ledger_head.c.hash)
    row = tx.execute(newest.with_for_update() if lock else newest).first()
    return (0, GENESIS) if row is None else (row.seq, row.hash)


def entries(  # noqa: PLR0913  filters, each by name
    tx: Tx,
    after: int = 0,
    limit: int = 1000,
    *,
    kind: str | None = None,
    subject: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    newest_first: bool = False,
) -> tuple[Entry, ...]:
    """Entries that fit, oldest first; `after` is the number of the last one had. `until` is exclusive.

    With `newest_first` the order is the other way round and `after`, unless 0, is the number to stay below.
    """
    fits = [
        column == value for column, value in ((table.c.kind, kind), (table.c.subject, subject)) if value is not None
    ]
    fits += [table.c.at >= since] if since is not None else []
    fits += [table.c.at < until] if until is not None else []
    if newest_first:
        fits += [table.c.seq < after] if after else []
    else:
        fits.append(table.c.seq > after)
    order = table.c.seq.desc() if newest_first else table.c.seq
    return tuple(
        entry_of(row) for row in tx.execute(select(table).where(and_(True, *fits)).order_by(order).limit(limit))
    )


def walk(tx: Tx, after: int = 0, *, page: int = 1000) -> Iterator[Entry]:
    """All entries from one on, oldest first, a page at a time in memory."""
    while some := entries(tx, after, page):
        yield from some
        after = some[-1].seq


def _scope(subject: str | None) -> str | None:
    """The forge and repository that an entry is about; the hash does not cover it, since the subject says it."""
    parts = (subject or "").split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else None  # noqa: PLR2004  forge, repository and what in it


def entry_of(row: Row[Any]) -> Entry:
    """The entry in a row of the table."""
    return Entry(row.seq, row.at, row.kind, row.subject, canonical.loads(row.body), row.hash)
