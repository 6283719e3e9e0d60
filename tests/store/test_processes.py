"""Several processes on one database, and processes that are killed: nothing is lost, nothing is done by two."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from bot.model.subject import Subject
from bot.store import Store, due, ledger, open_store
from tests.store import processes
from tests.store.nouns import LEASE, NOON, SEVEN, at
from tests.store.processes import CONTEXT

MANY = 4


def together(work: Callable[..., None], *arguments: list[Any]) -> list[Any]:
    """Run one function in several processes that start at the same moment; what each answered."""
    start, results = CONTEXT.Barrier(len(arguments)), CONTEXT.Queue()
    running = [CONTEXT.Process(target=work, args=(*each, start, results)) for each in arguments]
    for process in running:
        process.start()
    answers = [results.get(timeout=60) for _ in running]
    for process in running:
        process.join(30)
    return answers


def test_processes_that_open_an_empty_database_at_once_do_not_collide(url: str) -> None:
    assert together(processes.open_together, *[[url]] * MANY) == [None] * MANY
    open_store(url).dispose()


def test_processes_claim_each_subject_once(store: Store, store_url: str) -> None:
    with store.write() as tx:
        due.mark(tx, [Subject.change("github", 1, number) for number in range(200)], NOON)
    claimed = together(processes.claim_everything, *[[store_url, f"owner {number}"] for number in range(MANY)])
    assert Counter(key for keys in claimed for key in keys) == Counter(
        Subject.change("github", 1, number).key for number in range(200)
    )
    assert sum(bool(keys) for keys in claimed) > 1


def test_what_a_killed_worker_held_is_claimed_after_its_lease(store: Store, store_url: str) -> None:
    with store.write() as tx:
        due.mark(tx, [SEVEN], NOON)
    results = CONTEXT.Queue()
    doomed = CONTEXT.Process(target=processes.claim_and_hang, args=(store_url, results))
    doomed.start()
    lost = results.get(timeout=60)
    doomed.kill()
    doomed.join()
    with store.write() as tx:
        assert due.claim(tx, at(29), "next", LEASE) is None
        run = due.claim(tx, at(30), "next", LEASE)
        assert run is not None
        assert (run.subject, run.attempts) == (SEVEN, 2)
        assert not due.finish(tx, lost, at(31))
        assert due.finish(tx, run, at(31))


def test_a_mark_that_was_committed_survives_a_kill(store: Store, store_url: str) -> None:
    results = CONTEXT.Queue()
    doomed = CONTEXT.Process(target=processes.mark_until_killed, args=(store_url, results))
    doomed.start()
    acknowledged = {results.get(timeout=60) for _ in range(20)}
    doomed.kill()
    doomed.join()
    with store.write() as tx:
        kept = set()
        while (run := due.claim(tx, at(1_000_000), "next", LEASE)) is not None:
            kept.add(run.subject.key)
    assert acknowledged <= kept


@pytest.mark.parametrize("count", [40])
def test_processes_that_append_at_once_keep_one_chain(store: Store, store_url: str, count: int) -> None:
    together(processes.append_entries, *[[store_url, count]] * MANY)
    with store.read() as tx:
        exported = [entry.exported() for entry in ledger.walk(tx, page=7)]
        head = ledger.head(tx)
    assert ledger.verify(exported, anchors=dict([head])) is None
    assert head == (count * MANY, exported[-1]["hash"])
