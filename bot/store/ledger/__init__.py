"""The ledger: an append-only chain of what was decided, seen and done.

Every entry's hash covers the one before it, so that a removed, changed or reordered entry shows. What the chain cannot
show by itself is that its end was cut off or all of it rewritten: for that its head is published in checks.

`append` makes every other writer of the ledger wait for the end of the transaction: let it be the last thing in one.
"""

from bot.store.ledger.book import append, entries, hash_of, hashes, head, holds, walk
from bot.store.ledger.chain import GENESIS, Entry
from bot.store.ledger.proof import PREVIOUS, Fault, verify
from bot.store.ledger.search import Search, kinds, search, with_commit

__all__ = [
    "GENESIS",
    "PREVIOUS",
    "Entry",
    "Fault",
    "Search",
    "append",
    "entries",
    "hash_of",
    "hashes",
    "head",
    "holds",
    "kinds",
    "search",
    "verify",
    "walk",
    "with_commit",
]
