"""The ledger, proven while the service runs: a part of its chain each period, so that nobody has to think of it.

What does not fit is an alarm for people, in the metrics, in `/readyz` and by the doctor; nothing is mended here, and
nothing is decided by it. That a whole chain was rewritten shows by what the forge witnesses (`witness`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from bot.service.context import Context
from bot.store import Tx, ledger, records
from bot.store.ledger import GENESIS, Entry, Fault

log = structlog.get_logger()

AT_ONCE = 500
"""How many of the newest entries each look proves, and how many older ones in turn; it takes tenths of a second."""
FAULT, PROVEN = "ledger/fault", "ledger/proven"


def look(context: Context, at_once: int = AT_ONCE) -> Fault | None:
    """Prove the newest entries against the ledger's head, and the next of the older ones; what is wrong stays told."""
    with context.store.read() as tx:
        known = records.get(tx, PROVEN) or {"seq": 0, "hash": GENESIS, "head": [0, GENESIS]}
        fault, after = _look(tx, known, at_once)
        head = ledger.head(tx)
        told = broken(tx)
    with context.store.write() as tx:
        if fault is None:
            records.put(tx, PROVEN, {"seq": after[0], "hash": after[1], "head": list(head)})
        if (fault is None) != (told is None):
            _tell(tx, fault, context.clock())
    return fault


def broken(tx: Tx) -> Mapping[str, Any] | None:
    """What the last look found wrong: {"seq", "text", "since"}; None when everything it looked at was as written."""
    found: Mapping[str, Any] | None = records.get(tx, FAULT)
    return found


def _look(tx: Tx, known: Mapping[str, Any], at_once: int) -> tuple[Fault | None, tuple[int, str]]:
    """The first thing that is wrong, and as far as older entries were proven now."""
    head = ledger.head(tx)
    for seq, digest in ((known["seq"], known["hash"]), known["head"]):
        if ledger.hash_of(tx, seq) != digest:
            text = f"entry {seq} is not the one that stood there before: it was rewritten, or an older copy put back"
            return Fault(seq, text), (seq, digest)
    if head[0] < known["head"][0]:
        return Fault(head[0] + 1, f"the ledger ends at entry {head[0]} now, and ended later before"), (0, GENESIS)
    first = max(0, head[0] - at_once)
    before = ledger.hash_of(tx, first)
    if before is None:
        return Fault(first, f"entry {first} is missing"), (0, GENESIS)
    fault, _ = _span(ledger.entries(tx, first, at_once), (first, before), {head[0]: head[1]} if head[0] else {})
    if fault is not None:
        return fault, (0, GENESIS)
    fault, reached = _span(ledger.entries(tx, known["seq"], at_once), (known["seq"], known["hash"]), {})
    return fault, (0, GENESIS) if reached[0] >= head[0] else reached


def _span(
    some: Sequence[Entry], after: tuple[int, str], anchors: Mapping[int, str]
) -> tuple[Fault | None, tuple[int, str]]:
    fault = ledger.verify((each.exported() for each in some), after=after, anchors=anchors)
    return fault, (some[-1].seq, some[-1].hash) if some else after


def _tell(tx: Tx, fault: Fault | None, now: datetime) -> None:
    if fault is None:
        records.put(tx, FAULT, None)
        log.warning("ledger_verifies_again")
        return
    records.put(tx, FAULT, {"seq": fault.seq, "text": fault.text, "since": now.isoformat()})
    log.error("ledger_broken", entry=fault.seq, why=fault.text)
