"""The roster: people, their accounts on each forge, their tier, what they may sign for, when they are away."""

from dataclasses import dataclass
from datetime import date

from bot.model.ids import AccountId, Tier


@dataclass(frozen=True, slots=True)
class RosterAccount:
    """A person's account on a forge. Without `id` it never signs: a login can change hands."""

    forge: str
    login: str
    id: AccountId | None


@dataclass(frozen=True, slots=True)
class Absence:
    """First and last day away, both inclusive, UTC. It changes who is asked, never what counts."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the roster. `zones` empty: may sign anywhere. `since` and `until` are inclusive, UTC."""

    name: str
    tier: Tier
    accounts: tuple[RosterAccount, ...] = ()
    emails: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    away: tuple[Absence, ...] = ()

    def in_force(self, day: date) -> bool:
        """Whether the entry holds on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def is_away(self, day: date) -> bool:
        """Whether the person said not to ask on a day."""
        return any(absence.first <= day <= absence.last for absence in self.away)


@dataclass(frozen=True, slots=True)
class TeamGrant:
    """Everybody in a forge's team has at least this tier, unless an entry of their own says otherwise."""

    forge: str
    team: str
    tier: Tier
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Roster:
    """The roster in force. `digest` names this version (hex)."""

    people: tuple[Person, ...] = ()
    teams: tuple[TeamGrant, ...] = ()
    digest: str = ""
