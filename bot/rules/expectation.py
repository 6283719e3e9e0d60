"""Whether a decision is what a case file expects of it, and where it is not.

What is expected is a part: a mapping asks only for the keys it names; a list asks for all its elements, as many and in
the order in which they stand, each of which may again be a part. `[]` asks for an empty list. Everything is compared
as written.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.rules.faults import shown

LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in the decision, what was expected there, and what stands there."""

    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.path}: expected {self.expected}, got {self.got}"


def differences(expected: Any, got: Any, path: str = "") -> Iterator[Difference]:
    """Every place where a decision (plain data) is not as expected."""
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        for key, value in expected.items():
            below = f"{path}.{shown(key)}" if path else shown(key)
            if key in got:
                yield from differences(value, got[key], below)
            else:
                yield Difference(below, _written(value), f"no such key; there are {', '.join(map(shown, got))}")
    elif isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            yield Difference(path, f"{len(expected)} in the list", f"{len(got)}: {_written(got)}")
        for index, (one, other) in enumerate(zip(expected, got, strict=False)):
            yield from differences(one, other, f"{path}[{index}]")
    elif not _equal(expected, got):
        yield Difference(path or "the decision", _written(expected), _written(got))


def _equal(expected: Any, got: Any) -> bool:
    """Equal in kind and value; a number written without quotes may stand for text of digits."""
    if type(expected) is int and isinstance(got, str):
        return str(expected) == got
    return type(expected) is type(got) and bool(expected == got)


def _written(value: Any) -> str:
    return shown(json.dumps(value, ensure_ascii=True), LONGEST_VALUE)
