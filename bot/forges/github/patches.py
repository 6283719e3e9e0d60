"""Two trees to a patch: which paths differ in mode or content. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.forges.port import PatchQuestion
from bot.model.change import PatchEntry
from bot.model.ids import Sha

Json = Mapping[str, Any]


def entries(base: Mapping[str, Json], head: Mapping[str, Json], paths: Sequence[str]) -> tuple[PatchEntry, ...]:
    """What differs at some paths between two trees, as modes and contents."""
    sides = ((path, _side(base.get(path)), _side(head.get(path))) for path in paths)
    return tuple(PatchEntry(path, *old, *new) for path, old, new in sides if old != new)


def all_differ(trees: Mapping[Sha, Mapping[str, Json]], question: PatchQuestion) -> bool:
    """Whether every path that is said to be changed is seen to be: else something is hidden from the comparison."""
    assert question.merge_base is not None  # noqa: S101  it was looked up
    base, head = trees[question.merge_base], trees[question.head]
    return all(_side(base.get(path)) != _side(head.get(path)) for path in question.paths)


def _side(entry: Json | None) -> tuple[str, str]:
    return (f"{entry['mode']:o}", entry["oid"]) if entry else ("", "")
