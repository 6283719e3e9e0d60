"""What is legal in rules and roster but surely not meant: a gate that nobody can open, or that lets everything pass.

Nothing here stops a file from taking force. Members of forge teams are not known here; where a team could supply the
people, nothing is said.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.model.ids import Tier
from bot.model.policy import Mode, Policy, Requirement, Zone
from bot.model.roster import Person, Roster
from bot.rules.faults import shown
from bot.rules.references import BUILT_IN


@dataclass(frozen=True, slots=True)
class Concern:
    """Something to look at: what it is about, in one sentence, and what to do.

    `about` is the person's name in the roster, then words that stand at the place; `file` and `line` are that place
    where the files are at hand (line 0: not known).
    """

    message: str
    hint: str
    about: tuple[str, ...] = ()
    file: str = ""
    line: int = 0

    @property
    def told(self) -> str:
        """The sentence, with its place if that is known."""
        return f"{shown(self.file, 300)}:{self.line}: {self.message}" if self.line else self.message

    def __str__(self) -> str:
        """The sentence, and the advice on a second line."""
        return f"{self.told}\n    {self.hint}"


EMPTY_ROSTER = Concern("the roster is empty: every decision is `unknown`", "add the people who may sign")


def warnings(policy: Policy, roster: Roster | None, today: date) -> tuple[Concern, ...]:
    """Everything that is legal and looks wrong, first in the rules, then in the roster (None: not looked at)."""
    found = [*_mode(policy), *_no_requirement(policy)]
    for requirement in policy.requirements:
        found += _never_holds(policy, requirement)
    if roster is None:
        return tuple(found)
    if not roster.people and not roster.teams:
        return (*found, EMPTY_ROSTER)
    signers = _Signers(policy, roster, today)
    for requirement in policy.requirements:
        found += _never_met(signers, requirement)
    for zone in policy.zones:
        found += _zone(policy, signers, zone)
    people = (*_people(policy, roster, today), *_accounts_without_id(policy, roster), *_mailboxes(roster))
    return (*found, *_accounts(roster), *people, *_teams(policy, roster))


class _Signers:
    """Who could sign on a day."""

    def __init__(self, policy: Policy, roster: Roster, today: date) -> None:
        self.policy = policy
        self.roster = roster
        self.people = [each for each in roster.people if each.in_force(today) and _has_id(each)]

    def of(self, tier: Tier, zones: tuple[str, ...] = (), *, owners: bool = False) -> list[Person]:
        """The people of a tier or above who may sign for one of the zones, or with `owners` name one of them."""
        return [
            each
            for each in self.people
            if self._reaches(each.tier, tier)
            and ((not owners and not (each.zones and zones)) or bool(each.zones & set(zones)))
        ]

    def by_team(self, tier: Tier) -> bool:
        """Whether a forge team could supply people of a tier."""
        return any(self._reaches(team.tier, tier) for team in self.roster.teams)

    def _reaches(self, tier: Tier, needed: Tier) -> bool:
        return tier in self.policy.tiers and self.policy.rank(tier) >= self.policy.rank(needed)


def _has_id(person: Person) -> bool:
    return any(account.id is not None for account in person.accounts)


def _mode(policy: Policy) -> Iterator[Concern]:
    enforced = policy.mode is Mode.ENFORCE or any(rule.mode is Mode.ENFORCE for rule in policy.repositories)
    if not enforced:
        yield Concern(
            f"mode `{policy.mode.value}` everywhere: nothing is ever kept from merging",
            "set `mode: enforce`, at least for some `repositories`, when you are ready",
        )
    if any(rule.match in {"*", "**", "*/*"} for rule in policy.repositories[:-1]):
        yield Concern("`repositories`: an entry that matches all hides those after it", "move it to the end")


def _no_requirement(policy: Policy) -> Iterator[Concern]:
    if not policy.requirements:
        yield Concern("there is no requirement: every decision is `unknown`", "add at least one under `requirements`")


def _accounts(roster: Roster) -> Iterator[Concern]:
    every = [
        (account.forge, account.id) for person in roster.people for account in person.accounts if account.id is not None
    ]
    for (forge, number), times in sorted(Counter(every).items()):
        if times > 1:
            holders = [
                person.name
                for person in roster.people
                if any((account.forge, account.id) == (forge, number) for account in person.accounts)
            ]
            yield Concern(
                f"{forge} account {number} is listed {times} times: {', '.join(map(shown, holders))}",
                "an account belongs to one person; keep one of the entries",
            )


def _people(policy: Policy, roster: Roster, today: date) -> Iterator[Concern]:
    zones = {*BUILT_IN, *(zone.name for zone in policy.zones)}
    for person in roster.people:
        name = shown(person.name)
        if not _has_id(person):
            yield Concern(
                f"{name} has no account with an id and can never sign",
                "add the id, or run `signoff roster resolve`",
                (person.name, *(account.login for account in person.accounts)),
            )
        if person.until is not None and person.until < today:
            hint = "extend `until`, or remove the entry"
            yield Concern(f"the entry of {name} ended on {person.until}", hint, (person.name,))
        for zone in sorted(person.zones - zones):
            message = f"{name} may sign for a zone that does not exist: {shown(zone)}"
            yield Concern(message, "see `zones` in the rules", (person.name, zone))


def _accounts_without_id(policy: Policy, roster: Roster) -> Iterator[Concern]:
    """Accounts that sign nothing, of people who could sign with others."""
    lowest = min((policy.rank(each.need.tier) for each in policy.requirements), default=0)
    able = (each for each in roster.people if each.tier in policy.tiers and policy.rank(each.tier) >= lowest)
    for person in filter(_has_id, able):
        for account in person.accounts:
            if account.id is None:
                yield Concern(
                    f"the {account.forge} account {shown(account.login)} of {shown(person.name)} has no id: "
                    "it never signs, since a login can change hands",
                    "add the id, or run `signoff roster resolve`",
                    (person.name, account.login),
                )


def _mailboxes(roster: Roster) -> Iterator[Concern]:
    """Mailboxes under two people: a commit from there makes a contributor of the first of them only."""
    first: dict[str, Person] = {}
    for person in roster.people:
        for mailbox in sorted(person.emails):
            owner = first.setdefault(mailbox.strip().casefold(), person)
            if owner is not person:
                yield Concern(
                    f"the mailbox {shown(mailbox)} of {shown(person.name)} is {shown(owner.name)}'s too: commits from "
                    f"there count as {shown(owner.name)}'s alone",
                    "a mailbox belongs to one person; keep it in one of the entries",
                    (person.name, mailbox),
                )


def _never_holds(policy: Policy, requirement: Requirement) -> Iterator[Concern]:
    when, name = requirement.when, shown(requirement.name)
    if when.author_below == policy.tiers[0]:
        yield Concern(
            f"requirement `{name}` never holds: nobody is below {shown(when.author_below)}, the lowest tier",
            "name a higher tier in `author_below`",
        )
    if when.ai and when.classes and not policy.detection.counts & set(when.classes):
        yield Concern(
            f"requirement `{name}` never holds: none of its classes counts as AI",
            "drop `ai: true`, or add the class to `detection: counts`",
        )


def _never_met(signers: _Signers, requirement: Requirement) -> Iterator[Concern]:
    need, zones, name = requirement.need, requirement.when.zones, shown(requirement.name)
    able = signers.of(need.tier, zones, owners=need.zone_owner)
    if signers.by_team(need.tier):
        return
    if len(able) < need.approvals:
        owners = " who own a zone of it" if need.zone_owner else ""
        yield Concern(
            f"requirement `{name}` can never be met: it needs {need.approvals} of tier {shown(need.tier)} or above"
            f"{owners}, the roster has {len(able)}",
            "add people, or ask for less",
        )
    elif need.distinct_teams:
        yield Concern(
            f"requirement `{name}` can never be met: it needs {need.distinct_teams} different teams, "
            f"and the roster names no team of tier {shown(need.tier)}",
            "add `teams` to the roster",
        )


def _teams(policy: Policy, roster: Roster) -> Iterator[Concern]:
    needed = [policy.rank(requirement.need.tier) for requirement in policy.requirements]
    for team in roster.teams:
        if needed and team.tier in policy.tiers and policy.rank(team.tier) < min(needed):
            yield Concern(
                f"team {shown(team.team)} is of tier {shown(team.tier)}, below what any requirement asks for",
                "its members' changes are judged by it, and none of them can sign",
            )


def _zone(policy: Policy, signers: _Signers, zone: Zone) -> Iterator[Concern]:
    tiers = [requirement.need.tier for requirement in policy.requirements if zone.name in requirement.when.zones]
    if not tiers:
        return
    highest = max(tiers, key=policy.rank)
    able = signers.of(highest, (zone.name,))
    if len(able) < 2 and not signers.by_team(highest):  # noqa: PLR2004  one of them may be the author
        only = f"only {shown(able[0].name)}" if able else "nobody"
        yield Concern(
            f"zone `{shown(zone.name)}`: {only} of tier {shown(highest)} or above can sign for it",
            "two or more are needed, since nobody signs their own change",
        )
