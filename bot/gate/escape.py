"""Other people's text made harmless: shown as it is, but as text.

It is put into Markdown as code, where no forge makes a link, a mention, an emoji or HTML of it. What cannot be seen
(zero-width, direction marks, controls) is spelled out, so that two texts that look alike are alike.
"""

import re
from unicodedata import category

_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LOOKS_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = re.compile("[\u180b-\u180d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""They say how the character before them looks."""


def plain(text: str, limit: int = 200) -> str:
    """One line of text without anything invisible, cut to `limit` characters."""
    shown = _BLANKS.sub(" ", text[: limit * 4]).strip()
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(f"[U+{ord(each):04X}]" if _hidden(each) else each for each in shown)
    return cut(shown, limit)


def length(text: str) -> int:
    """How many characters of a text can be seen, each stretch of white space between them counted as one."""
    seen = "".join(each for each in _SELECTORS.sub("", _BLANKS.sub(" ", text)) if not _hidden(each))
    return len(" ".join(seen.split()))


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as fits with a sign that there is more."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def code(text: str, limit: int = 200) -> str:
    """The text as inline code for Markdown: whatever it holds, it stays inside."""
    shown = plain(text, limit) or " "
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    fence = "`" * (longest + 1)
    edge = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{edge}{shown}{edge}{fence}"


def _hidden(character: str) -> bool:
    return category(character) in _HIDDEN or character in _LOOKS_EMPTY
