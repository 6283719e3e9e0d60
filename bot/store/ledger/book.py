"""Writing and reading the ledger's table. There is no function that changes or removes an entry."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from bot.store import canonical
from bot.store.engine import Tx
from bot.store.ledger.chain import GENESIS, Entry, chained, content
from bot.store.sql import chunks, insert_new
from bot.store.tables import ledger as table
from bot.store.tables import ledger_head

UNREADABLE = "unreadable"


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


def hash_of(tx: Tx, seq: int) -> str | None:
    """The hash of an entry by its number, GENESIS for 0; None when there is no such entry."""
    if seq == 0:
        return GENESIS
    found: str | None = tx.execute(select(table.c.hash).where(table.c.seq == seq)).scalar()
    return found


def hashes(tx: Tx, seqs: Iterable[int]) -> dict[int, str]:
    """The hashes of several entries by number; what is not there is absent."""
    found = {0: GENESIS}
    for some in chunks(seqs):
        found |= {
            row.seq: row.hash for row in tx.execute(select(table.c.seq, table.c.hash).where(table.c.seq.in_(some)))
        }
    return found


def holds(tx: Tx, digest: str) -> bool:
    """Whether some entry has this hash."""
    return tx.execute(select(table.c.seq).where(table.c.hash == digest).limit(1)).first() is not None


def _scope(subject: str | None) -> str | None:
    """The forge and repository that an entry is about; the hash does not cover it, since the subject says it."""
    parts = (subject or "").split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else None  # noqa: PLR2004  forge, repository and what in it


def entry_of(row: Row[Any]) -> Entry:
    """The entry in a row of the table. A body that is no JSON object any more stands in one, which no hash fits."""
    try:
        body = canonical.loads(row.body)
    except ValueError:
        body = None
    return Entry(
        row.seq, row.at, row.kind, row.subject, body if isinstance(body, dict) else {UNREADABLE: row.body}, row.hash
    )
