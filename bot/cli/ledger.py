"""`signoff ledger`: the record as proof. `export` writes it out, `verify` checks it, also offline and years later."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from bot import settings
from bot.model.errors import BadInputError
from bot.store import Store, ledger, open_store

FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("seq", "at", "kind", "subject", "verdict", "class", "head", "requirements", "body", "hash")


@click.group()
def command() -> None:
    """Export the record of decisions, overrides and answers, and prove that nobody altered it."""


@command.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--published", multiple=True, metavar="HASH", help="A ledger hash taken from a check on the forge; may be repeated."
)
def verify(file: Path | None, published: tuple[str, ...]) -> int:
    """Check a JSONL export (FILE, - for standard input), or without FILE the service's own database.

    Exit 0 when every entry is as it was written, 1 when one is not: the first bad one is named.
    """
    wanted = {each.strip().lower() for each in published}
    seen: set[str] = set()
    count = 0

    def counted(entries: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        nonlocal count
        for entry in entries:
            count += 1
            seen.add(str(entry.get("hash")) if str(entry.get("hash")) in wanted else "")
            yield entry

    if file is None:
        store = _open()
        with store.read() as tx:
            head = ledger.head(tx)
            anchors = {head[0]: head[1]} if head[0] else {}
            fault = ledger.verify(counted(entry.exported() for entry in ledger.walk(tx)), anchors=anchors)
        store.dispose()
    else:
        fault = ledger.verify(counted(_lines(file)))
    if fault is not None:
        click.echo(f"BAD at entry {fault.seq}: {fault.text}", err=True)
        return 1
    for missing in sorted(wanted - seen):
        click.echo(f"BAD: no entry has the hash {missing}, which a check on the forge carries", err=True)
    if wanted - seen:
        return 1
    click.echo(f"{count} entries, each as it was written" + (", the published hashes among them." if wanted else "."))
    return 0


@command.command()
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
def export(form: str) -> None:
    """Write the whole ledger to standard output: JSONL to verify it, CSV to read it in a spreadsheet."""
    store = _open()
    with store.read() as tx:
        entries = (entry.exported() for entry in ledger.walk(tx))
        if form == "jsonl":
            for entry in entries:
                click.echo(json.dumps(entry, sort_keys=True))
        else:
            _table(entries)
    store.dispose()


def _open() -> Store:
    return open_store(settings.load().database_url)


def _lines(file: Path) -> Iterator[Mapping[str, Any]]:
    with click.open_file(str(file), encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
            except ValueError:
                raise BadInputError(
                    f"{file}:{number}: this line is no JSON; a JSONL export has one entry a line"
                ) from None
            if not isinstance(entry, dict):
                raise BadInputError(f"{file}:{number}: this line is no entry of a ledger")
            yield entry


def _table(entries: Iterable[Mapping[str, Any]]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    for entry in entries:
        body = entry["body"]
        row = {**entry, **{name: body.get(name) for name in ("verdict", "class", "head")}}
        row["requirements"] = "; ".join(_requirement(each) for each in body.get("requirements") or ())
        row["body"] = json.dumps(body, sort_keys=True)
        writer.writerow([harmless(row.get(name)) for name in COLUMNS])


def _requirement(each: Mapping[str, Any]) -> str:
    signed = ", ".join(str(one["account"]) for one in each["counted"]) or "nobody"
    return f"{each['name']}: {'met' if each['met'] else 'open'}, signed by {signed}"


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
