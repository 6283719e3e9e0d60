"""Who an account or a mailbox is, by the roster in force.

For signing, the account's id decides and nothing else: a login changes hands and a mailbox is free text. Logins and
mailboxes are used only to add somebody to those who shaped a change. A person's own entry beats every team's, also
when it has ended; among teams the highest tier counts. Two entries that claim one account: the lower tier counts.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.detect.mailbox import private, tidy
from bot.gate.matter import Matter
from bot.model.change import GitIdentity
from bot.model.ids import AccountId, Tier
from bot.model.policy import Policy
from bot.model.roster import Person, Roster


@dataclass(frozen=True, slots=True)
class Standing:
    """What the roster gives an account. `key` is the same for all accounts of a person."""

    key: str
    name: str
    tier: Tier
    rank: int
    zones: frozenset[str] = frozenset()
    in_force: bool = True
    person: Person | None = None


@dataclass(frozen=True, slots=True)
class _Index:
    accounts: dict[tuple[str, int], tuple[int, ...]]
    mailboxes: dict[str, int]
    logins: dict[tuple[str, str], int]


class _Same:
    """A roster as a cache key by identity: comparing a large one by value costs more than indexing it."""

    __slots__ = ("roster",)

    def __init__(self, roster: Roster) -> None:
        self.roster = roster

    def __hash__(self) -> int:
        return id(self.roster)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.roster is self.roster


@lru_cache(maxsize=8)
def _index(same: _Same) -> _Index:
    accounts: dict[tuple[str, int], tuple[int, ...]] = {}
    mailboxes: dict[str, int] = {}
    logins: dict[tuple[str, str], int] = {}
    for number, person in enumerate(same.roster.people):
        for account in person.accounts:
            logins.setdefault((account.forge, account.login.casefold()), number)
            if account.id is not None:
                key = (account.forge, account.id)
                accounts[key] = (*accounts.get(key, ()), number)
        for mailbox in person.emails:
            mailboxes.setdefault(mailbox.strip().casefold(), number)
    return _Index(accounts, mailboxes, logins)


@lru_cache(maxsize=8)
def _entries(same: _Same, tiers: tuple[Tier, ...], day: date) -> dict[int, Standing]:
    """What each person's own entry gives on a day; filled as it is asked for."""
    del same, tiers, day
    return {}


def rank_of(policy: Policy, tier: Tier) -> int:
    """A tier's place, 0 the lowest; -1 for one that the policy does not have, which is below all."""
    return policy.tiers.index(tier) if tier in policy.tiers else -1


def rank_needed(policy: Policy, tier: Tier) -> int:
    """The place to reach; one that nobody reaches for a tier that the policy does not have."""
    return policy.tiers.index(tier) if tier in policy.tiers else len(policy.tiers)


class People:
    """The roster in force, seen from one change's forge. It remembers what it was asked."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter
        self._index = _index(_Same(matter.roster))
        self._entries = _entries(_Same(matter.roster), matter.policy.tiers, matter.day)
        self._known: dict[AccountId, Standing | None] = {}

    def standing(self, account: AccountId | None) -> Standing | None:
        """What the roster gives an account of the change's forge; None if it has nothing for it."""
        if account is None:
            return None
        try:
            return self._known[account]
        except KeyError:
            found = self._known[account] = self._look_up(account)
            return found

    def _look_up(self, account: AccountId) -> Standing | None:
        numbers = self._index.accounts.get((self._matter.change.forge, account), ())
        if len(numbers) == 1:
            return self.entry(numbers[0])
        if numbers:
            return min((self.entry(each) for each in numbers), key=lambda each: (each.in_force, each.rank, each.key))
        return self._by_team(account)

    def entry(self, number: int) -> Standing:
        """What a person's own entry gives."""
        found = self._entries.get(number)
        if found is None:
            found = self._entries[number] = self._entry(number)
        return found

    def _entry(self, number: int) -> Standing:
        person = self._matter.roster.people[number]
        rank = rank_of(self._matter.policy, person.tier)
        key = f"person {number}"
        return Standing(key, person.name, person.tier, rank, person.zones, person.in_force(self._matter.day), person)

    def _by_team(self, account: AccountId) -> Standing | None:
        policy, memory = self._matter.policy, self._matter.memory
        grants = [
            (rank_of(policy, each.tier), each)
            for each in self._matter.roster.teams
            if each.forge == self._matter.change.forge and account in memory.teams.get(each.team, frozenset())
        ]
        if not grants:
            return None
        highest = max(rank for rank, _ in grants)
        best = [each for rank, each in grants if rank == highest]
        anywhere = any(not each.zones for each in best)
        zones = frozenset[str]() if anywhere else frozenset().union(*(each.zones for each in best))
        return Standing(f"account {account}", f"account {account}", best[0].tier, highest, zones)

    @property
    def unread(self) -> frozenset[str]:
        """The teams of the roster that could not be read: who is in them, nobody knows."""
        here = (each.team for each in self._matter.roster.teams if each.forge == self._matter.change.forge)
        return frozenset(here) - self._matter.memory.teams.keys()

    def teams(self, account: AccountId | None) -> frozenset[str]:
        """The forge teams that an account is in, as far as they could be read."""
        return frozenset(name for name, members in self._matter.memory.teams.items() if account in members)

    def of_login(self, login: str | None) -> Standing | None:
        """Whose login it is now, to count among those who shaped a change; never to sign."""
        number = self._index.logins.get((self._matter.change.forge, (login or "").casefold()))
        return None if number is None else self.entry(number)

    def of_identity(self, identity: GitIdentity) -> tuple[AccountId | None, Standing | None]:
        """The account on the change's forge and the person that a commit's identity names.

        The forge's own mapping first, then the id in a forge's noreply mailbox, then the roster's mailboxes, then
        the login in a noreply mailbox.
        """
        here = self._matter.change.forge
        forge, account, login = noreply(identity.email)
        if forge in (None, here):
            account = account if identity.id is None else identity.id
            if account is not None:
                return account, self.standing(account)
        elsewhere = () if account is None else self._index.accounts.get((forge or "", account), ())
        number = elsewhere[0] if elsewhere else self._index.mailboxes.get(identity.email.strip().casefold())
        if number is None:
            number = self._index.logins.get((forge or here, (login or identity.login or "").casefold()))
        return None, None if number is None else self.entry(number)


def noreply(mailbox: str) -> tuple[str | None, AccountId | None, str | None]:
    """The forge, account id and login that a noreply mailbox names: `<id>+login@users.noreply.github.com`,
    `<id>-login@users.noreply.gitlab.com`. (None, None, None) for any other mailbox.
    """
    found = private(tidy(mailbox))
    if found is None:
        return None, None, None
    return found.forge, None if found.id is None else AccountId(found.id), found.login
