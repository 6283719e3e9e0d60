"""What went round the gate and nobody has looked at yet, as the ledger has it, and how hard each gate is held to be.

The pages read both through these few functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.store import Tx, Visible, ledger, visible
from bot.store.ledger import Entry, Search

OVERRIDES = ("override",)
BYPASSES = ("finding", "policy_push")
_CLOSES = {"override": "closefollowup", "finding": "finding-closed"}
MOST = 100
"""So many of the newest of each kind are looked through."""


@dataclass(frozen=True, slots=True)
class Grade:
    """How hard a repository's gate is (`enforced`, `tamper-evident`, `advisory`, `off`), why, and what mends it."""

    grade: str
    why: str = ""
    repair: str = ""
    seen_at: datetime | None = None


def grades(tx: Tx) -> Mapping[tuple[str, int], Grade]:
    """The grade of each repository that was examined, by forge and number."""
    del tx
    return {}


def open_findings(tx: Tx, seen: Visible) -> Mapping[tuple[str, int], tuple[Entry, ...]]:
    """The overrides without a follow-up and the findings nobody closed, by forge and repository, the newest first."""
    found: dict[tuple[str, int], list[Entry]] = {}
    scopes = visible.scopes(seen)
    for kind, closing in _CLOSES.items():
        for entry in ledger.search(tx, Search(None if scopes is None else tuple(scopes), kind), limit=MOST):
            if entry.subject is None or _closed(tx, entry, closing):
                continue
            forge, repository, _ = entry.subject.split("/", 2)
            found.setdefault((forge, int(repository)), []).append(entry)
    return {key: tuple(entries) for key, entries in found.items()}


def _closed(tx: Tx, entry: Entry, closing: str) -> bool:
    """Whether a later entry about the same closes it."""
    later = ledger.entries(tx, after=entry.seq, subject=entry.subject, kind=closing, limit=10)
    kind = entry.body.get("kind")
    return any(kind is None or each.body.get("kind") in (None, kind) for each in later)
