"""The pages over a store that holds decided case files: no forge is asked, since pages never ask one to decide."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from bot import detect, gate, rules
from bot.model.decision import Decision, Verdict
from bot.model.subject import Repository, Subject
from bot.rules import Case
from bot.service import listing
from bot.service import record as record_of
from bot.service.context import Context
from bot.service.intake import Intake
from bot.service.rulebook import FileRulebook
from bot.store import ChangeRow, Store, changes, ledger, open_store, people, repositories
from bot.web import create_app
from bot.web.viewer import Door

CASES = Path(__file__).parent.parent / "cases"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def decided(name: str) -> tuple[Case, Decision]:
    """A case file and its decision."""
    path = CASES / name
    case = rules.load_case(path.read_bytes(), name, lambda beside: (CASES / beside).read_bytes())
    found = detect.examine(case.change, case.policy.detection)
    return case, gate.decide(case.change, found, case.memory, case.policy, case.roster, case.now)


def context(folder: Path, rules_file: Path | None = None) -> Context:
    """A context with a new database; its forges are there by name only."""
    return Context(
        forges={"github": None},
        store=open_store(f"sqlite:///{folder / 'pages.sqlite3'}"),
        rulebook=FileRulebook(rules_file, None),
        clock=lambda: NOW,
        page_url=lambda key: f"http://127.0.0.1/changes/{key}",
    )


def site(found: Context, door: Door | None = None) -> Flask:
    """The application."""
    return create_app(found, Intake(found.store, found.clock), body_limit=10_000, door=door)


def keep(
    store: Store, name: str, subject: Subject, *, hours: float = 1.0, repository: str = "acme/payments", **more: Any
) -> ChangeRow:
    """Keep a case as the service would after deciding it, waiting for so many hours."""
    case, found = decided(name)
    record = gate.as_record(found)
    since = NOW - timedelta(hours=hours)
    row = ChangeRow(
        subject=subject,
        name=repository,
        title=case.change.title,
        author=case.change.author,
        url="https://forge.example.com/acme/payments/pull/7",
        state="open",
        head=found.head,
        base=case.change.base,
        verdict=found.verdict.value,
        ai_class=found.ai_class.value,
        check_title=str(more.pop("check_title", found.title)),
        decided_at=since,
        waiting_since=None if found.verdict is Verdict.ALLOW else since,
        decision=record,
        **(listing.columns(case.change, found, None, since) | more),
    )
    with store.write() as tx:
        repositories.upsert(tx, Repository("github", subject.repository, row.name, "main", 1))
        changes.save(tx, row)
        changes.ask(tx, subject, listing.asked(found))
        people.remember(tx, "github", case.change.author.id or 0, case.change.author.login or "", NOW)
        ledger.append(tx, "decision", subject.key, record_of.of_decision(record), since)
    return row


def kept(store: Store, names: Iterable[str]) -> None:
    """Keep several cases as changes 1, 2, …, of one repository."""
    for number, name in enumerate(names, 1):
        keep(store, name, Subject.change("github", 1, number), hours=10 - number)
