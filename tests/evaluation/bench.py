"""`python -m tests.evaluation.bench FILE`: commits a second, from a line of JSON to a line of JSON, on one core."""

import json
import sys
from pathlib import Path
from time import process_time

from bot import detect
from bot.cli.jsonl import answer, commit_of

ROUNDS = 5


def commits_per_second(lines: list[bytes], rounds: int = ROUNDS) -> float:
    """By processor time, the best of several rounds over the lines: what one core does when nobody disturbs it."""
    catalogue = detect.catalogue()
    best = float("inf")
    for _ in range(rounds):
        start = process_time()
        for line in lines:
            json.dumps(answer(commit_of(line), catalogue))
        best = min(best, process_time() - start)
    return len(lines) / best


def main() -> int:
    """Measure one file."""
    if len(sys.argv) != 2:
        sys.stderr.write("usage: python -m tests.evaluation.bench FILE\n")
        return 2
    lines = [line for line in Path(sys.argv[1]).read_bytes().splitlines() if line.strip()]
    sys.stdout.write(f"{commits_per_second(lines):.0f} commits a second ({len(lines)} commits)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
