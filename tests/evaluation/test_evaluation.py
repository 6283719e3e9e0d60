"""The project's own labelled commits: every group of signs and every trap, with invented people."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.model.evidence import AiClass
from tests.evaluation.bench import commits_per_second
from tests.evaluation.scoring import Row, Score, rows, score

FILE = Path(__file__).with_name("commits.jsonl")


def test_every_labelled_commit_is_told_rightly() -> None:
    """No false find and no miss on the labelled commits of this repository."""
    whole, groups = score(rows(FILE))
    assert [(row.group, row.sha, row.ai_class.value) for row in whole.wrong] == []
    assert (whole.precision, whole.recall, whole.f1) == (1.0, 1.0, 1.0)
    assert whole.number > 350
    assert len(groups) > 25


@pytest.mark.parametrize(
    ("group", "classes"),
    [
        ("author", {AiClass.AGENT_AUTHORED}),
        ("agent by name and mailbox", {AiClass.AGENT_AUTHORED}),
        ("committer", {AiClass.AI_ASSISTED}),
        ("aider name", {AiClass.AI_ASSISTED}),
        ("co-author", {AiClass.AI_ASSISTED}),
        ("applied suggestion", {AiClass.AI_SUGGESTION_APPLIED}),
        ("reviewed only", {AiClass.AI_REVIEWED_ONLY}),
        ("person's name", {AiClass.NONE_DISCLOSED}),
        ("tagged mailbox", {AiClass.NONE_DISCLOSED}),
        ("quoted", {AiClass.NONE_DISCLOSED, AiClass.AUTOMATION}),
        ("automation", {AiClass.AUTOMATION, AiClass.NONE_DISCLOSED}),
    ],
)
def test_each_group_has_its_class(group: str, classes: set[AiClass]) -> None:
    """Who wrote, helped, suggested, reviewed, or is nobody."""
    found = {row.ai_class for row in rows(FILE) if row.group == group}
    assert found
    assert found <= classes


def test_what_is_wrong_is_counted_and_listed() -> None:
    """Precision and recall are computed rightly on a table small enough to check by hand."""
    total = Score()
    for label, ai_class in (
        ("ai", "ai-assisted"),
        ("ai", "none-disclosed"),
        ("human", "ai-assisted"),
        ("human", "automation"),
    ):
        total.add(Row(label, "g", "s", AiClass(ai_class), ()))
    assert (total.precision, total.recall, total.f1) == (0.5, 0.5, 0.5)
    assert len(total.wrong) == 2
    assert Score().f1 == 1.0


def test_the_command_scores_a_file_and_fails_below_the_promise(tmp_path: Path) -> None:
    """Exit 1, and each miss is named."""

    def run(file: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.evaluation", file], capture_output=True, text=True, check=False
        )

    fine = run(FILE)
    assert fine.returncode == 0, fine.stderr
    assert "precision 1.0000, recall 1.0000" in fine.stdout
    row = {"sha": "a", "message": "Add retry", "label": "ai", "group": "hidden"}
    missed = tmp_path / "missed.jsonl"
    missed.write_text(json.dumps(row) + "\n")
    poor = run(missed)
    assert poor.returncode == 1
    assert "wrong: ai hidden a: none-disclosed (nothing found)" in poor.stdout


def test_the_benchmark_gives_a_number() -> None:
    """A low bound, so that a slow machine does not fail."""
    assert commits_per_second(FILE.read_bytes().splitlines(), rounds=1) > 100
