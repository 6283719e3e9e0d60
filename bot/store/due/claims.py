"""Claiming what is due, keeping the claim alive, and giving it back.

A claim carries a token of its own: neither the same owner's next claim nor a clock that stood still passes for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, select, update

from bot.model.subject import Subject
from bot.store.due.marks import BACKGROUND, URGENT
from bot.store.engine import Tx
from bot.store.tables import due, pauses


@dataclass(frozen=True, slots=True)
class Claim:
    """One run of one subject by one owner.

    `attempts` counts this try: 1 unless earlier ones failed or died. `first_marked_at` is the oldest mark it serves.
    """

    subject: Subject
    owner: str
    token: str
    attempts: int
    first_marked_at: datetime

    @property
    def name(self) -> str:
        """Names this one run among all."""
        return f"{self.subject.key} {self.token}"


_PATIENT = 3
"""After so many tries a lease runs its time also if its owner is known to be dead: the change may be what kills it."""


def claim(tx: Tx, now: datetime, owner: str, lease: timedelta) -> Claim | None:
    """Take what has been due the longest, urgent before background, until `now + lease`; None when nothing is.

    An owner that did not finish in time has lost it. Parked subjects and paused scopes are passed over.
    """
    row = _first(tx, now, URGENT) or _first(tx, now, BACKGROUND)
    if row is None:
        return None
    made = Claim(
        subject=Subject.parse(row.key),
        owner=owner,
        token=token_hex(8),
        attempts=row.attempts + 1,
        first_marked_at=row.first_marked_at or row.next_at,
    )
    tx.execute(
        update(due)
        .where(due.c.key == row.key)
        .values(
            owner=owner,
            token=made.token,
            next_at=now + lease,
            attempts=made.attempts,
            first_marked_at=made.first_marked_at,
            remarked_at=None,
            wake_at=row.wake_at if row.wake_at is not None and row.wake_at > now else None,
        )
    )
    return made


def renew(tx: Tx, claim: Claim, now: datetime, lease: timedelta) -> bool:
    """Hold a claim until `now + lease`; False when it is lost: the run must stop and publish nothing."""
    return tx.execute(update(due).where(held(claim, now)).values(next_at=now + lease)).rowcount == 1


def release(tx: Tx, owner: str) -> int:
    """Give back at once everything an owner holds, as if never claimed; how many that was. For a graceful stop."""
    back = {
        "owner": None,
        "token": None,
        "remarked_at": None,
        "attempts": case((due.c.attempts > 0, due.c.attempts - 1), else_=0),
        "next_at": func.coalesce(due.c.first_marked_at, due.c.next_at),
    }
    return tx.execute(update(due).where(due.c.owner == owner).values(back)).rowcount


def lapse(tx: Tx, is_dead: Callable[[str], bool], now: datetime) -> tuple[Claim, ...]:
    """Make due at once what owners hold who are known to be dead; those claims, which count as tries.

    It waits for nobody: whatever others are at right now is left to them, or to the end of its lease.
    """
    held_by = select(due).where(due.c.owner.is_not(None), due.c.next_at > now, due.c.attempts < _PATIENT)
    unlocked = held_by.order_by(due.c.key).with_for_update(skip_locked=True)
    rows = [row for row in tx.execute(unlocked) if is_dead(row.owner)]
    for row in rows:
        tx.execute(update(due).where(due.c.key == row.key).values(next_at=now))
    return tuple(
        Claim(Subject.parse(row.key), row.owner, row.token, row.attempts, row.first_marked_at or now) for row in rows
    )


def held(claim: Claim, now: datetime) -> ColumnElement[bool]:
    """Whether a claim is still its owner's: nobody took it since, and its lease has not ended."""
    return and_(
        due.c.key == claim.subject.key, due.c.owner == claim.owner, due.c.token == claim.token, due.c.next_at > now
    )


def _first(tx: Tx, now: datetime, rank: int) -> Row[Any] | None:
    paused = exists().where(pauses.c.scope == due.c.scope, pauses.c.until > now)
    claimable = and_(due.c.rank == rank, due.c.next_at <= now, due.c.parked_at.is_(None), ~paused)
    oldest = select(due).where(claimable).order_by(due.c.next_at, due.c.key).limit(1)
    return tx.execute(oldest.with_for_update(skip_locked=True, of=due)).first()
