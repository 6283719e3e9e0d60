"""How a branch is guarded, as a forge shows it, and what that amounts to."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How hard a repository's gate really is, the hardest first."""

    ENFORCED = "enforced"
    """What is not allowed cannot be merged, by anybody."""
    TAMPER_EVIDENT = "tamper-evident"
    """Somebody can get past, and it shows: the watch finds it."""
    ADVISORY = "advisory"
    """The check is there to be read; nothing waits for it."""
    OFF = "off"
    """The repository is not covered."""


class Pin(StrEnum):
    """Whose word counts as our check."""

    OURS = "ours"
    ANYBODY = "anybody"
    """Everybody with write access can set a status of that name."""
    ANOTHER = "another"
    """Another program's; ours does not count."""


@dataclass(frozen=True, slots=True)
class Requirer:
    """A rule of the forge that requires our check. `where` names it for people.

    `bypass` are those who may pass it by, in words, None where the forge does not show them to us.
    """

    where: str
    pin: Pin
    bypass: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Protection:
    """What requires our check on a branch. `unread` says what could not be read, and what would show it."""

    branch: str
    requirers: tuple[Requirer, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that holds of a gate, in words, and what would repair it; nothing to repair where `repair` is empty."""

    text: str
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade with the facts that prove it."""

    grade: Grade
    facts: tuple[Fact, ...]
