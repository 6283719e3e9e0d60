"""A three-way merge of snapshots, file by file and, where both sides touched a text file, line by line.

It refuses what git would call a conflict; it never writes conflict markers.
"""

import difflib

from bot.sandbox.git.diff import is_binary, lines
from bot.sandbox.git.objects import Entry, Objects, Snapshot


class Conflict(Exception):  # noqa: N818 - git's word for it
    """Both sides changed the same thing."""


def merge_trees(objects: Objects, base: Snapshot, ours: Snapshot, theirs: Snapshot) -> dict[str, Entry]:
    """The merged files. Raises Conflict with the path that both sides changed."""
    merged: dict[str, Entry] = {}
    for path in ours.keys() | theirs.keys():
        was, one, other = base.get(path), ours.get(path), theirs.get(path)
        if other in (one, was):
            result = one
        elif one == was:
            result = other
        elif one and other and was and one.mode == other.mode:
            data = _merge_lines(*(objects.data(entry.oid) for entry in (was, one, other)))
            if data is None:
                raise Conflict(path)
            result = Entry(one.mode, objects.blob(data))
        else:
            raise Conflict(path)
        if result:
            merged[path] = result
    return merged


def _merge_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    if any(is_binary(data) for data in (base, ours, theirs)):
        return None
    before = lines(base)
    edits: list[tuple[int, int, tuple[bytes, ...]]] = []
    for side in (ours, theirs):
        after = lines(side)
        for tag, start, end, new_start, new_end in difflib.SequenceMatcher(None, before, after).get_opcodes():
            if tag != "equal":
                edits.append((start, end, tuple(after[new_start:new_end])))
    edits = sorted(set(edits))
    merged: list[bytes] = []
    at = -1
    for start, end, new in edits:
        if start <= at:  # touching edits conflict, as in git
            return None
        merged += before[max(at, 0) : start]
        merged += new
        at = end
    return b"".join(merged + before[max(at, 0) :])
