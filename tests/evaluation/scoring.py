"""Scores detection on labelled commits: precision, recall and F1, in all and per group, with the wrong ones listed.

A labelled file is the input of `signoff detect --jsonl` with two more keys: `label` (ai or human) and `group`. A
commit counts as found when its class says that AI wrote, helped, or had a suggestion applied.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot import detect
from bot.cli.jsonl import commit_of
from bot.model.evidence import AiClass, Evidence, Strength

FOUND = frozenset({AiClass.AGENT_AUTHORED, AiClass.AI_ASSISTED, AiClass.AI_SUGGESTION_APPLIED})
NOT_IN_THE_MESSAGE = "ai:git-notes-only"


@dataclass(frozen=True)
class Row:
    """A labelled commit, and what was found in it."""

    label: str
    group: str
    sha: str
    ai_class: AiClass
    evidence: tuple[Evidence, ...]

    @property
    def right(self) -> bool:
        return (self.ai_class in FOUND) == (self.label == "ai")


@dataclass
class Score:
    """How often detection was right."""

    true_ai: int = 0
    false_ai: int = 0
    missed: int = 0
    true_human: int = 0
    wrong: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        if row.label == "ai":
            self.true_ai += row.right
            self.missed += not row.right
        else:
            self.true_human += row.right
            self.false_ai += not row.right
        if not row.right:
            self.wrong.append(row)

    @property
    def number(self) -> int:
        return self.true_ai + self.false_ai + self.missed + self.true_human

    @property
    def precision(self) -> float:
        return _share(self.true_ai, self.false_ai)

    @property
    def recall(self) -> float:
        return _share(self.true_ai, self.missed)

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def rows(path: Path) -> Iterator[Row]:
    """Every labelled commit of a file, examined."""
    catalogue = detect.catalogue()
    with path.open("rb") as lines:
        for line in lines:
            data: dict[str, Any] = json.loads(line)
            evidence = detect.examine_commit(commit_of(line), catalogue)
            ai_class = detect.classify(evidence, Strength.MEDIUM)
            yield Row(data["label"], data["group"], data["sha"], ai_class, evidence)


def score(examined: Iterable[Row]) -> tuple[Score, dict[str, Score]]:
    """The score of all rows but those that no message can tell, and of each group."""
    whole, groups = Score(), defaultdict[str, Score](Score)
    for row in examined:
        groups[row.group].add(row)
        if row.group != NOT_IN_THE_MESSAGE:
            whole.add(row)
    return whole, dict(sorted(groups.items()))


def _share(right: int, wrong: int) -> float:
    return right / (right + wrong) if right + wrong else 1.0
