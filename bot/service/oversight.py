"""What the pages show of the watch: how hard each repository's gate is, and what went round it and is still open."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model.enforcement import Grade
from bot.model.roster import Roster
from bot.service import found
from bot.service.found import Listed
from bot.service.rounds import GRADES
from bot.store import Tx, Visible, findings, records, sees
from bot.store.findings import FindingKind

OVERRIDES = ("override",)
"""The kinds of ledger entries that are overrides."""
PUSHES = ("policy_push",)
"""The kinds that tell of a push past the gate to where the rules come from."""
BYPASSES = (FindingKind.MERGED, FindingKind.LATE, FindingKind.PUSHED, FindingKind.FORGED)
"""The findings of something that went round the gate, or was to; the others tell of how the gate itself stands."""
MOST = 1000
"""How many open findings are looked through at most."""


@dataclass(frozen=True, slots=True)
class Gate:
    """How hard a repository's gate is, why, and what would mend it."""

    grade: Grade
    facts: tuple[tuple[str, str], ...]


def gates(tx: Tx) -> Mapping[tuple[str, int], Gate]:
    """The gate of each repository that was looked at, by forge and number."""
    known = {}
    for name, kept in records.under(tx, GRADES).items():
        forge, number = name.removeprefix(GRADES).split("/")
        facts = tuple((str(fact["text"]), str(fact.get("repair") or "")) for fact in kept["facts"])
        known[forge, int(number)] = Gate(Grade(kept["grade"]), facts)
    return known


def open_findings(tx: Tx, seen: Visible, roster: Roster) -> Mapping[tuple[str, int], tuple[Listed, ...]]:
    """What nobody closed yet, by forge and repository, the newest first."""
    listed: dict[tuple[str, int], list[Listed]] = {}
    shown = [each for each in findings.page(tx, limit=MOST) if sees(seen, each.forge, each.repository)]
    for each, told in zip(shown, found.told(tx, shown, roster), strict=True):
        listed.setdefault((each.forge, each.repository), []).insert(0, told)
    return {key: tuple(some) for key, some in listed.items()}
