"""The roster in force as a lead reads it: who can sign what, and where there are too few."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.model.policy import GOVERNANCE, Policy, Requirement
from bot.model.roster import Person, Roster


@dataclass(frozen=True, slots=True)
class Coverage:
    """For one requirement, in one of its zones (empty: wherever it holds): who could sign on a day, away or not.

    `teams` are forge teams whose members could too; how many they are is not counted here.
    """

    requirement: Requirement
    zone: str
    people: tuple[Person, ...]
    away: tuple[Person, ...]
    teams: tuple[str, ...]

    @property
    def short(self) -> bool:
        """Whether fewer people than are needed for two changes by signers themselves are here to ask."""
        return not self.teams and len(self.people) - len(self.away) <= self.requirement.need.approvals


def coverage(policy: Policy, roster: Roster, day: date) -> tuple[Coverage, ...]:
    """Every requirement and zone, in the policy's order."""
    return tuple(
        _coverage(policy, roster, day, requirement, zone)
        for requirement in policy.requirements
        for zone in (requirement.when.zones or ("",))
    )


def leads(policy: Policy, roster: Roster, day: date) -> Iterator[tuple[str, int]]:
    """The accounts, by forge and number, of those who may sign a change of the roster itself: who keeps it.

    Where no requirement guards it, the highest tier.
    """
    asked = [each.need.tier for each in policy.requirements if GOVERNANCE in each.when.zones]
    tiers = [tier for tier in asked if tier in policy.tiers]
    lowest = max((policy.rank(tier) for tier in tiers), default=len(policy.tiers) - 1)
    for person in roster.people:
        if person.in_force(day) and person.tier in policy.tiers and policy.rank(person.tier) >= lowest:
            yield from ((account.forge, account.id) for account in person.accounts if account.id is not None)


def _coverage(policy: Policy, roster: Roster, day: date, requirement: Requirement, zone: str) -> Coverage:
    need = requirement.need

    def reaches(tier: str) -> bool:
        return tier in policy.tiers and need.tier in policy.tiers and _rank(policy, tier) >= _rank(policy, need.tier)

    def may(person: Person) -> bool:
        known = any(account.id is not None for account in person.accounts)
        owns = zone in person.zones if need.zone_owner else not person.zones or not zone or zone in person.zones
        return known and owns and person.in_force(day) and reaches(person.tier)

    people = tuple(filter(may, roster.people))
    teams = tuple(team.team for team in roster.teams if reaches(team.tier))
    return Coverage(requirement, zone, people, tuple(each for each in people if each.is_away(day)), teams)


def _rank(policy: Policy, tier: str) -> int:
    return list(map(str, policy.tiers)).index(tier)
