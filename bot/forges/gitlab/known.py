"""What a client of GitLab remembers between requests, so that a reading asks only for what can have moved.

What never changes (an account's kind, the commits between two commits, a tree) is kept while there is room; what a
project is set to, for a short while. Shared by all threads.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from bot.forges.gitlab import convert
from bot.forges.gitlab.grade import Facts
from bot.forges.gitlab.queries import Offer
from bot.forges.gitlab.session import RefusedError, Session
from bot.model.change import AccountKind
from bot.model.errors import GoneError

T = TypeVar("T")
Json = Mapping[str, Any]
NOTES = "refs/notes/ai"
FACTS_LIFE = timedelta(minutes=2)
"""How long a project's settings are believed: no hook tells when they change."""
AFTER = timedelta(seconds=30)
"""How late a look that was asked for may come and still be taken for it."""
CONTRADICTIONS = 3
"""How often a list of files that contradicts its own count is read before it is taken as it is."""


class Shelf(Generic[T]):
    """The last so many answers, by key."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under a key, made if there is nothing."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        self.put(key, made)
        return made

    def put(self, key: Hashable, value: T) -> None:
        """Keep something, instead of what is there."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)

    def take(self, key: Hashable) -> T | None:
        """What was kept under a key until now, or None."""
        with self._lock:
            return self._kept.pop(key, None)

    def peek(self, key: Hashable) -> T | None:
        """What is kept under a key, or None."""
        with self._lock:
            return self._kept.get(key)


@dataclass(frozen=True, slots=True)
class Standing:
    """A merge request as the last reading showed it, for a check that may be put there without another look.

    `waiting` is the id of our own status if it is the newest of our name and holds the pipeline up; `approving` is
    whether the bot approves.
    """

    at: datetime
    found: Json
    waiting: int | None
    approving: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The memory of one client."""

    session: Session
    clock: Callable[[], datetime]
    accounts: Shelf[AccountKind] = field(default_factory=lambda: Shelf(10_000))
    content: Shelf[Any] = field(default_factory=lambda: Shelf(500))
    notes: Shelf[int] = field(default_factory=lambda: Shelf(10_000))
    facts_read: Shelf[tuple[datetime, Facts]] = field(default_factory=lambda: Shelf(1000))
    me: Shelf[int] = field(default_factory=lambda: Shelf(1))
    offers: Shelf[tuple[datetime, Offer | None]] = field(default_factory=lambda: Shelf(1))
    statuses: Shelf[tuple[Json, ...]] = field(default_factory=lambda: Shelf(2000))
    standing: Shelf[Standing] = field(default_factory=lambda: Shelf(2000))
    doubts: Shelf[tuple[datetime, bool]] = field(default_factory=lambda: Shelf(2000))
    contradictions: Shelf[int] = field(default_factory=lambda: Shelf(2000))

    def own(self) -> int:
        """The bot's own account id."""
        return self.me.get("own", lambda: int(self.session.get("/user")["id"]))

    def kinds(self, users: Iterable[int]) -> dict[int, AccountKind]:
        """Which of some accounts are bots. One that is not there any more stays what its name says."""
        found = {}
        for user in dict.fromkeys(users):
            try:
                found[user] = self.accounts.get(user, lambda user=user: self._kind(user))  # type: ignore[misc]
            except GoneError:
                continue
        return found

    def _kind(self, user: int) -> AccountKind:
        return convert.kind(self.session.get(f"/users/{user}"))

    def remember_kind(self, user: Json) -> None:
        """What an account is, where an answer that names it says so."""
        self.accounts.put(user["id"], convert.kind(user))

    def offer(self, ask: Callable[[], Offer | None], life: timedelta) -> Offer | None:
        """What the instance's GraphQL has; asked for once in a while."""
        now, have = self.clock(), self.offers.peek("offer")
        if have is None or have[0] <= now:
            have = (now + life, ask())
            self.offers.put("offer", have)
        return have[1]

    def no_offer(self, life: timedelta) -> None:
        """GraphQL did not answer: it is left alone for a while."""
        self.offers.put("offer", (self.clock() + life, None))

    def facts(self, project: int, life: timedelta = FACTS_LIFE) -> Facts:
        """What a project is set to, read anew after a short while."""
        now, have = self.clock(), self.facts_read.peek(project)
        if have is None or not have[0] <= now < have[0] + life:
            have = (now, read_facts(self.session, project))
            self.facts_read.put(project, have)
        return have[1]

    def doubted_until(self, project: int, number: int, began: datetime, *, hidden: bool) -> datetime | None:
        """When to read a merge request again whose reading `began` then, since the project's settings were told from
        memory, or were `hidden`; None where they were read for it, or this is the look that was asked for. One to which
        they are hidden is asked for once more: they may be for a moment alone.
        """
        have, asked = self.facts_read.peek(project), self.doubts.take((project, number))
        if have is None or (have[0] >= began and not hidden):
            return None
        moment, again = asked or (None, False)
        if (again or not hidden) and moment is not None and moment <= have[0] and self.clock() <= moment + AFTER:
            return None
        self.doubts.put((project, number), (have[0] + FACTS_LIFE, hidden))
        return have[0] + FACTS_LIFE

    def contradicts(self, key: Hashable) -> bool:
        """Whether an answer that contradicts itself is to be asked for again: a few times, then it is as it is."""
        times = (self.contradictions.take(key) or 0) + 1
        if times < CONTRADICTIONS:
            self.contradictions.put(key, times)
        return times < CONTRADICTIONS

    def asks_password(self, project: int) -> None:
        """A merge request says that approving asks for a password, which the settings that we may read do not tell."""
        have = self.facts_read.peek(project)
        if have is not None and have[1].approvals is None:
            told = {"require_password_to_approve": True}
            self.facts_read.put(project, (have[0], replace(have[1], approvals=told)))


def read_facts(session: Session, project: int) -> Facts:
    """What a project offers and is set to. Approval rules are there on some tiers only; a Developer may read them, the
    approval settings only a Maintainer.
    """
    path = f"/projects/{project}"
    found = session.get(path)
    branches = _offered(lambda: tuple(session.pages(f"{path}/protected_branches")))
    approvals = _offered(lambda: session.get(f"{path}/approvals"))
    rules = _offered(lambda: tuple(session.pages(f"{path}/approval_rules")))
    notes = _offered(lambda: session.get(f"{path}/repository/commits/{quote(NOTES, safe='')}"))
    return Facts(found, approvals, rules or (), branches, notes["id"] if notes else None)


def _offered(read: Callable[[], T]) -> T | None:
    """What a request brings; None where the instance does not have it, or does not show it to the bot."""
    try:
        return read()
    except GoneError:
        return None
    except RefusedError as error:
        if error.status == 401:  # noqa: PLR2004  the token is not in force: that is no answer about the project
            raise
        return None
