"""One REST request on its way to its handler, and the table of handlers.

`operation` registers a handler under a published operation id together with what it needs: an installation's permission
(`name:level`, several joined by |) and the role a person needs. Handlers do not check rights that the table states.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from bot.sandbox.contract import Operation
from bot.sandbox.github import permissions
from bot.sandbox.github.errors import Refused, not_found
from bot.sandbox.github.events import Announcer
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Account, App, Issue, Repository
from bot.sandbox.github.world import World

T = TypeVar("T")


@dataclass
class Call:
    """One request: who asks, for what, with which parameters."""

    world: World
    actor: Actor
    operation: Operation
    params: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    url: str
    announcer: Announcer
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def repo(self) -> Repository:
        """The repository that is named, if the actor is shown it."""
        repo = self.world.repository(self.params["owner"], self.params["repo"])
        permissions.see(self.world, self.actor, repo)
        return repo

    @cached_property
    def pull(self) -> Issue:
        """The pull request that is named."""
        return self.world.pull(self.repo, self.number("pull_number"))

    @cached_property
    def issue(self) -> Issue:
        """The issue or pull request that is named."""
        return self.world.issue(self.repo, self.number("issue_number"))

    @cached_property
    def org(self) -> Account:
        """The organisation that is named."""
        account = self.world.account(self.params["org"])
        if account.kind != "Organization":
            raise not_found()
        return account

    @property
    def app(self) -> App:
        """The App that asks by its JWT."""
        if self.actor.app is None or self.actor.installation is not None:
            raise Refused(401, "A JSON web token could not be decoded")
        return self.actor.app

    def number(self, name: str) -> int:
        """A path parameter that is a number."""
        if not self.params[name].isdigit():
            raise not_found()
        return int(self.params[name])

    def page(self) -> slice:
        """The part of a list that was asked for."""
        size = min(max(int(self.query.get("per_page", 30)), 1), 100)
        start = (max(int(self.query.get("page", 1)), 1) - 1) * size
        return slice(start, start + size)

    def paged(self, items: Sequence[T], view: Callable[[T], Any]) -> list[Any]:
        """One page of a list, with the Link header for the others."""
        part = self.page()
        size = part.stop - part.start
        last = max((len(items) + size - 1) // size, 1)
        at = part.start // size + 1
        links = []
        for name, page, given in (
            ("prev", at - 1, at > 1),
            ("next", at + 1, at < last),
            ("last", last, at < last),
            ("first", 1, at > 1),
        ):
            if given:
                links.append(f'<{self.link(page=str(page))}>; rel="{name}"')
        if links:
            self.headers["Link"] = ", ".join(links)
        return [view(item) for item in items[part]]

    def link(self, **query: str) -> str:
        """The address of this request with other query parameters."""
        return self.url + "?" + "&".join(f"{name}={value}" for name, value in (self.query | query).items())


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Registered:
    """A handler and what it needs."""

    handle: Handler
    needs: str
    role: str


HANDLERS: dict[str, Registered] = {}


def operation(operation_id: str, needs: str = "metadata:read", role: str = "read") -> Callable[[Handler], Handler]:
    """Register a handler. A value is answered with the first success status that is published."""

    def register(handle: Handler) -> Handler:
        HANDLERS[operation_id] = Registered(handle, needs, role)
        return handle

    return register
