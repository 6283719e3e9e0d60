"""What a roster file may say, key by key. Editors get their JSON Schema from here.

Only shapes: whether tiers exist and names are unique is judged in `bot.rules.roster`. A third forge adds its key to
`PersonShape` and `TeamShape`, and to `ACCOUNT_KEYS`.
"""

# ruff: noqa: RUF012  pydantic gives each instance its own copy of a default

from typing import Literal

from pydantic import Field

from bot.rules.shapes import AnyNumber, Id, Mailbox, Name, OneOrMore, Shape
from bot.rules.times import Day, LastDay

ACCOUNT_KEYS = {"github": "login", "gitlab": "username"}
"""Each forge's key for accounts and teams, and its own word for a login."""


class GithubShape(Shape):
    """An account on GitHub."""

    login: Name
    """For people to read; the id decides."""
    id: Id | None = None
    """Without it the account never signs. `signoff roster resolve` fills it in."""


class GitlabShape(Shape):
    """An account on GitLab."""

    username: Name
    """For people to read; the id decides."""
    id: Id | None = None
    """Without it the account never signs. `signoff roster resolve` fills it in."""


class AwayShape(Shape):
    """Days on which somebody is not asked. An approval given all the same counts."""

    from_: Day = Field(alias="from")
    to: Day
    """The last day away."""


class PersonShape(Shape):
    """Somebody in the roster."""

    name: Name
    tier: Name
    github: OneOrMore[GithubShape] | None = None
    gitlab: OneOrMore[GitlabShape] | None = None
    emails: AnyNumber[Mailbox] = []
    """The mailboxes they commit with."""
    zones: AnyNumber[Name] = []
    """The zones they may sign for. None named: anywhere."""
    from_: Day | None = Field(None, alias="from")
    """The first day, UTC."""
    until: LastDay = None
    """The last day, UTC."""
    away: AnyNumber[AwayShape] = []


class TeamShape(Shape):
    """Everybody in a forge's team has this tier, unless an entry of their own says otherwise."""

    github: Name | None = None
    """Organisation and team, e.g. acme/platform-seniors."""
    gitlab: Name | None = None
    """A group's full path."""
    tier: Name
    zones: AnyNumber[Name] = []


class RosterFile(Shape):
    """People, their accounts and their tier."""

    version: Literal[1]
    people: AnyNumber[PersonShape] = []
    teams: AnyNumber[TeamShape] = []
