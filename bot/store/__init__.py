"""The store: what must not be lost, in SQLite or PostgreSQL, under one code path. It knows no forge and no clock.

    store = open_store(url)                 # sqlite:///path or postgresql://…; made, migrated, or refused
    with store.write() as tx:               # one transaction: commits at the end, rolls back on an error
        if deliveries.record(tx, "github", delivery, kind, now):
            due.mark(tx, subjects, now)

Every function takes the transaction first, so that several succeed or fail together; times are aware and handed in.
Whatever may pass by itself (a lock, a lost connection) is a TryAgainError. One `write` inside another deadlocks.

- `deliveries`: which were taken. `due`: what is to be looked at, by whom. `leases`: by name, of all processes one.
- `repositories`, `teams`, `people` (names, kept apart to be forgotten), `records` (small state by name).
- `sightings`: reviews, pushes and heads as webhooks showed them. `heads`: merge bases, paths, patch identities.
- `memory`: evidence and its inheritance, what people said, what landed.
- `findings`: what passed the gate all the same, until somebody closes it.
- `queue`, `trends`: the open changes in the order of need, and figures over time. `sessions`: who is logged in.
- `changes`: what was last decided and published. `ledger`: the append-only chain of it all.
- `backup`: copies of the whole, and the ways back.
"""

from bot.store import (
    backup,
    changes,
    deliveries,
    due,
    findings,
    heads,
    leases,
    ledger,
    memory,
    people,
    queue,
    records,
    repositories,
    sessions,
    sightings,
    teams,
    trends,
)
from bot.store.changes import ChangeRow
from bot.store.due import Claim, DueStats
from bot.store.engine import Store, Tx
from bot.store.heads import HeadFacts
from bot.store.schema import open_store
from bot.store.visible import Visible, sees

__all__ = [
    "ChangeRow",
    "Claim",
    "DueStats",
    "HeadFacts",
    "Store",
    "Tx",
    "Visible",
    "backup",
    "changes",
    "deliveries",
    "due",
    "findings",
    "heads",
    "leases",
    "ledger",
    "memory",
    "open_store",
    "people",
    "queue",
    "records",
    "repositories",
    "sees",
    "sessions",
    "sightings",
    "teams",
    "trends",
]
