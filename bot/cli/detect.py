"""`signoff detect`: which commits disclose AI, and by which sign. It asks no forge and decides nothing.

Everything streams: memory does not grow with the number of commits. Only texts made safe to show reach the terminal.
"""

import json
import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from bot import detect
from bot.cli.jsonl import BadLineError, answer, commit_of, lines
from bot.cli.telling import plural
from bot.detect.text import quote
from bot.forges import local
from bot.model.change import Commit
from bot.model.errors import BadInputError
from bot.model.evidence import AiClass, Evidence, Strength

SOME_LINES_WERE_BAD = 1
MOST_ROWS = 500
STEP = 1000
"""The bar moves once in so many commits: drawing it must not cost more than looking at commits."""

COLOURS = {
    AiClass.AGENT_AUTHORED: "red",
    AiClass.AI_ASSISTED: "yellow",
    AiClass.AI_SUGGESTION_APPLIED: "cyan",
    AiClass.AI_REVIEWED_ONLY: "blue",
    AiClass.AUTOMATION: "bright_black",
    AiClass.NONE_DISCLOSED: "default",
}


@click.command("detect")
@click.argument("commits", required=False, metavar="[BASE..HEAD]")
@click.option("--jsonl", is_flag=True, help="Read commits as JSON lines from standard input, answer each with one.")
def command(commits: str | None, *, jsonl: bool) -> int:
    """Find the commits that disclose AI, in a range of the local git repository or on standard input.

    Without a range: from the merge base with the upstream to HEAD, or all of HEAD without an upstream. With --jsonl
    every line {"sha", "author": {"name", "email"}, "committer": {…}, "message"} is answered by {"sha", "class",
    "evidence"}; a bad line by {"sha": null, "class": null, "error"}, and the exit code is 1 at the end.
    """
    if jsonl and commits is not None:
        raise BadInputError("--jsonl reads commits from standard input; leave the range out")
    try:
        return _stream() if jsonl else _repository(commits)
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _stream() -> int:
    catalogue, code = detect.catalogue(), 0
    out = sys.stdout
    with _progress(_size_of_input()) as bar:
        for line in lines(sys.stdin.buffer):
            try:
                said = answer(commit_of(line), catalogue)
            except BadLineError as error:
                said, code = {"sha": None, "class": None, "error": str(error)}, SOME_LINES_WERE_BAD
            out.write(json.dumps(said) + "\n")
            bar.forward(len(line))
    out.flush()
    return code


@dataclass
class _Totals:
    """What is kept of all commits: numbers, and the first rows."""

    classes: Counter[AiClass] = field(default_factory=Counter)
    tools: Counter[tuple[str, AiClass]] = field(default_factory=Counter)
    rows: list[tuple[Commit, AiClass, Evidence]] = field(default_factory=list)

    def add(self, commit: Commit, evidence: tuple[Evidence, ...]) -> None:
        """Count one commit."""
        counting = [each for each in evidence if each.strength is not Strength.WEAK]
        ai_class = detect.classify(counting)
        self.classes[ai_class] += 1
        for tool in sorted({(each.tool, each.ai_class) for each in counting}):
            self.tools[tool] += 1
        if counting and len(self.rows) < MOST_ROWS:
            self.rows.append(
                (commit, ai_class, max(counting, key=lambda each: (each.ai_class.rank, each.strength.value)))
            )


def _repository(text: str | None) -> int:
    git = local.Git(Path.cwd())
    git.check_repository()
    which = local.Range.parse(git, text, all_without_upstream=True)
    catalogue, totals = detect.catalogue(), _Totals()
    with _progress(local.count(git, which.head, which.base)) as bar, local.notes(git) as notes:
        for commit in local.commits(git, which.head, which.base):
            totals.add(commit, detect.examine_commit(commit, catalogue, notes.of(commit.sha)))
            bar.forward(1)
    _show(Console(highlight=False), totals)
    if not totals.classes.total():
        click.echo(f"signoff: {quote(which.emptiness(git))}", err=True)
    return 0


def _show(console: Console, totals: _Totals) -> None:
    number = totals.classes.total()
    if totals.rows:
        table = Table("commit", "class", "tool", "why", box=None, header_style="bold", pad_edge=False)
        for commit, ai_class, each in totals.rows:
            where = each.where.partition(", ")[2] or each.where
            place, trailer, key = where.rpartition("trailer ")
            why = (
                f"{place}trailer {each.quote}"
                if trailer and each.quote.startswith(f"{key}:")
                else f"{where}: {each.quote}"
            )
            table.add_row(
                commit.sha[:8], Text(ai_class.value, COLOURS[ai_class]), Text(quote(each.tool)), Text(quote(why))
            )
        console.print(table)
        rest = number - totals.classes[AiClass.NONE_DISCLOSED] - len(totals.rows)
        if rest > 0:
            console.print(Text(f"… and {rest} more; `signoff detect --jsonl` lists every one", "bright_black"))
        console.print()
        by_tool = Table("tool", "as", "commits", box=None, header_style="bold", pad_edge=False)
        for (tool, ai_class), times in sorted(totals.tools.items(), key=lambda item: (-item[1], item[0])):
            by_tool.add_row(Text(quote(tool)), Text(ai_class.value, COLOURS[ai_class]), str(times))
        console.print(by_tool)
        console.print()
    parts = [f"{totals.classes[ai_class]} {ai_class.value}" for ai_class in AiClass if totals.classes[ai_class]]
    console.print(Text(f"{plural([(number, 'commit', 'commits')])}: {', '.join(parts) or 'none'}"))


class _Bar(Protocol):
    def forward(self, size: int) -> None:
        """So much more is done."""


class _NoBar:
    def forward(self, size: int) -> None:
        """Nobody watches."""


class _RichBar:
    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress, self._task, self._done, self._times = progress, progress.add_task("commits", total=total), 0, 0

    def forward(self, size: int) -> None:
        """Draw, once in a while."""
        self._done += size
        self._times += 1
        if self._times % STEP == 0:
            self._progress.update(self._task, completed=self._done)


@contextmanager
def _progress(total: int | None) -> Iterator[_Bar]:
    """A bar on standard error if that is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield _NoBar()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _RichBar(progress, total)


def _size_of_input() -> int | None:
    """The bytes on standard input where it is a file; else nobody knows."""
    state = os.fstat(sys.stdin.fileno())
    return state.st_size if stat.S_ISREG(state.st_mode) else None
