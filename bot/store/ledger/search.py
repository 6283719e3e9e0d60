"""Finding entries of the ledger: by kind, by what they are about, by time, by hash; the newest first, a page at a time.

Every search runs along an index, so that a long ledger is searched as fast as a short one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import nlargest, nsmallest
from itertools import chain, islice

from sqlalchemy import ColumnElement, Select, and_, or_, select

from bot.model.ids import AccountId
from bot.model.subject import Subject
from bot.store.engine import Tx
from bot.store.ledger.book import entry_of
from bot.store.ledger.chain import Entry
from bot.store.tables import heads
from bot.store.tables import ledger as table

SPOKEN = ("override", "clearance", "declaration", "notmine", "closefollowup", "finding-closed")
"""The kinds of entries that hold what somebody said on the record."""
_SKEW = timedelta(hours=1)
"""Entries are numbered in order; their times, by the clocks of several machines, are so within this."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for; all that is given must hold. `scopes` are forge and repository (github/1), None is every
    one; `hash` is the start of an entry's; `by` are the accounts of somebody, each with its forge, whose own words are
    looked for. `until` is exclusive.
    """

    scopes: tuple[str, ...] | None = None
    kind: str | None = None
    subjects: tuple[str, ...] = ()
    hash: str | None = None
    by: tuple[tuple[str, AccountId], ...] = ()
    since: datetime | None = None
    until: datetime | None = None


def search(tx: Tx, wanted: Search, *, after: int = 0, limit: int = 50, oldest_first: bool = False) -> tuple[Entry, ...]:
    """The entries that fit, the newest first or the oldest; `after`, unless 0, is the number of the last one had."""
    fits = _conditions(tx, wanted)
    if after:
        fits.append(table.c.seq > after if oldest_first else table.c.seq < after)
    order = table.c.seq if oldest_first else table.c.seq.desc()
    found = select(table.c.seq, table.c.scope).where(and_(True, *fits)).order_by(order)
    if wanted.scopes is None:
        numbers = [row.seq for row in tx.execute(found.limit(limit))]
    elif wanted.subjects or wanted.hash:  # few there are, whoever may see them
        numbers = list(_seen(tx, found, wanted.scopes, limit))
    elif wanted.by:  # only the bodies tell: each kind is walked in order, and no further than needed
        walks = (_seen(tx, found.where(table.c.kind == kind), wanted.scopes, limit) for kind in SPOKEN)
        numbers = (nsmallest if oldest_first else nlargest)(limit, chain.from_iterable(walks))
    else:
        some = found.limit(limit)
        each = (row.seq for scope in wanted.scopes for row in tx.execute(some.where(table.c.scope == scope)))
        numbers = (nsmallest if oldest_first else nlargest)(limit, each)
    return _entries(tx, select(table).where(table.c.seq.in_(numbers)).order_by(order))


def _seen(tx: Tx, found: Select[tuple[int, str]], scopes: tuple[str, ...], limit: int) -> Iterator[int]:
    """The numbers of what may be seen, in the order in which it is found."""
    seen = frozenset(scopes)
    return islice((row.seq for row in tx.execute(found) if row.scope in seen), limit)


def kinds(tx: Tx) -> tuple[str, ...]:
    """Every kind of entry there is, by hopping from one to the next along the index."""
    found: list[str] = []
    after: ColumnElement[bool] = table.c.kind > ""
    while (kind := tx.execute(select(table.c.kind).where(after).order_by(table.c.kind).limit(1)).scalar()) is not None:
        found.append(kind)
        after = table.c.kind > kind
    return tuple(found)


def with_commit(tx: Tx, sha: str) -> tuple[str, ...]:
    """The keys of the changes that had a head beginning with these digits."""
    key = (heads.c.forge, heads.c.repository, heads.c.number)
    rows = tx.execute(select(*key).where(heads.c.sha >= sha, heads.c.sha < sha + "g").distinct().limit(100))
    return tuple(Subject.change(*row).key for row in rows)


def _conditions(tx: Tx, wanted: Search) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if wanted.by:
        fits += [table.c.kind.in_(SPOKEN), or_(*(_said_by(forge, account) for forge, account in wanted.by))]
    if wanted.kind is not None:
        fits.append(table.c.kind == wanted.kind)
    if wanted.subjects:
        fits.append(table.c.subject.in_(wanted.subjects))
    if wanted.hash:
        fits += [table.c.hash >= wanted.hash, table.c.hash < wanted.hash + "g"]
    if wanted.since is not None:
        fits += [table.c.at >= wanted.since, table.c.seq >= _first_since(tx, wanted.since - _SKEW)]
    if wanted.until is not None:
        fits += [table.c.at < wanted.until, table.c.seq <= _first_since(tx, wanted.until + _SKEW)]
    return fits


def _said_by(forge: str, account: AccountId) -> ColumnElement[bool]:
    return and_(table.c.scope.startswith(f"{forge}/"), table.c.body.like(f'%"by":{int(account)},%'))


def _first_since(tx: Tx, moment: datetime) -> int:
    """The number of the first entry at a time or after; beyond the last where there is none."""
    first = select(table.c.seq).where(table.c.at >= moment).order_by(table.c.at, table.c.seq).limit(1)
    found = tx.execute(first).scalar()
    return 2**62 if found is None else found


def _entries(tx: Tx, statement: Select[tuple[object, ...]]) -> tuple[Entry, ...]:
    return tuple(entry_of(row) for row in tx.execute(statement))
