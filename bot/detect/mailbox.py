"""Takes identities apart: `Name <mailbox>`, and the account id inside a forge's private mailbox.

Tolerant, because people and tools are not: a missing bracket, quotes, backslashes, no brackets at all. It knows no
tool.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_GITHUB = re.compile(
    r"(?:(\d{1,18})\+)?([^@+\s]+)@users\.noreply\.github\.[a-z0-9.-]+\Z|(?:(\d{1,18})\+)([^@+\s]+)@users\.noreply\.[a-z0-9.-]+\Z"
)
_GITLAB = re.compile(r"(\d{1,18})-([^@\s]+)@users\.noreply\.gitlab\.[a-z0-9.-]+\Z")
_WRAPPING = "<>()[]{}\"'`\u201c\u201d\u2018\u2019\xab\xbb,;:\\ \t."
_SEPARATORS = re.compile(r"[\s<>,;]+")


class Private(NamedTuple):
    """What a forge's private mailbox says: the account's number, if it has one, and its login, in lower case."""

    forge: str
    id: int | None
    login: str


def tidy(mailbox: str) -> str:
    """A mailbox as it is compared: lower case, without brackets, quotes and backslashes around it."""
    return mailbox.strip().lower().removeprefix("mailto:").strip(_WRAPPING)


def private(mailbox: str) -> Private | None:
    """The account inside a tidy private mailbox; None for any other mailbox."""
    if "@users.noreply." not in mailbox:
        return None
    match = _GITLAB.match(mailbox)
    if match:
        return Private("gitlab", int(match[1]), match[2])
    match = _GITHUB.match(mailbox)
    if match is None:
        return None
    number, login = match[1] or match[3], match[2] or match[4]
    return Private("github", int(number) if number else None, login)


def split(value: str) -> Iterator[tuple[str, str]]:
    """Every (name, tidy mailbox) of a trailer's value; none where it holds no mailbox.

    Split at blanks and brackets rather than by one pattern, so that no input takes more than linear time.
    """
    if "@" not in value:
        return
    name: list[str] = []
    for word in _SEPARATORS.split(value):
        at = word.find("@")
        if at > 0 and "@" in word.strip(_WRAPPING)[1:]:
            yield " ".join(name).strip(" ,;\"'"), tidy(word)
            name = []
        elif word:
            name.append(word)
