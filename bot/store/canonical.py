"""Canonical JSON: one text for one value, so that it can be hashed, compared and checked by others.

Sorted keys, ASCII, no spaces. Floats are refused, since their text is not the same everywhere.
"""

import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any


def dumps(value: Any) -> str:
    """The canonical text; TypeError for what has none (a float, a datetime, a key that is no string)."""
    _check(value, "")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def loads(text: str) -> Any:
    """The value of a canonical text."""
    return json.loads(text)


def fingerprint(value: Any) -> str:
    """Sixty-four hex digits that are equal for equal values."""
    return sha256(dumps(value).encode("ascii")).hexdigest()


def _check(value: Any, path: str) -> None:
    children: Iterable[tuple[Any, Any]]
    match value:
        case None | bool() | int() | str():
            return
        case Mapping():
            children = value.items()
        case list() | tuple():
            children = enumerate(value)
        case _:
            raise TypeError(f"{path or 'the value'} is a {type(value).__name__}, which has no canonical JSON")
    for key, child in children:
        if isinstance(value, Mapping) and not isinstance(key, str):
            raise TypeError(f"{path or 'the value'} has the key {key!r}, which is no string")
        _check(child, f"{path}/{key}")
