"""`signoff ledger`: the record as proof. `export` writes it out, `verify` checks it, also offline and years later."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from bot import bootstrap, settings
from bot.cli import COULD_NOT_TELL
from bot.cli.starting import ready
from bot.cli.telling import plural
from bot.model.errors import BadInputError
from bot.service import export as exporting
from bot.service import witness
from bot.store import Store, ledger, open_store

HASH = re.compile(r"[0-9a-f]{12,64}")
WHOLE = 64


@click.group()
def command() -> None:
    """Export the record of decisions, overrides and answers, and prove that nobody altered it."""


class _GarbledError(Exception):
    """A line of an export that is no entry; says which and why."""


@dataclass
class _Seen:
    """What went by while the entries were verified: how many, the newest hash, and those that were asked for."""

    wanted: tuple[str, ...]
    count: int = 0
    head: str = ""
    found: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def passing(self, entries: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """The same entries, each looked at."""
        whole = {each for each in self.wanted if len(each) == WHOLE}
        begins = tuple(each for each in self.wanted if len(each) < WHOLE)
        for entry in entries:
            self.count += 1
            self.head = str(entry.get("hash"))
            if self.head in whole:
                self.found[self.head].add(self.head)
            for prefix in filter(self.head.startswith, begins):
                self.found[prefix].add(self.head)
            yield entry


@command.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--published",
    multiple=True,
    metavar="HASH",
    help="A ledger hash taken from a check on the forge, or at least 12 digits it begins with; may be repeated.",
)
@click.option("--forge", is_flag=True, help="Take those hashes from the checks on the forge's open changes.")
def verify(file: Path | None, published: tuple[str, ...], *, forge: bool) -> int:
    """Check a JSONL export (FILE, - for standard input), or without FILE the service's own database.

    Exit 0 when every entry is as it was written, 1 when one is not: the first bad one is named, or the line that
    holds no entry. Entries missing at the end of a FILE show only with --published: the hash on the newest check must
    be among them. --forge takes those hashes from the checks that stand on open changes now, which costs a request
    for each on GitHub.

    Of a FILE that a search of the record wrote, each entry is held against its own hash; that nothing was left out
    between them cannot be told: 3.
    """
    carried = _carried() if forge else {}
    seen = _Seen(tuple(dict.fromkeys((*map(_prefix, published), *carried))))
    gaps: list[tuple[int, int]] = []
    bad = _bad(file, seen, gaps)
    if bad is not None:
        click.echo(f"BAD at {bad}", err=True)
        return 1
    if file is not None and not seen.count:
        click.echo(f"BAD: {file} holds no entry; signoff ledger export writes them", err=True)
        return 1
    for prefix, hashes in seen.found.items():
        if len(hashes) > 1:
            raise BadInputError(f"--published {prefix}: {len(hashes)} entries begin so; give more of the hash")
    missing = [prefix for prefix in seen.wanted if prefix not in seen.found]
    if gaps:
        return _filtered(seen, gaps, missing)
    for prefix in missing:
        where = carried.get(prefix, "a check on the forge")
        click.echo(f"BAD: no entry has the hash {prefix}, which {where} carries", err=True)
    if missing:
        return 1
    entries = plural([(seen.count, "entry", "entries")])
    click.echo(f"{entries}, each as it was written" + (", the published hashes among them." if seen.wanted else "."))
    if seen.count:
        click.echo(f"head {seen.head}")
    if file is not None and not seen.wanted:
        click.echo("Whether entries are missing at the end shows only with --published HASH, from the newest check.")
    return 0


def _bad(file: Path | None, seen: _Seen, gaps: list[tuple[int, int]]) -> str | None:
    """Where the first thing is that was not written so, and what is wrong with it."""
    try:
        fault = _fault(file, seen, gaps)
    except _GarbledError as garbled:
        return str(garbled)
    return None if fault is None else f"entry {fault.seq}: {fault.text}"


def _fault(file: Path | None, seen: _Seen, gaps: list[tuple[int, int]]) -> ledger.Fault | None:
    """The first bad entry of a file, or of the service's own database, each looked at as it goes by."""
    if file is not None:
        return ledger.verify(seen.passing(_lines(file)), gaps=gaps)
    store = _open()
    with store.read() as tx:
        head = ledger.head(tx)
        anchors = {head[0]: head[1]} if head[0] else {}
        fault = ledger.verify(seen.passing(entry.exported() for entry in ledger.walk(tx)), anchors=anchors)
    store.dispose()
    return fault


def _filtered(seen: _Seen, gaps: list[tuple[int, int]], missing: list[str]) -> int:
    """Tell what a file proves that holds some of the entries only."""
    shown = ", ".join(
        f"#{before} and #{after}" if before else f"the beginning and #{after}" for before, after in gaps[:5]
    )
    more = f" and {len(gaps) - 5} more gaps" if len(gaps) > 5 else ""  # noqa: PLR2004  as many as are shown
    click.echo(
        f"This is a filtered export: {plural([(seen.count, 'entry', 'entries')])}, each as its own hash says; entries "
        f"are left out between {shown}{more}. That these are all that fit, and those of the ledger, it cannot show: "
        "hold their hashes against a whole export."
    )
    for prefix in missing:
        click.echo(f"No entry here has the hash {prefix}; it may be among those left out.", err=True)
    return COULD_NOT_TELL


def _carried() -> dict[str, str]:
    """The ledger's hashes that the checks on open changes carry, each with where it stands."""
    doors = bootstrap.forges(ready())
    if not doors:
        raise BadInputError("--forge: no forge is configured here; give the hashes with --published")
    found: dict[str, str] = {}
    looked = bare = 0
    for where, digest in witness.carried(doors.values()):
        looked += 1
        if digest is None:
            bare += 1
        else:
            found.setdefault(digest, f"the check on {where}")
    changes = plural([(looked, "open change", "open changes")])
    click.echo(f"{changes} looked at on the forge, {looked - bare} of their checks carry a hash of the ledger.")
    return found


def _prefix(text: str) -> str:
    """A hash or the beginning of one."""
    prefix = text.strip().lower()
    if not HASH.fullmatch(prefix):
        raise BadInputError(f"--published {text!a}: give at least 12 hex digits of the hash, as the check shows it")
    return prefix


@command.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
def export(form: str) -> None:
    """Write the whole ledger to standard output: JSONL to verify it, CSV to read it in a spreadsheet."""
    store = _open()
    with store.read() as tx:
        lines = exporting.jsonl if form == "jsonl" else exporting.table
        for line in lines(ledger.walk(tx)):
            click.echo(line, nl=False)
    store.dispose()


def _open() -> Store:
    """The service's database; what would only now be made, has no record."""
    url = settings.load().database_url
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not path.is_file():
        raise BadInputError(f"there is no database at {path}; SIGNOFF_DATABASE_URL names the service's")
    return open_store(url)


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with click.open_file(str(file), encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):
                text = "this line is no JSON; a JSONL export has one entry a line"
                raise _GarbledError(f"{file}:{number}: {text}") from None
            if not isinstance(entry, dict):
                raise _GarbledError(f"{file}:{number}: this line is no entry of a ledger")
            yield entry
