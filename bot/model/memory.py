"""What was seen before and is not forgotten: evidence, sightings, answers, and what people said on the record.

The store keeps it, `decide` reads it; a case file can spell it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bot.model.change import Account, ReviewState
from bot.model.evidence import Evidence
from bot.model.ids import AccountId, PatchId, Sha


@dataclass(frozen=True, slots=True)
class Sighting:
    """What we saw ourselves when a review was given: by whom, in which state, for which head and patch."""

    review: int
    reviewer: AccountId
    state: ReviewState
    sha: Sha
    at: datetime
    patch: PatchId | None = None


class Answer(StrEnum):
    """An author's own word on whether AI took part."""

    AI = "ai"
    NO_AI = "no_ai"


@dataclass(frozen=True, slots=True)
class Declaration:
    """An answer, by whom and when. Whether it counts (only the author's does) is decided elsewhere."""

    by: AccountId | None
    answer: Answer
    at: datetime | None = None
    how: str = "command"


@dataclass(frozen=True, slots=True)
class Clearance:
    """Somebody said that one named finding is wrong. `evidence` is its key, its place or its quoted text."""

    by: AccountId
    evidence: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Override:
    """Break-glass: somebody let one head pass, for a reason."""

    by: AccountId
    head: Sha
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NotMine:
    """A person named only by a mailbox said that they took no part."""

    by: AccountId
    at: datetime


@dataclass(frozen=True, slots=True)
class Push:
    """Somebody moved the change from one head (None: not told) to another."""

    by: Account
    head: Sha
    before: Sha | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom a commit of the change named when that was read, and as what (the roles of a contributor)."""

    account: Account
    role: str
    commit: Sha


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything remembered about one change at the time of deciding.

    `patches` maps the heads that were compared to their patch identity; `teams` maps a forge team's full name to the
    account ids in it (a team that could not be read is absent: nobody is in it). `pushers` pushed at some time;
    `pushes` say to which head as well, so that pressing "Update branch" or "Rebase" can be told from bringing commits.
    `objected` are the reviews that held the change as objections when it was decided before; `unread` is how many heads
    it left behind that nobody has looked at yet. `elsewhere` are compared heads whose patch was taken against another
    base branch than the change's own now. `named` are those whom the commits of any head named that was read, without
    commits that landed.
    """

    evidence: tuple[Evidence, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    patches: Mapping[Sha, PatchId] = field(default_factory=lambda: MappingProxyType({}))
    declarations: tuple[Declaration, ...] = ()
    clearances: tuple[Clearance, ...] = ()
    overrides: tuple[Override, ...] = ()
    not_mine: tuple[NotMine, ...] = ()
    landed: frozenset[Sha] = frozenset()
    teams: Mapping[str, frozenset[AccountId]] = field(default_factory=lambda: MappingProxyType({}))
    pushers: tuple[Account, ...] = ()
    pushes: tuple[Push, ...] = ()
    objected: frozenset[int] = frozenset()
    unread: int = 0
    elsewhere: frozenset[Sha] = frozenset()
    named: tuple[Named, ...] = ()
