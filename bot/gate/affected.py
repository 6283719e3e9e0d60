"""Whether an edit of the roster can change a decision that was recorded, so that only such changes become due.

It may say yes for nothing; it never says no for something.
"""

from collections.abc import Mapping
from typing import Any

from bot.gate.people import noreply, rank_needed, rank_of
from bot.model.ids import Tier
from bot.model.policy import Policy
from bot.model.roster import Person, Roster


def affected(record: Mapping[str, Any], forge: str, policy: Policy, before: Roster, after: Roster) -> bool:
    """Whether the decision of `as_record` may be another one by the roster `after` than by the one `before`."""
    if before.teams != after.teams or bool(before.people) != bool(after.people):
        return True
    old, new = set(before.people), set(after.people)
    return any(_matters(person, record, forge, policy) for person in old ^ new)


def _matters(person: Person, record: Mapping[str, Any], forge: str, policy: Policy) -> bool:
    numbers = {each.id for each in person.accounts if each.forge == forge}
    logins = {each.login.casefold() for each in person.accounts}
    named = [each for each in record["contributors"] if each["person"] == person.name or _is(each, person, logins)]
    if numbers & set(record["involved"]) or named:
        return True
    rank = rank_of(policy, person.tier)
    missing = (each["tier"] for each in record["requirements"] if not each["met"])
    return any(rank >= rank_needed(policy, Tier(tier)) for tier in missing)


def _is(contributor: Mapping[str, Any], person: Person, logins: set[str]) -> bool:
    """Whether what names a contributor, a login or a mailbox, may name this person."""
    mailbox = (contributor["mailbox"] or "").strip().casefold()
    _, account, login = noreply(mailbox)
    return (
        (contributor["login"] or "").casefold() in logins
        or mailbox in {each.strip().casefold() for each in person.emails}
        or (login or "") in logins
        or account in {each.id for each in person.accounts if each.id is not None}
    )
