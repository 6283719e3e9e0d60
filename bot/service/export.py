"""Entries of the ledger as files: JSONL, which `signoff ledger verify` takes, and CSV for a spreadsheet.

Where a file holds some of the entries only, the first one after a gap tells the hash before it, `previous`: so that
each entry can be held against its own hash, and nobody takes the file for the whole.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.store.ledger import PREVIOUS, Entry

FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("seq", "at", "kind", "subject", "verdict", "class", "head", "requirements", "body", "hash")


def jsonl(entries: Iterable[Entry]) -> Iterator[str]:
    """One line of ASCII JSON for each entry."""
    for entry in entries:
        yield json.dumps(entry.exported(), sort_keys=True) + "\n"


def partial(entries: Iterable[tuple[Entry, str | None]]) -> Iterator[str]:
    """The same for some of the entries: with each one after a gap comes the hash of the entry before it."""
    for entry, previous in entries:
        told = {} if previous is None else {PREVIOUS: previous}
        yield json.dumps(entry.exported() | told, sort_keys=True) + "\n"


def table(entries: Iterable[Entry]) -> Iterator[str]:
    """A line of headings, then one for each entry."""
    yield _line(COLUMNS)
    for entry in entries:
        row = {**entry.exported(), **{name: entry.body.get(name) for name in ("verdict", "class", "head")}}
        row["requirements"] = "; ".join(_requirement(each) for each in entry.body.get("requirements") or ())
        row["body"] = json.dumps(entry.body, sort_keys=True)
        yield _line([harmless(row.get(name)) for name in COLUMNS])


def harmless(value: Any) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe before it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text


def _requirement(each: Mapping[str, Any]) -> str:
    signed = ", ".join(str(one["account"]) for one in each["counted"]) or "nobody"
    return f"{each['name']}: {'met' if each['met'] else 'open'}, signed by {signed}"


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
