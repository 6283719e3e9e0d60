"""The policy: what the rules file says, with every default filled in. `bot.rules` makes it; no file is read here."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.model.evidence import AiClass, Strength
from bot.model.ids import Tier


class Mode(StrEnum):
    """Whether a held change is kept from merging, or only told what would have been asked."""

    ENFORCE = "enforce"
    OBSERVE = "observe"
    OFF = "off"
    """Not covered: nothing is posted."""


class Undeclared(StrEnum):
    """What a human author's silence about AI means."""

    TRUST = "trust"
    ASK = "ask"
    AI = "ai"


@dataclass(frozen=True, slots=True)
class RepositoryRule:
    """The mode for the repositories whose full name matches a glob."""

    match: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class CatalogueEdit:
    """What a site adds to or takes from the packaged catalogue of tools.

    Each entry of `add` and `remove` is (tool, kind of mark, value), the kinds being those of the catalogue's file.
    """

    add: tuple[tuple[str, str, str], ...] = ()
    remove: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DetectionRules:
    """Which evidence matters."""

    counts: frozenset[AiClass] = frozenset({AiClass.AGENT_AUTHORED, AiClass.AI_ASSISTED})
    minimum_strength: Strength = Strength.MEDIUM
    undeclared: Undeclared = Undeclared.TRUST
    ai_labels: frozenset[str] = frozenset({"ai-assisted", "ai-generated"})
    no_ai_labels: frozenset[str] = frozenset({"no-ai"})
    automation_apps: frozenset[int] = frozenset()
    """Ids of the Apps (or account ids of bots) whose changes are automation, not an agent's."""
    catalogue: CatalogueEdit = CatalogueEdit()


@dataclass(frozen=True, slots=True)
class Zone:
    """A named part of the code, by path (gitignore syntax) or by the nature of the change. Any part that holds puts
    a change in the zone.
    """

    name: str
    paths: tuple[str, ...] = ()
    deleted_lines: int | None = None
    deleted_files: int | None = None
    removed_resources: bool = False


GOVERNANCE = "governance"
OPAQUE = "opaque"


@dataclass(frozen=True, slots=True)
class When:
    """When a requirement holds. What is None or empty is not asked; the rest must all hold; within a tuple, any."""

    ai: bool | None = None
    classes: tuple[AiClass, ...] = ()
    tools: tuple[str, ...] = ()
    author_below: Tier | None = None
    zones: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    changed_lines: int | None = None
    """At least so many added and deleted lines together."""
    changed_files: int | None = None
    operator_unknown: bool | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """How many approvals, of which tier or above, by owners of the zones or not, from how many different teams."""

    approvals: int
    tier: Tier
    zone_owner: bool = False
    distinct_teams: int = 0


@dataclass(frozen=True, slots=True)
class Requirement:
    """When this holds, that is needed."""

    name: str
    when: When
    need: Need


@dataclass(frozen=True, slots=True)
class OverrideRules:
    """Who may break the glass, and for how long it then stays broken. `tier` None: nobody may."""

    tier: Tier | None
    expires: timedelta = timedelta(hours=4)
    reason_length: int = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules in force. `tiers` is ordered from the lowest to the highest. `digest` names this version (hex)."""

    tiers: tuple[Tier, ...]
    unknown_author: Tier
    requirements: tuple[Requirement, ...]
    zones: tuple[Zone, ...] = ()
    detection: DetectionRules = DetectionRules()
    mode: Mode = Mode.ENFORCE
    repositories: tuple[RepositoryRule, ...] = ()
    guarded_branches: tuple[str, ...] = ("@default",)
    override: OverrideRules = OverrideRules(tier=None)
    digest: str = ""

    def rank(self, tier: Tier) -> int:
        """A tier's place in the order, 0 the lowest. KeyError for a tier the policy does not have."""
        try:
            return self.tiers.index(tier)
        except ValueError:
            raise KeyError(tier) from None
