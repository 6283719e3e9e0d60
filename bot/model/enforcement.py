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

    `bypass` are those who may pass it by, in words, None where the forge does not show them to us; `keepers` those who
    keep the rule itself and whom it cannot hold. `soft` says in sentences what makes it weaker than it looks. `repair`
    is what this forge has against a weakness of it, where that is not what others have.
    """

    where: str
    pin: Pin
    bypass: tuple[str, ...] | None = None
    repair: str = ""
    keepers: str = ""
    soft: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protection:
    """What requires our check on a branch. `unread` says what could not be read, and what would show it; `repair`
    what would make this forge require it, where that is not what others have.
    """

    branch: str
    requirers: tuple[Requirer, ...] = ()
    unread: tuple[str, ...] = ()
    repair: str = ""


class Level(StrEnum):
    """What a fact means for whoever relies on the gate."""

    FINE = "fine"
    UNKNOWN = "unknown"
    """It could not be told."""
    WEAK = "weak"
    """Somebody who is trusted with more than others can get past, or something will fail before long."""
    OPEN = "open"
    """It does not hold, or does not work."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that holds of a gate or of what runs it, in words, what it means, and what would repair it."""

    text: str
    level: Level = Level.FINE
    repair: str = ""


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade with the facts that prove it."""

    grade: Grade
    facts: tuple[Fact, ...]
