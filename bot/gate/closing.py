"""Who may close a finding of the watch: somebody in force in the roster whose approval could count for something the
rules ask, and who had no part in it. Pure.
"""

from collections.abc import Collection
from datetime import date

from bot.gate.people import rank_needed, rank_of
from bot.model.ids import AccountId
from bot.model.policy import Policy
from bot.model.roster import Person, Roster


def may_close(
    policy: Policy, roster: Roster, day: date, who: tuple[str, str], had_part: Collection[int | None]
) -> AccountId | str:
    """The account of `who` (forge, login), or what is needed instead. `had_part` are accounts that may not."""
    forge, login = who
    for person in roster.people:
        for account in person.accounts:
            if account.forge != forge or account.login.casefold() != login.casefold():
                continue
            if account.id is None:
                return "the roster has no account id for it: signoff roster resolve fills it in"
            fault = _fault(policy, person, day, had_part)
            return account.id if fault is None else fault
    return f"nobody in the roster is {login!a} on {forge!a}; write forge:login"


def _fault(policy: Policy, person: Person, day: date, had_part: Collection[int | None]) -> str | None:
    if not person.in_force(day):
        return "the entry in the roster is not in force today"
    if any(account.id is not None and account.id in had_part for account in person.accounts):
        return "whoever had a part in it does not close it: somebody else has to look"
    lowest = min((rank_needed(policy, each.need.tier) for each in policy.requirements), default=0)
    if rank_of(policy, person.tier) < lowest:
        return "somebody is needed whose sign-off could count"
    return None
