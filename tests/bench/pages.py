"""How fast the pages are with 10,000 open changes and 1,000,000 ledger entries: `python -m tests.bench.pages`.

The database is filled directly, in a folder that can be named so as to measure again. Every page is asked for by
somebody who sees everything and by somebody who can read a tenth of the repositories; the slowest of five answers must
stay under the limit, else it exits with 1.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert

from bot import gate
from bot.model.ids import AccountId
from bot.model.subject import Repository
from bot.service import listing
from bot.service import record as record_of
from bot.service.context import Context
from bot.store import canonical, repositories
from bot.store import tables as t
from bot.web.viewer import LocalDoor, Viewer
from tests.web.site import NOW, context, decided, site

LIMIT = 0.300
OPEN, CLOSED, ENTRIES, REPOSITORIES = 10_000, 100_000, 1_000_000, 200
ROUNDS = 5
CHUNK = 20_000
CASE = "92-two-seniors-for-a-high-blast-radius.yaml"


class _SomeDoor(LocalDoor):
    """Lets somebody in who can read a tenth of the repositories."""

    def viewer(self, asked: object) -> Viewer:
        """The same person every time."""
        return Viewer("", "github", AccountId(1001), {"github": frozenset(range(0, REPOSITORIES, 10))}, lead=False)


def fill(known: Context) -> None:
    """Fill the database."""
    case, found = decided(CASE)
    record = gate.as_record(found)
    large = canonical.dumps(record)
    base = listing.columns(case.change, found, None, NOW)
    with known.store.write() as tx:
        for number in range(REPOSITORIES):
            repositories.upsert(tx, Repository("github", number, f"acme/service-{number}", "main", 1))
    common = {"forge": "github", "author": 101, "author_kind": "user", "base": "main", "check_title": found.title}
    common |= {"title": case.change.title, "url": "https://forge.example.com/", "decision_digest": "d"}
    for some in _chunks(OPEN + CLOSED):
        rows, asked = [], []
        for number in some:
            is_open, at = number < OPEN, NOW - timedelta(minutes=number)
            repository = number % REPOSITORIES
            row = {**common, **base, "repository": repository, "number": number, "name": f"acme/service-{repository}"}
            row |= {"state": "open" if is_open else "merged", "head": f"{number:040x}", "verdict": "hold"}
            row |= {"ai_class": "ai-assisted" if number % 3 else "none-disclosed", "first_at": at, "held_at": at}
            row |= {
                "waiting_since": at if is_open else None,
                "listed_at": at,
                "urgency": -1 - number % 3 if is_open else 0,
            }
            row |= {"held_head": f"{number - number % 2:040x}", "closed_at": None if is_open else at, "decided_at": at}
            row |= {"signed_at": None if is_open else at, "signed_seconds": None if is_open else number % 90_000}
            rows.append(row | {"decision": large if is_open else None})
            key = {"forge": "github", "repository": repository, "number": number}
            asked += [key | {"who": str(who)} for who in (1001, 1002, 1009)] if is_open else []
        with known.store.write() as tx:
            tx.execute(insert(t.changes), rows)
            if asked:
                tx.execute(insert(t.asked), asked)
    _fill_ledger(known, canonical.dumps(record_of.of_decision(record)))


def _fill_ledger(known: Context, decision: str) -> None:
    said = canonical.dumps({"by": 1009, "head": "a1", "comment": 1, "reason": "production is down and nobody is here"})
    for some in _chunks(ENTRIES):
        rows = []
        for seq in some:
            number = seq % (OPEN + CLOSED)
            scope = f"github/{number % REPOSITORIES}"
            kind = "override" if seq % 1000 == 0 else "declaration" if seq % 50 == 0 else "decision"
            row = {"seq": seq + 1, "at": NOW - timedelta(seconds=30 * (ENTRIES - seq)), "kind": kind, "scope": scope}
            row |= {"subject": f"{scope}/change/{number}", "hash": f"{seq * 2654435761 % 2**256:064x}"}
            rows.append(row | {"body": decision if kind == "decision" else said})
        with known.store.write() as tx:
            tx.execute(insert(t.ledger), rows)
    with known.store.write() as tx:
        tx.execute(insert(t.ledger_head), {"id": 1, "seq": ENTRIES, "hash": "f" * 64})


def _chunks(number: int) -> Iterator[range]:
    return (range(start, min(number, start + CHUNK)) for start in range(0, number, CHUNK))


PATHS = (
    "/", "/?order=age", "/?show=open", "/?for=grace", "/?for=linus&order=age", "/?for=nobody",
    "/?after=github/0/change/4000", "/?show=open&after=github/50/change/9850", "/changes/github/10/change/10",
    "/repositories", "/rules", "/figures", "/record", "/record?kind=override", "/record?kind=decision&after=500000",
    "/record?q=acme/service-10", "/record?q=acme/service-10%2310", "/record?by=ada", "/record?by=grace",
    "/record?q=acme/service-10&kind=override&after=300000", "/record?since=2025-12-15&until=2025-12-16",
    "/record?since=2025-12-15&until=2025-12-16&kind=override", "/record?q=" + f"{5 * 2654435761:064x}",
    "/record?q=0123456789abcdef", "/record?kind=nothing", "/record?after=10",
)  # fmt: skip


def times(app: Flask, path: str) -> list[float]:
    """How long a few answers took, in seconds, the quickest first."""
    browser, took = app.test_client(), []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = browser.get(path)
        took.append(time.perf_counter() - begun)
        assert answer.status_code in {200, 404}, (path, answer.status_code)
    return sorted(took)


def main() -> int:
    """Fill, measure, print; 1 if a page is too slow."""
    console, late = Console(), 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch)
        filled = (folder / "pages.sqlite3").exists()
        known = context(folder)
        if not filled:
            begun = time.perf_counter()
            fill(known)
            console.print(f"filled in {time.perf_counter() - begun:.0f} s")
        table = Table("Page", "sees everything: median, slowest ms", "sees a tenth: median, slowest ms")
        doors: list[Any] = [site(replace(known)), site(replace(known), _SomeDoor())]
        for path in PATHS:
            took = [times(app, path) for app in doors]
            late += any(each[-1] > LIMIT for each in took)
            shown = (f"{median(each) * 1000:.0f}, {each[-1] * 1000:.0f}" + " !" * (each[-1] > LIMIT) for each in took)
            table.add_row(path[:70], *shown)
        console.print(table)
        known.store.dispose()
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
