"""The full runs: `python -m tests.endurance matrix` and `python -m tests.endurance kills [TIMES]`."""

import sys
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bot import log
from tests.endurance import kills, matrix
from tests.endurance.inside import inside
from tests.stories.gitlab import inside as gitlab

TIMES = 200
by_status = partial(gitlab.inside, mechanism="status")
by_approver = partial(gitlab.inside, mechanism="approver")


def main() -> None:
    """Run what is asked for; exit code 1 if anything broke, 2 for a misuse."""
    console = Console()
    match sys.argv[1:]:
        case ["matrix"]:
            broken = _matrix(console)
        case ["kills", *times] if len(times) <= 1 and all(each.isdigit() for each in times):
            broken = _kills(console, int(times[0]) if times else TIMES)
        case _:
            console.print(__doc__)
            sys.exit(2)
    for each in broken:
        console.print(f"[red]{each}[/red]")
    sys.exit(1 if broken else 0)


def _matrix(console: Console) -> list[str]:
    log.configure("error", "json")
    tried: Counter[str] = Counter()
    broken = []
    for forge, world in (("GitHub", inside), ("GitLab, status", by_status), ("GitLab, approver", by_approver)):
        wrong, before = [], tried.total()
        with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as it:
            for cell in track(matrix.cells(it), f"Faults of {forge}", total=None, console=console):
                tried[cell.operation] += 1
                if not cell.held:
                    wrong.append(f"{forge}: {cell}")
                    console.print(f"[red]{wrong[-1]}[/red]")
        console.print(f"{forge}: {tried.total() - before} faults, {len(wrong)} of them broke something")
        broken += wrong
    for operation, number in tried.items():
        console.print(f"{operation}: {number} faults")
    console.print(f"{tried.total()} faults, {len(broken)} of them broke something")
    return broken


def _kills(console: Console, times: int) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        outcome = kills.run(Path(folder), times, lambda each: track(each, "Kills", console=console))
    console.print(
        f"{outcome.kills} times kill -9, {outcome.acknowledged} deliveries acknowledged, {outcome.changes} changes, "
        f"{outcome.checks} checks published, {len(outcome.broken)} of them wrong"
    )
    return outcome.broken


main()
