"""A comment to the commands in it. A command stands on a line of its own, in the writer's own words.

What is quoted, shown as code, or hidden in an HTML comment or block is not the writer's word, and where it is not
certain that a line is plain text, it is taken not to be.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

LONGEST = 200_000
"""How many characters of a comment are read at most."""

MOST = 5
"""How many commands of one comment are read, the first ones: each is judged and answered on its own."""

_COMMAND = re.compile(r" {0,3}/signoff(?:[ \t]+(\S+))?(?:[ \t]+(.*))?[ \t]*\Z")
# Blanks can be told from what follows them in one way only, so that no line takes more than its length to look at.
_ITEMS = r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
_FENCE = re.compile(_ITEMS + r"(`{3,}|~{3,})(.*)\Z")
_QUOTE = re.compile(_ITEMS + ">")
_BLOCK = re.compile(r"<(/?)(pre|code|blockquote|script|style|textarea|template|samp|kbd|xmp)\b", re.IGNORECASE)


class Verb(StrEnum):
    """What can be asked for."""

    AI = "ai"
    NO_AI = "no-ai"
    RECHECK = "recheck"
    NOT_MINE = "not-mine"
    CLEAR = "clear"
    OVERRIDE = "override"
    FOLLOW_UP = "follow-up"


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `verb` is None for a word that is none; `rest` is what follows it, blanks at its ends removed."""

    verb: Verb | None
    rest: str = ""
    word: str = ""


def read(body: str) -> tuple[Command, ...]:
    """The first commands of a comment, in the order in which they stand there."""
    found = filter(None, map(_COMMAND.match, _own_lines(body[:LONGEST])))
    return tuple(_command(match[1] or "", match[2] or "") for match in islice(found, MOST))


def _command(word: str, rest: str) -> Command:
    try:
        return Command(Verb(word.casefold()), rest.strip(), word)
    except ValueError:
        return Command(None, rest.strip(), word)


def _own_lines(body: str) -> list[str]:
    """The lines that are plain text of the writer's own."""
    lines: list[str] = []
    fence, quoted, blocks = "", False, 0
    for line in _without_comments(body).split("\n"):
        mark = _FENCE.match(line)
        if fence:
            closes = mark is not None and mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if closes else fence
            continue
        if mark is not None and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
            continue
        blank = not line.strip()
        # A line right below a quoted one still belongs to the quote, as forges show it.
        quoted = not blank and (quoted or _QUOTE.match(line) is not None)
        tags = _BLOCK.findall(line)
        inside = blocks > 0 or bool(tags)
        blocks = max(0, blocks + sum(-1 if slash else 1 for slash, _ in tags))
        if not (quoted or inside):
            lines.append(line)
    return lines


def _without_comments(body: str) -> str:
    """The text with HTML comments blanked out, also one that is never closed, and line ends of one kind."""
    text = body.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"<!--.*?(?:-->|\Z)", lambda hidden: "\0" + "\n" * hidden[0].count("\n"), text, flags=re.DOTALL)
