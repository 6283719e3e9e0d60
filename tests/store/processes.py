"""What other processes do to one database in the tests; each function runs in a process of its own."""

import time
from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from bot.store import due, ledger, open_store
from tests.store.nouns import LEASE, NOON, SEVEN

CONTEXT = get_context("spawn")
"""Nothing is inherited from the process of the tests."""


def open_together(url: str, start: Any, results: Any) -> None:
    """Open the database at the same moment as the others."""
    start.wait(30)
    try:
        open_store(url).dispose()
        results.put(None)
    except Exception as error:  # noqa: BLE001  told to the test
        results.put(repr(error))


def claim_everything(url: str, owner: str, start: Any, results: Any) -> None:
    """Claim and finish until nothing is due; tell which keys."""
    store, keys = open_store(url), []
    start.wait(30)
    while True:
        with store.write() as tx:
            claim = due.claim(tx, NOON, owner, LEASE)
        if claim is None:
            break
        keys.append(claim.subject.key)
        with store.write() as tx:
            assert due.finish(tx, claim, NOON)
    store.dispose()
    results.put(keys)


def claim_and_hang(url: str, results: Any) -> None:
    """Claim one subject, tell so, and never finish."""
    store = open_store(url)
    with store.write() as tx:
        claim = due.claim(tx, NOON, "doomed", LEASE)
    results.put(claim)
    time.sleep(600)


def mark_until_killed(url: str, results: Any) -> None:
    """Mark one subject after the other, telling of each once it is committed."""
    store = open_store(url)
    for number in range(1_000_000):
        subject = SEVEN.change("github", 1, number)
        with store.write() as tx:
            due.mark(tx, [subject], NOON + timedelta(seconds=number))
        results.put(subject.key)


def append_entries(url: str, count: int, start: Any, results: Any) -> None:
    """Append to the ledger while others do."""
    store = open_store(url)
    start.wait(30)
    for number in range(count):
        with store.write() as tx:
            ledger.append(tx, "tested", SEVEN.key, {"number": number}, NOON)
    store.dispose()
    results.put(count)
