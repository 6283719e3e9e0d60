"""Checking a ledger: pure, on exported entries, with no database.

It names the first entry that cannot be what was written, and why. It never raises for what an export may contain.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.store.ledger.chain import GENESIS, chained

PREVIOUS = "previous"
"""Where an export leaves entries out, the next one tells the hash before it by this name."""
HASH = re.compile(r"[0-9a-f]{64}")
_COVERED = ("seq", "at", "kind", "subject", "body")


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad entry by its number, and what is wrong with it."""

    seq: int
    text: str


def verify(
    exported: Iterable[Mapping[str, Any]],
    *,
    after: tuple[int, str] = (0, GENESIS),
    anchors: Mapping[int, str] | None = None,
    gaps: list[tuple[int, int]] | None = None,
) -> Fault | None:
    """The first fault in a chain of exported entries (`Entry.exported`, oldest first), or None.

    `after` is the head that they continue. `anchors` are hashes known from elsewhere by number, as published checks
    carry them and the database's own head is one: only they prove that the end is there and nothing was rewritten.
    With `gaps`, entries may be left out before one that tells the hash `previous` to it: each such gap is added, as
    the numbers on both sides of it. What such entries say fits their own hashes, and no more is proven of them.
    """
    seq, previous = after
    known = dict(anchors or {})
    for entry in exported:
        if gaps is not None and _skips(entry, seq):
            gaps.append((seq, entry["seq"]))
            seq, previous = entry["seq"] - 1, entry[PREVIOUS]
        fault = _fault(entry, seq + 1, previous)
        if fault is not None:
            return fault
        seq, previous = seq + 1, str(entry["hash"])
        if known.pop(seq, previous) != previous:
            return Fault(seq, f"entry {seq} is not the one whose hash was published: the ledger was rewritten")
    missing = min((number for number in known if number > seq), default=None)
    return None if missing is None else Fault(seq + 1, f"entry {seq + 1} is missing: entry {missing} was published")


def _skips(entry: Mapping[str, Any], seq: int) -> bool:
    """Whether an entry says by itself that others before it were left out."""
    told, number = entry.get(PREVIOUS), entry.get("seq")
    return isinstance(told, str) and HASH.fullmatch(told) is not None and isinstance(number, int) and number > seq + 1


def _fault(entry: Mapping[str, Any], seq: int, previous: str) -> Fault | None:
    if any(name not in entry for name in (*_COVERED, "hash")):
        return Fault(seq, f"entry {seq} is not whole: it needs {', '.join(_COVERED)} and hash")
    if entry["seq"] != seq or isinstance(entry["seq"], bool):
        return Fault(seq, f"entry {seq} is missing or moved: {entry['seq']!r} stands in its place")
    try:
        expected = chained(previous, {name: entry[name] for name in _COVERED})
    except (TypeError, RecursionError) as error:
        return Fault(seq, f"entry {seq} holds what no entry can: {error}")
    if entry["hash"] != expected:
        return Fault(seq, f"entry {seq} was changed, or the entry before it: its hash does not fit")
    return None
