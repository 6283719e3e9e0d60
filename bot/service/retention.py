"""Forgetting what need not be kept: working notes after some weeks, names, mailboxes and quotes after a longer time.

The ledger is never touched: it holds account ids and no names, so its chain stands whatever is erased here.
"""

from datetime import timedelta

import structlog

from bot.service.context import Context
from bot.store import changes, deliveries, leases, memory, people, records

log = structlog.get_logger()

NOTES = ("contents/", "published/", "groups/", "kinds/", "notes/")
"""Names of records that save a request or an order of events, and are made again when they are missing."""


def prune(context: Context) -> dict[str, int]:
    """Forget what is past its time; how much of what. Safe at any moment and as often as one likes."""
    now = context.clock()
    notes, names = now - context.keep, now - context.keep_names
    with context.store.write() as tx:
        gone = {
            "deliveries": deliveries.forget_before(tx, notes),
            "leases": leases.forget_before(tx, now - timedelta(days=1)),
            "notes": records.forget_before(tx, notes, NOTES),
        }
    with context.store.write() as tx:
        gone["names"] = people.erase_before(tx, names)
        gone["decisions"] = changes.erase_before(tx, names)
        gone["quotes"] = memory.erase_before(tx, names)
    if any(gone.values()):
        log.info("pruned", **gone)
    return gone
