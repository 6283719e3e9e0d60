"""Findings: what the watch saw pass the gate, and what an override left to be looked at, open until somebody closes it.

One is told from every other of its kind in the repository by its key, so that seeing it again adds nothing. What it
says is in the ledger too; this is the list that people work off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, func, select, update

from bot.model.ids import AccountId, Sha
from bot.store import canonical
from bot.store.engine import Tx
from bot.store.sql import insert_new
from bot.store.tables import findings as table


class FindingKind(StrEnum):
    """What was found."""

    MERGED = "merged-unsigned"
    """A change was merged that was not allowed."""
    LATE = "evidence-after-merge"
    """What was found after the merge would have kept an allowed change from merging."""
    PUSHED = "direct-push"
    """AI-assisted commits came to a guarded branch through no change that was allowed."""
    ENFORCEMENT = "enforcement"
    """The forge does not, or does not any more, require our check of our App."""
    FORGED = "forged"
    """Somebody else put a mark of our name on a commit."""
    LEDGER = "ledger"
    """A check on the forge carries a hash that our ledger does not have."""
    OVERRIDE = "override"
    """Somebody broke the glass; somebody else has to look."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `number` is the change's where it is about one; `body` what is known of it, by account ids.

    `announced_at` is when it was told on the forge; open while `closed_at` is None.
    """

    id: int
    forge: str
    repository: int
    number: int | None
    kind: FindingKind
    sha: Sha | None
    body: Mapping[str, Any]
    found_at: datetime
    announced_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: AccountId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A finding to be kept. `key` tells it from every other of its kind in the repository."""

    forge: str
    repository: int
    kind: FindingKind
    key: str
    body: Mapping[str, Any]
    number: int | None = None
    sha: Sha | None = None


def add(tx: Tx, new: NewFinding, now: datetime) -> bool:
    """Keep a finding; False when it was found before, be it closed or not."""
    row = {"forge": new.forge, "repository": new.repository, "number": new.number, "kind": new.kind.value}
    row |= {"key": new.key, "sha": new.sha, "body": canonical.dumps(new.body), "found_at": now}
    return insert_new(tx, table, [row]) == 1


def page(  # noqa: PLR0913  filters, each by name
    tx: Tx,
    *,
    closed: bool = False,
    after: int = 0,
    limit: int = 100,
    repository: tuple[str, int] | None = None,
    number: int | None = None,
    kind: FindingKind | None = None,
) -> tuple[Finding, ...]:
    """Findings that fit, by number; with `closed` the closed ones too. `after` is the number of the last one had."""
    wanted = [table.c.id > after, *([] if closed else [table.c.closed_at.is_(None)])]
    if repository is not None:
        wanted += [table.c.forge == repository[0], table.c.repository == repository[1]]
    wanted += [table.c.number == number] if number is not None else []
    wanted += [table.c.kind == kind.value] if kind is not None else []
    return tuple(map(_finding, tx.execute(select(table).where(and_(*wanted)).order_by(table.c.id).limit(limit))))


def get(tx: Tx, finding: int) -> Finding | None:
    """A finding by its number, open or closed."""
    row = tx.execute(select(table).where(table.c.id == finding)).first()
    return None if row is None else _finding(row)


def is_open(tx: Tx, forge: str, repository: int, kind: FindingKind, key: str) -> bool:
    """Whether the finding of a key is there and nobody closed it."""
    mine = and_(table.c.forge == forge, table.c.repository == repository, table.c.kind == kind.value)
    wanted = and_(mine, table.c.key == key, table.c.closed_at.is_(None))
    return tx.execute(select(table.c.id).where(wanted)).first() is not None


def unannounced(tx: Tx, forge: str, repository: int) -> tuple[Finding, ...]:
    """The open findings of a repository that were not told on the forge yet."""
    mine = and_(table.c.forge == forge, table.c.repository == repository)
    silent = and_(mine, table.c.closed_at.is_(None), table.c.announced_at.is_(None))
    return tuple(map(_finding, tx.execute(select(table).where(silent).order_by(table.c.id))))


def announced(tx: Tx, finding: int, now: datetime) -> bool:
    """It is told on the forge, or is about to be; False when it was before."""
    silent = and_(table.c.id == finding, table.c.announced_at.is_(None))
    return tx.execute(update(table).where(silent).values(announced_at=now)).rowcount == 1


def close(tx: Tx, finding: int, by: AccountId, reason: str, now: datetime) -> bool:
    """Somebody closed it with a reason; False when it is not there or is closed."""
    still_open = and_(table.c.id == finding, table.c.closed_at.is_(None))
    told = {"closed_at": now, "closed_by": by, "reason": reason}
    return tx.execute(update(table).where(still_open).values(told)).rowcount == 1


def count(tx: Tx) -> dict[str, int]:
    """How many are open, of each kind that there is."""
    rows = tx.execute(select(table.c.kind, func.count()).where(table.c.closed_at.is_(None)).group_by(table.c.kind))
    found: dict[str, int] = {kind.value: 0 for kind in FindingKind}
    return found | {row[0]: row[1] for row in rows}


def _finding(row: Row[Any]) -> Finding:
    return Finding(
        id=row.id,
        forge=row.forge,
        repository=row.repository,
        number=row.number,
        kind=FindingKind(row.kind),
        sha=None if row.sha is None else Sha(row.sha),
        body=canonical.loads(row.body),
        found_at=row.found_at,
        announced_at=row.announced_at,
        closed_at=row.closed_at,
        closed_by=None if row.closed_by is None else AccountId(row.closed_by),
        reason=row.reason,
    )
