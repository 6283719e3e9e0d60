"""Reads trailers anywhere in a message, as tolerantly as people and tools write them.

Git itself sees only the last paragraph; of the AI co-author trailers in public commits (2026) 4 % stand elsewhere,
after squashes, separators and blank lines. Keys are told apart without regard to case, spaces, bold marks and
bullets; a value may be folded. The subject line is never a trailer, unless its key can be nothing else. What a
trailer means is decided elsewhere.
"""

from collections.abc import Container, Iterator
from functools import lru_cache
from typing import NamedTuple

KEY_LENGTH = 48
VALUE_LENGTH = 600
FOLDS = 4

_DECORATION = " \t*_`•·-"
_HYPHENS = dict.fromkeys((*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63), "-")
"""What looks like a hyphen: dashes, the hyphen that does not break, the minus sign."""


class Trailer(NamedTuple):
    """`key` is lower-case with hyphens, `name` as it was written."""

    key: str
    name: str
    value: str


@lru_cache(maxsize=4096)  # keys are short and few
def canonical(key: str) -> str:
    """A key as this module compares it: `**Co-Authored By**` becomes `co-authored-by`."""
    if not key.isascii():
        key = key.translate(_HYPHENS)
    plain = key.strip(_DECORATION).lower()
    if " " in plain or "_" in plain:
        plain = "-".join(plain.replace("_", " ").split())
    return plain


def parse(text: str, wanted: Container[str], *, has_subject: bool = True) -> Iterator[Trailer]:
    """Every trailer of a cleaned text whose canonical key is wanted, in order. A change's body has no subject line."""
    subject_end = len(text) - len(text.lstrip()) + 1 if has_subject else 0
    for start, colon in _colons(text):
        key = canonical(text[start:colon])
        if key not in wanted:
            continue
        if start < subject_end and "-by" not in key and "session" not in key:
            continue
        if _cited(text, start, colon):
            continue
        value = _value(text, colon + 1, wanted)
        if value:
            yield Trailer(key, text[start:colon].strip(_DECORATION), value)


def _cited(text: str, start: int, colon: int) -> bool:
    """Whether a sentence speaks of a trailer: "`Made-with: Cursor` is stripped by the hook". One alone on its line is
    a trailer, in backticks too.
    """
    if text.count("`", start, colon) % 2 == 0:
        return False
    after = text[colon : colon + VALUE_LENGTH].split("\n", 1)[0].partition("`")[2]
    return any(character.isalnum() for character in after)


def _colons(text: str) -> Iterator[tuple[int, int]]:
    """Of each line with a colon near its start: where the line begins, and where the colon stands."""
    colon = text.find(":")
    while colon >= 0:
        before = text.rfind("\n", max(0, colon - KEY_LENGTH - 1), colon)
        if before >= 0 or colon <= KEY_LENGTH:
            yield before + 1, colon
        end = text.find("\n", colon)
        colon = text.find(":", end) if end >= 0 else -1


def _value(text: str, start: int, wanted: Container[str]) -> str:
    """The value after the colon, with the lines that continue it."""
    first, *following = text[start : start + VALUE_LENGTH * 2].split("\n", FOLDS + 1)
    value = first.strip(" \t*")[:VALUE_LENGTH]
    for line in following[:FOLDS]:
        if not line.strip() or (value and line[0] not in " \t") or _is_trailer(line, wanted):
            break
        value = f"{value} {line.strip()}".strip()
    return value[:VALUE_LENGTH]


def _is_trailer(line: str, wanted: Container[str]) -> bool:
    colon = line.find(":", 0, KEY_LENGTH)
    return colon > 0 and ((key := canonical(line[:colon])) in wanted or key.endswith("-by"))
