"""Our own form of what a forge's webhook said. It is a doorbell with sightings: nothing else in it is believed.

A sighting is what can never be asked for again: which head a review was given for, who pushed, which head was there
before a force-push.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.model.change import Account, ReviewState
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository, Subject


@dataclass(frozen=True, slots=True)
class ReviewSeen:
    """A review at the moment it was given: the head it was for, by the forge's clock."""

    number: int
    review: int
    reviewer: AccountId
    state: ReviewState
    sha: Sha
    at: datetime


@dataclass(frozen=True, slots=True)
class PushSeen:
    """Somebody moved a branch. `before` is None when the branch was new, `after` None when it was deleted.

    `branch` is the name without refs/heads/; `pusher` has no id when the forge did not say who it was.
    """

    branch: str
    before: Sha | None
    after: Sha | None
    pusher: Account
    forced: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class HeadSeen:
    """A change stood on a head at a time, by the forge's clock. `before` is the head it left, when the forge said so.

    `pusher` is who moved it (also for a fork, whose pushes are not reported), None when the event is no push.
    """

    number: int
    sha: Sha
    at: datetime
    before: Sha | None = None
    pusher: Account | None = None


@dataclass(frozen=True, slots=True)
class CommentSeen:
    """Somebody commented on a change, by the forge's id of the comment."""

    number: int
    comment: int


@dataclass(frozen=True, slots=True)
class TipSeen:
    """A branch was told to stand on a commit. `branch` is the name without refs/heads/."""

    branch: str
    sha: Sha


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery. `delivery` is the forge's id of it, the same on redelivery; `kind` is for logs and metrics.

    `repositories` are all that it named, to remember their names; `due` are the subjects to look at again; `due_heads`
    are (repository id, SHA) of heads whose changes are to be looked at, where the delivery did not name the changes;
    `seek` says whether the repository is looked through for a head that no known change stands on. `hearsay`: what it
    says of its repositories is not proven, so it introduces those that nobody knows, and renames none. `left` is an
    installation whose repositories the bot may not touch any more, whether the delivery names them or not. `tip` is
    told where the changes from that branch are to be looked at if no delivery of their own says that they moved.
    """

    forge: str
    delivery: str
    kind: str
    repositories: tuple[Repository, ...] = ()
    due: tuple[Subject, ...] = ()
    due_heads: tuple[tuple[int, Sha], ...] = ()
    seek: bool = True
    hearsay: bool = False
    left: int | None = None
    review: ReviewSeen | None = None
    push: PushSeen | None = None
    head: HeadSeen | None = None
    comment: CommentSeen | None = None
    tip: TipSeen | None = None
