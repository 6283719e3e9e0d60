"""`python -m tests.evaluation FILE`: score detection on a labelled JSONL file and list what it got wrong."""

import sys
from pathlib import Path

from bot.detect.text import quote
from tests.evaluation.scoring import rows, score


def main() -> int:
    """Print the scores; 0 if they are what the product promises."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m tests.evaluation FILE\n")
        return 2
    whole, groups = score(rows(Path(sys.argv[1])))
    lines = [f"{'group':58} {'n':>5} {'right':>6} {'found':>6}"]
    for name, group in groups.items():
        right = group.true_ai + group.true_human
        lines.append(f"{quote(name):58} {group.number:5} {right:6} {group.true_ai + group.false_ai:6}")
    lines.append("")
    for row in whole.wrong:
        why = "; ".join(f"{each.where}: {each.quote}" for each in row.evidence[:3]) or "nothing found"
        lines.append(f"wrong: {row.label} {quote(row.group)} {quote(row.sha)}: {row.ai_class.value} ({quote(why)})")
    lines.append(
        f"{whole.number} commits: precision {whole.precision:.4f}, recall {whole.recall:.4f}, F1 {whole.f1:.4f}"
    )
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if whole.precision >= 0.995 and whole.recall >= 0.97 else 1


if __name__ == "__main__":
    sys.exit(main())
