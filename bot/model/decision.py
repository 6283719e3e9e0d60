"""A decision: the verdict and every reason for it, as a tree. Title, check and page are renderings of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model.change import Account
from bot.model.evidence import AiClass, Evidence
from bot.model.ids import AccountId, Sha, Tier
from bot.model.policy import Mode, Need


class Verdict(StrEnum):
    """What the gate says. Only `allow` is ever a success."""

    ALLOW = "allow"
    HOLD = "hold"
    UNKNOWN = "unknown"

    @property
    def severity(self) -> int:
        """0 for allow, 1 for hold, 2 for unknown: the worst of several verdicts is the one with the highest."""
        return list(Verdict).index(self)


class Discount(StrEnum):
    """Why an approval does not count, in the order in which they are tried."""

    BOT = "bot"
    NOT_IN_ROSTER = "not_in_roster"
    EXPIRED = "expired"
    OPERATOR = "operator"
    CONTRIBUTOR = "contributor"
    SAME_PERSON = "same_person"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"
    OLDER_HEAD = "older_head"
    TIER_TOO_LOW = "tier_too_low"
    NOT_ZONE_OWNER = "not_zone_owner"


@dataclass(frozen=True, slots=True)
class Reason:
    """A node of the tree: a stable `code` for machines, a sentence for people, whether it speaks for letting the
    change pass (None: it only informs), and what it rests on.
    """

    code: str
    text: str
    passes: bool | None = None
    because: tuple["Reason", ...] = ()


@dataclass(frozen=True, slots=True)
class CountedApproval:
    """An approval that counts. `carried_from` is the head it was given for, when that was another one."""

    reviewer: Account
    person: str
    review: int
    carried_from: Sha | None = None


@dataclass(frozen=True, slots=True)
class DiscountedApproval:
    """An approval that does not count, and the first reason why; with a `requirement`, it counts, but not there."""

    reviewer: Account
    review: int
    reason: Discount
    requirement: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could sign now. `login` is for people to read, `name` the roster's."""

    login: str
    name: str
    away: bool = False
    may_after_not_mine: bool = False
    """Named only by commits: may sign after saying `/signoff not-mine`."""
    id: AccountId | None = None
    """The account's number; None for a team, which goes by its name."""


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """A requirement that matched: what it needs, who counted, how many are missing, who could give them."""

    name: str
    need: Need
    counted: tuple[CountedApproval, ...]
    missing: int
    candidates: tuple[Candidate, ...] = ()

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return self.missing == 0

    @property
    def able(self) -> tuple[Candidate, ...]:
        """Who could sign now."""
        return tuple(each for each in self.candidates if not each.away and not each.may_after_not_mine)

    @property
    def able_later(self) -> tuple[Candidate, ...]:
        """Who could sign after `/signoff not-mine`."""
        return tuple(each for each in self.candidates if not each.away and each.may_after_not_mine)


@dataclass(frozen=True, slots=True)
class Objection:
    """Changes requested by somebody whose word can hold the change."""

    reviewer: Account
    person: str
    review: int


@dataclass(frozen=True, slots=True)
class OverrideInForce:
    """The override that lets the change pass."""

    by: str
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Contributor:
    """Somebody who shaped the change, why we think so, and their tier (the policy's `unknown_author` if unknown).

    `account` is None for a mailbox that maps to no account; `mailbox` is then what git recorded.
    """

    account: Account | None
    person: str | None
    tier: Tier
    roles: tuple[str, ...]
    known: bool
    mailbox_only: bool = False
    mailbox: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one change at one head, with everything it rests on.

    `author_tier` is None where no human took part. In observe mode the verdict is the same and nothing is kept from
    merging; `guarded` is false for a base branch where no success is ever published.
    """

    verdict: Verdict
    ai_class: AiClass
    author_tier: Tier | None
    zones: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    requirements: tuple[RequirementResult, ...]
    discounted: tuple[DiscountedApproval, ...]
    title: str
    head: Sha
    mode: Mode = Mode.ENFORCE
    guarded: bool = True
    reasons: tuple[Reason, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    objections: tuple[Objection, ...] = ()
    override: OverrideInForce | None = None
    needs_answer: bool = False
    """The author is asked whether AI took part, since the answer would change the verdict."""
    recheck_at: datetime | None = None
    """When the same inputs will decide otherwise: an override or a roster entry ends."""
    involved: tuple[AccountId, ...] = ()
    """The accounts whose roster entries this rests on: who shaped the change or said something about it."""
    policy_digest: str = ""
    roster_digest: str = ""
