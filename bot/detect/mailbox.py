"""Takes identities apart: `Name <mailbox>`, and the account id inside a forge's private mailbox.

Tolerant, because people and tools are not: a missing bracket, quotes, backslashes, no brackets at all, brackets as
HTML writes them. It knows no tool.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

_PRIVATE = re.compile(r"(?:(\d{1,18})([+-]))?([^@+\s]+)@users\.noreply\.([a-z0-9.-]+)\Z")
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
    """The account inside a tidy private mailbox; None for any other mailbox.

    `<id>+login` is GitHub's and `<id>-login` GitLab's form, on whatever host (their documentation); without a number
    the host tells. On GitHub's own hosts a hyphen is part of the login.
    """
    match = _PRIVATE.match(mailbox) if "@users.noreply." in mailbox else None
    if match is None:
        return None
    number, mark, login, host = match.groups()
    if host.startswith("github."):
        return Private("github", None, f"{number}-{login}") if mark == "-" else _github(number, login)
    if mark == "-" or host.startswith("gitlab."):
        return Private("gitlab", int(number) if number and mark == "-" else None, login)
    return _github(number, login) if number else None


def _github(number: str | None, login: str) -> Private:
    return Private("github", int(number) if number else None, login)


def split(value: str) -> Iterator[tuple[str, str]]:
    """Every (name, tidy mailbox) of a trailer's value; none where it holds no mailbox.

    Split at blanks and brackets rather than by one pattern, so that no input takes more than linear time.
    """
    if "@" not in value:
        return
    if "&" in value:
        value = unescape(value)
    name: list[str] = []
    for word in _SEPARATORS.split(value):
        at = word.find("@")
        if at > 0 and "@" in word.strip(_WRAPPING)[1:]:
            yield " ".join(name).strip(" ,;\"'"), tidy(word)
            name = []
        elif word:
            name.append(word)
