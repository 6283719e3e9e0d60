"""What the conditions of requirements are asked about, and whether they hold.

Keys are ANDed, members of a list ORed. Where the forge does not show all files, a condition on files holds.
"""

from dataclasses import dataclass

from bot.gate import globs
from bot.gate.contributors import Crew
from bot.gate.matter import Matter
from bot.gate.people import rank_needed, rank_of
from bot.gate.zones import Zones, touches
from bot.model.evidence import AiClass, Evidence
from bot.model.ids import Tier
from bot.model.policy import Requirement, When


@dataclass(frozen=True, slots=True)
class Facts:
    """What a change amounts to under one reading of the evidence."""

    matter: Matter
    crew: Crew
    zones: Zones
    evidence: tuple[Evidence, ...]
    ai_class: AiClass
    author_tier: Tier | None

    @property
    def is_ai(self) -> bool:
        """Whether the class is one of those that the policy counts as AI."""
        return self.ai_class in self.matter.policy.detection.counts


def matching(facts: Facts) -> tuple[Requirement, ...]:
    """The requirements that hold for the change, in the policy's order."""
    return tuple(each for each in facts.matter.policy.requirements if holds(each.when, facts))


def holds(when: When, facts: Facts) -> bool:
    """Whether all that a condition asks is so."""
    return _by_authors(when, facts) and _by_place(when, facts) and _by_size(when, facts)


def _by_authors(when: When, facts: Facts) -> bool:
    if when.ai is not None and when.ai is not facts.is_ai:
        return False
    if when.classes and facts.ai_class not in when.classes:
        return False
    if when.operator_unknown is not None and when.operator_unknown is not facts.crew.operator_unknown:
        return False
    if when.tools and not {each.casefold() for each in when.tools} & _tools(facts):
        return False
    return when.author_below is None or is_below(facts, when.author_below)


def is_below(facts: Facts, tier: Tier) -> bool:
    """Whether the author's tier is lower. Not where nobody took part, as in proven automation."""
    policy = facts.matter.policy
    return facts.author_tier is not None and rank_of(policy, facts.author_tier) < rank_needed(policy, tier)


def _tools(facts: Facts) -> set[str]:
    minimum = facts.matter.policy.detection.minimum_strength.value
    return {each.tool.casefold() for each in facts.evidence if each.strength.value >= minimum}


def _by_place(when: When, facts: Facts) -> bool:
    change = facts.matter.change
    if when.zones and not set(when.zones) & facts.zones.keys():
        return False
    if when.paths and not touches(change, when.paths):
        return False
    if when.labels and not {each.casefold() for each in when.labels} & {each.casefold() for each in change.labels}:
        return False
    if when.bases and not any(globs.branch(each, change.base, change.default_branch) for each in when.bases):
        return False
    return not when.repositories or any(globs.repository(each, change.repository) for each in when.repositories)


def _by_size(when: When, facts: Facts) -> bool:
    change = facts.matter.change
    if change.files_truncated:
        return True
    lines = sum(each.additions + each.deletions for each in change.files)
    return (when.changed_lines is None or lines >= when.changed_lines) and (
        when.changed_files is None or len(change.files) >= when.changed_files
    )
