"""What the gate did, or would have done where it only observes: per repository, counted from the ledger.

For deciding whether to enforce: how many changes there were, how many were AI-assisted, how many had to wait for a
senior at least once, and how many wait now. It counts changes, never people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.gate import mode_of
from bot.model.policy import Mode
from bot.model.subject import Subject, SubjectKind
from bot.service.context import Context
from bot.store import Tx, ledger, repositories

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One repository. `held` changes waited at least once, or would have; `waiting` ones did when last decided."""

    repository: str
    mode: Mode
    changes: int
    ai: int
    held: int
    waiting: int


@dataclass
class _Seen:
    ai: bool = False
    held: bool = False
    last: str = ""


def summary(context: Context, since: datetime) -> tuple[Line, ...]:
    """A line for each repository with decisions since then, and for each that is covered and had none, by name."""
    policy = context.rulebook.current().policy
    counted = policy.detection.counts
    seen: dict[tuple[str, int], dict[str, _Seen]] = {}
    with context.store.read() as tx:
        known = {(each.forge, each.id): each.name for each in repositories.every(tx)}
        for subject, body in _decisions(tx, since):
            one = seen.setdefault((subject.forge, subject.repository), {}).setdefault(subject.key, _Seen())
            one.ai |= body.get("class") in {each.value for each in counted}
            one.last = str(body.get("verdict"))
            one.held |= one.last != "allow"
    lines = []
    for key in sorted(known.keys() | seen.keys()):
        name = known.get(key, f"{key[0]} repository {key[1]} (gone)")
        mode, found = mode_of(policy, name), tuple(seen.get(key, {}).values())
        if mode is Mode.OFF and not found:
            continue
        numbers = (sum(each.ai for each in found), sum(each.held for each in found))
        waiting = sum(each.last != "allow" for each in found)
        lines.append(Line(name, mode, len(found), *numbers, waiting))
    return tuple(sorted(lines, key=lambda line: line.repository))


def _decisions(tx: Tx, since: datetime) -> list[tuple[Subject, Mapping[str, Any]]]:
    found, after = [], 0
    while some := ledger.entries(tx, after, PAGE, kind="decision", since=since):
        after = some[-1].seq
        subjects = [(Subject.parse(each.subject), each.body) for each in some if each.subject]
        found += [(subject, body) for subject, body in subjects if subject.kind is SubjectKind.CHANGE]
    return found
