"""What differs between two snapshots: files added, removed, changed and renamed, and the lines within.

Renames are found as git finds them by default: identical content first, then at least half alike. Patches are unified
with three lines of context. Binary content has no lines.
"""

import difflib
from dataclasses import dataclass
from functools import lru_cache

from bot.sandbox.git.objects import SUBMODULE, Entry, Objects, Snapshot

ALIKE = 0.5
PAIRS_COMPARED = 2_000
SNIFFED = 8_000


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a difference. `status` is added, removed, modified, renamed, or changed (another type of entry)."""

    path: str
    previous_path: str | None
    status: str
    old: Entry | None
    new: Entry | None
    additions: int
    deletions: int
    binary: bool


def is_binary(data: bytes) -> bool:
    """Git's own rule: a zero byte near the start."""
    return b"\0" in data[:SNIFFED]


def lines(data: bytes) -> list[bytes]:
    """The lines with their ends; only a line feed ends a line."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]] + ([data.split(b"\n")[-1]] if data[-1:] != b"\n" else [])


@lru_cache(maxsize=4096)
def _counts(old: bytes, new: bytes) -> tuple[int, int]:
    before, after = (lines(old) if old else []), (lines(new) if new else [])
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    before, after = before[start : len(before) - end], after[start : len(after) - end]
    if not before or not after:
        return len(after), len(before)
    same = sum(block.size for block in difflib.SequenceMatcher(None, before, after).get_matching_blocks())
    return len(after) - same, len(before) - same


def _content(objects: Objects, entry: Entry | None) -> bytes:
    if entry is None:
        return b""
    return f"Subproject commit {entry.oid}\n".encode() if entry.mode == SUBMODULE else objects.data(entry.oid)


def _change(objects: Objects, old_path: str | None, path: str, old: Entry | None, new: Entry | None) -> FileChange:
    before, after = _content(objects, old), _content(objects, new)
    binary = is_binary(before) or is_binary(after)
    additions, deletions = (0, 0) if binary or before == after else _counts(before, after)
    if old is None or new is None:
        status = "added" if old is None else "removed"
    elif old_path is not None:
        status = "renamed"
    else:
        status = "modified" if old.mode[:3] == new.mode[:3] else "changed"
    return FileChange(path, old_path, status, old, new, additions, deletions, binary)


def _alike(old: bytes, new: bytes) -> float:
    before, after = set(lines(old)), set(lines(new))
    size = max(sum(map(len, before)), sum(map(len, after)))
    return sum(map(len, before & after)) / size if size else 0.0


def _renames(objects: Objects, removed: dict[str, Entry], added: dict[str, Entry]) -> dict[str, str]:
    """New path -> old path."""
    found: dict[str, str] = {}
    by_oid: dict[str, list[str]] = {}
    for path, entry in removed.items():
        by_oid.setdefault(entry.oid, []).append(path)
    for path, entry in added.items():
        if by_oid.get(entry.oid) and objects.data(entry.oid):
            found[path] = by_oid[entry.oid].pop(0)
    left_old = [path for path in removed if path not in found.values()]
    left_new = [path for path in added if path not in found]
    if len(left_old) * len(left_new) > PAIRS_COMPARED:
        return found
    pairs = sorted(
        (-_alike(objects.data(removed[old].oid), objects.data(added[new].oid)), new, old)
        for old in left_old
        for new in left_new
        if removed[old].mode[:3] == added[new].mode[:3]
    )
    for score, new, old in pairs:
        if -score >= ALIKE and new not in found and old not in found.values():
            found[new] = old
    return found


def changes(objects: Objects, old: Snapshot, new: Snapshot) -> list[FileChange]:
    """Everything that differs, by path."""
    removed = {path: entry for path, entry in old.items() if path not in new}
    added = {path: entry for path, entry in new.items() if path not in old}
    renames = _renames(objects, removed, added) if removed and added else {}
    found = [
        _change(objects, None, path, old[path], entry)
        for path, entry in new.items()
        if path in old and old[path] != entry
    ]
    for path, entry in added.items():
        source = renames.get(path)
        found.append(_change(objects, source, path, removed[source] if source else None, entry))
    gone = set(renames.values())
    found += [_change(objects, None, path, entry, None) for path, entry in removed.items() if path not in gone]
    return sorted(found, key=lambda change: change.path)


def patch_text(objects: Objects, change: FileChange) -> str | None:
    """The hunks of one file, without the file header; nothing for binary files and pure renames."""
    before, after = _content(objects, change.old), _content(objects, change.new)
    if change.binary or before == after:
        return None
    texts = [[line.decode("utf-8", "replace") for line in lines(data)] if data else [] for data in (before, after)]
    hunks = list(difflib.unified_diff(texts[0], texts[1]))[2:]
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in hunks)[:-1]
