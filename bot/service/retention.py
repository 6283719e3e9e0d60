"""Forgetting what need not be kept: working notes after some weeks, names, mailboxes and quotes after a longer time,
and sightings on which nothing rests any more (`sightings.forgetting` says which).

The ledger is never touched: it holds account ids and no names, so its chain stands whatever is erased here.
"""

from datetime import datetime, timedelta

import structlog

from bot.service.context import Context
from bot.store import changes, deliveries, leases, memory, people, records, sightings

log = structlog.get_logger()

NOTES = ("contents/", "published/", "groups/", "kinds/", "lost/", "notes/", "told/")
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
    gone |= _sightings(context, names)
    if any(gone.values()):
        log.info("pruned", **gone)
    return gone


def _sightings(context: Context, before: datetime) -> dict[str, int]:
    """After the recorded decisions: a merged change whose decision is forgotten is not judged again."""
    with context.store.read() as tx:
        merged = sightings.merged_before(tx, before)
    with context.store.write() as tx:
        gone = {"sightings": sightings.forget_changes(tx, merged), "pushes": sightings.forget_landed(tx, before)}
    with context.store.read() as tx:
        branches = sightings.dead_branches(tx, before)
    for branch in branches:  # one at a time: no delivery is to wait
        with context.store.write() as tx:
            gone["pushes"] += sightings.forget_branch(tx, branch)
    return gone
