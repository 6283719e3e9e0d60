"""When nobody was looking: processes with workers leave a sign of life, and a gap between two goes on the record."""

from datetime import datetime, timedelta

import structlog

from bot.service.context import Context
from bot.store import Tx, ledger, records

log = structlog.get_logger()

BEAT = timedelta(seconds=30)
GAP = timedelta(minutes=2)
"""A gap between two signs of life that is longer is downtime; a restart is shorter."""
ALIVE, AWAY = "watch/alive", "watch/away"
MOST = 20
"""How many gaps are kept at hand, the newest ones; the ledger has them all."""


def beat(context: Context, *, starting: bool = False) -> None:
    """A sign of life; a gap since the last one goes on the record. When `starting`, so does that."""
    now = context.clock()
    with context.store.write() as tx:
        last = records.get(tx, ALIVE)
        since = datetime.fromisoformat(str(last)) if last else None
        if since is not None and now < since:
            return  # another process's clock is ahead
        records.put(tx, ALIVE, now.isoformat())
        if since is None or (now - since <= GAP and not starting):
            return
        span = {"from": since.isoformat(), "to": now.isoformat()}
        records.put(tx, AWAY, [*(records.get(tx, AWAY) or ()), list(span.values())][-MOST:])
        if now - since > GAP:
            ledger.append(tx, "downtime", None, span, now)
            log.warning("downtime", since=span["from"], until=span["to"])


def event(context: Context, kind: str, process: str) -> None:
    """A process with workers began or ended its work."""
    with context.store.write() as tx:
        ledger.append(tx, "service", None, {"event": kind, "process": process}, context.clock())


def silence(tx: Tx, now: datetime) -> timedelta | None:
    """How long ago the last sign of life was; None when there never was one."""
    last = records.get(tx, ALIVE)
    return None if last is None else now - datetime.fromisoformat(str(last))


def spans(tx: Tx) -> tuple[tuple[datetime, datetime], ...]:
    """The newest gaps, restarts among them: from the last sign of life to the next one."""
    return tuple(
        (datetime.fromisoformat(str(since)), datetime.fromisoformat(str(until)))
        for since, until in records.get(tx, AWAY) or ()
    )
