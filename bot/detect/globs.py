"""Compiles the small patterns of the catalogue: `*` anything, `?` one character, `#` a digit, `%` a hex digit.

They are translated into regular expressions without nested repetition, so matching takes bounded time.
"""

import re

_PARTS = {"*": ".*", "?": ".", "#": "[0-9]", "%": "[0-9a-f]"}


def translate(pattern: str) -> str:
    """The regular expression of a pattern, without anchors."""
    return "".join(_PARTS.get(character) or re.escape(character) for character in pattern)


def whole(pattern: str) -> re.Pattern[str]:
    """Matches a whole text, whatever its case."""
    return re.compile(translate(pattern) + r"\Z", re.IGNORECASE | re.DOTALL)


def start(pattern: str) -> re.Pattern[str]:
    """Matches the start of a text, whatever its case."""
    return re.compile(translate(pattern), re.IGNORECASE | re.DOTALL)
