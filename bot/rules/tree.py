"""The tree of a file: single values, lists and mappings, each with the place where it stands.

A single value stays text until somebody asks what it is; then only `true` and `false` are booleans, only plain decimal
numbers are numbers, only nothing, `~` and `null` are nothing, and all else, be it `no`, `1e3` or a date, is text.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.rules.faults import Place

NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it was written; `plain` means without quotes."""

    place: Place
    text: str
    plain: bool

    @property
    def value(self) -> Any:
        """True, False, None, a number, or the text."""
        if not self.plain:
            return self.text
        if self.text in {"", "~", "null"}:
            return None
        if self.text in {"true", "false"}:
            return self.text == "true"
        return int(self.text) if NUMBER.fullmatch(self.text) else self.text


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: list["Node"] = field(default_factory=list)

    @property
    def value(self) -> list[Any]:
        """The values of its items."""
        return [item.value for item in self.items]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys, each with the place of the key, and their values."""

    place: Place
    items: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)

    @property
    def value(self) -> dict[str, Any]:
        """The values of its items."""
        return {key: item.value for key, item in self.items.items()}


Node = Scalar | Sequence | Mapping


def get(node: Node | None, *keys: str) -> Node | None:
    """The node under keys, or None where the tree is not as expected."""
    for key in keys:
        node = node.items.get(key) if isinstance(node, Mapping) else None
    return node


def items(node: Node | None) -> list[Node]:
    """The items of a list; a single value is a list of one, and nothing is an empty one."""
    if isinstance(node, Sequence):
        return node.items
    return [] if node is None or (isinstance(node, Scalar) and node.value is None) else [node]


def words(node: Node | None) -> list[Scalar]:
    """The single values of a list, or the one that stands for a list."""
    return [item for item in items(node) if isinstance(item, Scalar)]
