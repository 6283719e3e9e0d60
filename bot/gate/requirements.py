"""What a requirement needs, who counted for it, how much is missing, and who could give it.

A person who names zones in the roster may sign for these only. A requirement is about the zones that its condition
names and the change is in, or about all zones of the change if it names none. Each of them needs the full number of
approvals by people who may sign for it, so that touching a second zone lets nobody choose an easier signer; a change
in no zone may be signed by anybody of the tier. `zone_owner` asks for people whose entry names one of the zones.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.gate.approvals import Approval
from bot.gate.facts import Facts
from bot.gate.people import People, Standing, rank_needed
from bot.model.decision import CountedApproval, Discount, RequirementResult
from bot.model.policy import Requirement


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement that holds for the change, and the zones it is about."""

    requirement: Requirement
    rank: int
    zones: frozenset[str]

    def refuses(self, standing: Standing) -> Discount | None:
        """Why this person's approval does not count here, None if it does."""
        if standing.rank < self.rank:
            return Discount.TIER_TOO_LOW
        if self.requirement.need.zone_owner:
            return None if standing.zones & self.zones else Discount.NOT_ZONE_OWNER
        limited = standing.zones and self.zones
        return Discount.NOT_ZONE_OWNER if limited and not standing.zones & self.zones else None

    def missing(self, counted: list[tuple[Standing, frozenset[str]]]) -> int:
        """How many approvals are missing, given who counted and the teams they are in."""
        need = self.requirement.need
        lacking = need.approvals - len(counted)
        if not need.zone_owner:
            able = self._able(who for who, _ in counted).values()
            lacking = max(lacking, *(need.approvals - each for each in able), 0)
        teams = [each for _, each in counted]
        return max(lacking, need.distinct_teams - different(teams), 0)

    def helps(self, standing: Standing, counted: list[tuple[Standing, frozenset[str]]]) -> bool:
        """Whether this person could give something of what is missing."""
        if self.refuses(standing) is not None:
            return False
        need = self.requirement.need
        if need.zone_owner or not standing.zones or not self.zones:
            return True
        able = self._able(who for who, _ in counted)
        return any(able[zone] < need.approvals for zone in standing.zones & self.zones)

    def leaves_out(self, standing: Standing, counted: Iterable[Standing]) -> bool:
        """Whether approvals are missing for a zone that this person may not sign for."""
        refusal, need = self.refuses(standing), self.requirement.need
        if refusal is not None or need.zone_owner or not standing.zones:
            return refusal is Discount.NOT_ZONE_OWNER
        able = self._able(counted)
        return any(able[zone] < need.approvals for zone in self.zones - standing.zones)

    def _able(self, counted: Iterable[Standing]) -> dict[str, int]:
        """How many of those who counted may sign for each zone."""
        people = list(counted)
        return {zone: sum(not who.zones or zone in who.zones for who in people) for zone in self.zones}


def asked(requirement: Requirement, facts: Facts) -> Asked:
    """What a requirement that holds asks of this change."""
    named = frozenset(requirement.when.zones)
    zones = frozenset(facts.zones)
    return Asked(
        requirement, rank_needed(facts.matter.policy, requirement.need.tier), zones & named if named else zones
    )


def result(each: Asked, given: Iterable[Approval], people: People) -> RequirementResult:
    """Who counted for one requirement, and what is missing. Candidates are added by whoever knows them."""
    counted = counting(each, given)
    approvals = tuple(
        CountedApproval(one.word.reviewer, standing.name, one.word.review, one.carried_from)
        for one, standing in counted
    )
    need = each.requirement.need
    return RequirementResult(each.requirement.name, need, approvals, each.missing(with_teams(each, counted, people)))


def counting(each: Asked, given: Iterable[Approval]) -> list[tuple[Approval, Standing]]:
    """The approvals that count for one requirement. Of one person there is never more than one."""
    found = ((one, one.standing) for one in given if one.discount is None)
    return [(one, standing) for one, standing in found if standing is not None and each.refuses(standing) is None]


def with_teams(
    each: Asked, counted: list[tuple[Approval, Standing]], people: People
) -> list[tuple[Standing, frozenset[str]]]:
    """The people who counted, each with the teams their account is in where that is asked for."""
    if not each.requirement.need.distinct_teams:
        return [(standing, frozenset()) for _, standing in counted]
    return [(standing, people.teams(one.word.reviewer.id)) for one, standing in counted]


def different(teams: list[frozenset[str]]) -> int:
    """From how many different teams these people are when each stands for one: the largest matching."""
    chosen: dict[str, int] = {}

    def place(person: int, tried: set[str]) -> bool:
        for team in sorted(teams[person] - tried):
            tried.add(team)
            if team not in chosen or place(chosen[team], tried):
                chosen[team] = person
                return True
        return False

    return sum(place(person, set()) for person in range(len(teams)))
