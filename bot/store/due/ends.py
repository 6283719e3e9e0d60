"""The three ends of a run: done, to be tried again because it failed, to be tried again because it had to wait.

Each changes nothing when the lease was lost: somebody else has the subject, or will have it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from bot.store.due.claims import Claim, held
from bot.store.due.marks import URGENT
from bot.store.engine import Tx
from bot.store.tables import due

_FREE = {"owner": None, "token": None, "remarked_at": None}
_ERROR_LENGTH = 2000


def finish(tx: Tx, claim: Claim, now: datetime, again_at: datetime | None = None) -> bool:
    """The run is done; False when the lease was lost.

    What was marked meanwhile is due at once. `again_at` is a further future due time.
    """
    row = _mine(tx, claim, now)
    if row is None:
        return False
    passed = row.wake_at if row.wake_at is not None and row.wake_at <= now else None
    wake_at = min((at for at in (None if passed else row.wake_at, again_at) if at is not None), default=None)
    next_at = min((at for at in (row.remarked_at, passed, wake_at) if at is not None), default=None)
    if next_at is None:
        tx.execute(delete(due).where(due.c.key == row.key))
        return True
    rank = URGENT if row.remarked_at is None else row.rank
    rest = {"first_marked_at": row.remarked_at, "attempts": 0, "error": None, "wake_at": wake_at, "rank": rank}
    _set(tx, row, _FREE | rest | {"next_at": next_at})
    return True


def fail(  # noqa: PLR0913, PLR0917  what failed, when, why, and what to do then
    tx: Tx, claim: Claim, now: datetime, again_at: datetime, error: str, cap: int
) -> bool:
    """The run failed; try again at `again_at`, or park it, answering True, once `cap` attempts are used up (0: never).

    Claims that died count as attempts, so that a change that kills its worker is parked too. An event during the
    run has begun the count anew: what is new deserves a try.
    """
    row = _mine(tx, claim, now)
    if row is None:
        return False
    parks = bool(0 < cap <= row.attempts)
    rest = {"error": error[:_ERROR_LENGTH], "parked_at": now if parks else None}
    _set(tx, row, _FREE | rest | {"next_at": again_at})
    return parks


def defer(tx: Tx, claim: Claim, now: datetime, again_at: datetime) -> bool:
    """The run could not be made yet, by nobody's fault (a rate limit); False when the lease was lost.

    It is due again at `again_at`, and no attempt is counted.
    """
    row = _mine(tx, claim, now)
    if row is None:
        return False
    _set(tx, row, _FREE | {"attempts": max(row.attempts - 1, 0), "next_at": again_at})
    return True


def _mine(tx: Tx, claim: Claim, now: datetime) -> Row[Any] | None:
    return tx.execute(select(due).where(held(claim, now)).with_for_update()).first()


def _set(tx: Tx, row: Row[Any], values: dict[str, Any]) -> None:
    tx.execute(update(due).where(due.c.key == row.key).values(values))
