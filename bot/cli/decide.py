"""`signoff decide`: decide case files, as the service would decide the change in them. No forge is asked."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot import detect, gate, rules
from bot.cli import MISUSE
from bot.cli.reading import STANDARD_INPUT, read_bytes
from bot.cli.telling import show_json
from bot.model.decision import Decision, Verdict
from bot.model.errors import BadInputError
from bot.rules import Case, FaultsError
from bot.rules.document import LARGEST
from bot.rules.expectation import differences
from bot.rules.faults import shown

CODES = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.UNKNOWN: 3}
UNEXPECTED = 1
BEST_TO_WORST = (0, 1, 3, MISUSE)
WORDS = EXPECTED, NOT_EXPECTED, UNCOMPARED, UNUSABLE = (
    "as expected",
    "not as expected",
    "without `expect`",
    "not usable",
)


@click.command("decide")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def command(files: tuple[str, ...]) -> int:
    """Decide the case in each FILE, one JSON object a file; with several files, each on one line.

    A case file (YAML or JSON) holds a change, what is remembered about it, rules and roster (a path beside the file,
    or the content; none: the packaged ones), and the time. `-` is standard input.

    Exit codes: 0 allow, 1 hold, 3 unknown. With `expect:` in the file: 0 as expected, 1 not, and the difference is
    told on standard error. 2: a file cannot be used, with everything that is wrong in it; among several, its line
    says {"error": ...}. Of several files, the worst code, in the order 0, 1, 3, 2; if any of them has `expect:`,
    standard error ends with how many are as expected.
    """
    indent = 2 if len(files) == 1 else None
    counts: Counter[str] = Counter()
    code = max((_decide(file, indent, counts) for file in files), key=BEST_TO_WORST.index)
    if len(files) > 1 and (counts[EXPECTED] or counts[NOT_EXPECTED]):
        parts = [f"{counts[word]} {word}" for word in WORDS if counts[word]]
        click.echo(f"{len(files)} cases: {', '.join(parts)}", err=True)
    return code


def _decide(file: str, indent: int | None, counts: Counter[str]) -> int:
    """Decide one file, print the answer and count it; its exit code."""
    try:
        case = rules.load_case(read_bytes(file), file, _beside(file))
    except BadInputError as error:
        click.echo(f"signoff: {_told(file, error)}", err=True)
        if indent is None:
            show_json({"error": str(error)}, indent=indent)
        counts[UNUSABLE] += 1
        return MISUSE
    decision = _decided(case)
    answer = gate.as_json(decision)
    show_json(answer, indent=indent)
    if case.expect is None:
        counts[UNCOMPARED] += 1
        return CODES[decision.verdict]
    code = _compared(file, case.expect, answer)
    counts[NOT_EXPECTED if code else EXPECTED] += 1
    return code


def _decided(case: Case) -> Decision:
    evidence = detect.examine(case.change, case.policy.detection)
    return gate.decide(case.change, evidence, case.memory, case.policy, case.roster, case.now)


def _compared(file: str, expected: Any, answer: dict[str, Any]) -> int:
    """0 if the answer is as expected; else 1, with every difference on standard error."""
    found = list(differences(expected, answer))
    if not found:
        return 0
    click.echo(f"{shown(file, 300)}: not as expected", err=True)
    for difference in found:
        click.echo(f"  {difference}", err=True)
    return UNEXPECTED


def _beside(file: str) -> Callable[[str], bytes]:
    """Reads paths as they stand in a file: from its own directory."""
    folder = Path() if file == STANDARD_INPUT else Path(file).parent

    def read(path: str) -> bytes:
        with (folder / path).open("rb") as opened:
            return opened.read(LARGEST + 1)

    return read


def _told(file: str, error: Exception) -> str:
    return f"{shown(file, 300)}: {error}" if isinstance(error, FaultsError) else str(error)
