"""Who may clear evidence and dismiss objections: a person in force in the roster, no contributor, whose approval would
count for every requirement that holds for the change (for clearing: that holds before anything is cleared). Where
none holds, the lowest tier that any requirement of the policy asks for is enough.
"""

from dataclasses import dataclass

from bot.gate.approvals import barred
from bot.gate.contributors import Crew
from bot.gate.matter import Matter
from bot.gate.people import People, Standing, rank_needed
from bot.gate.requirements import Asked
from bot.model.change import Account


@dataclass(frozen=True, slots=True)
class Bench:
    """Everybody there is to ask, and what the change asks of them."""

    matter: Matter
    people: People
    crew: Crew
    asked: tuple[Asked, ...]

    def entitled(self, account: Account | None) -> Standing | None:
        """What the roster gives this account, if it is entitled."""
        standing = self.free(account)
        if standing is None:
            return None
        if self.asked:
            return standing if all(each.refuses(standing) is None for each in self.asked) else None
        policy = self.matter.policy
        lowest = min((rank_needed(policy, each.need.tier) for each in policy.requirements), default=0)
        return standing if standing.rank >= lowest else None

    def free(self, account: Account | None) -> Standing | None:
        """What the roster gives this account, if it is a person's in force who did not shape the change."""
        if account is None or account.id is None:
            return None
        standing = self.people.standing(account.id)
        return standing if barred(self.matter, self.crew, account, standing) is None else None
