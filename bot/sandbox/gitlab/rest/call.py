"""One REST request on its way to its handler, and the table of handlers.

`operation` registers a handler under a name of the contract, with the access level that it needs in the project of its
path (0: it must only be shown; None: the handler judges). Handlers do not check what the table states.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

from bot.sandbox.gitlab import access
from bot.sandbox.gitlab.contract import Operation
from bot.sandbox.gitlab.errors import Refused, not_found
from bot.sandbox.gitlab.events import Announcer
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.limits import Limits
from bot.sandbox.gitlab.records import Group, MergeRequest, Project, User
from bot.sandbox.gitlab.world import World
from bot.sandbox.serving import Answer

T = TypeVar("T")
COUNTED_AT_MOST = 10_000


@dataclass
class Call:
    """One request: who asks, for what, with which parameters of the path and others."""

    world: World
    actor: Actor
    operation: Operation
    path: dict[str, str]
    params: dict[str, Any]
    url: str
    announcer: Announcer
    limits: Limits
    headers: dict[str, str] = field(default_factory=dict)
    later: Callable[[Answer], None] | None = None

    @cached_property
    def project(self) -> Project:
        """The project that is named, if the actor is shown it."""
        project = self.world.project(self.path["id"])
        access.see(self.world, self.actor, project)
        return project

    @cached_property
    def group(self) -> Group:
        """The group that is named, if the actor is in it."""
        group = self.world.group(self.path["id"])
        if access.group_level(self.world, self.actor.user, group) == 0:
            raise not_found("Group")
        return group

    @cached_property
    def mr(self) -> MergeRequest:
        """The merge request that is named."""
        return self.world.merge_request(self.project, self.number("iid"))

    def user(self) -> User:
        """The user that the path names by id."""
        found = self.world.store.get(User, self.number("user_id"))
        if found is None:
            raise not_found("User")
        return found

    def number(self, name: str) -> int:
        """A path parameter that is a number."""
        if not self.path[name].isdigit():
            raise Refused(400, f"{name} is invalid", error=True)
        return int(self.path[name])

    def commit(self, text: str) -> str:
        """The commit that a name means. Raises the usual 404."""
        sha = self.world.resolve(self.project, text)
        if sha is None:
            raise not_found("Commit")
        return sha

    def paged(self, items: Sequence[T], view: Callable[[T], Any], most: int | None = None) -> list[Any]:
        """One page of a list, with GitLab's headers for the others. Totals of very long lists are not told."""
        size = min(max(int(self.params.get("per_page", 20)), 1), 100)
        if most is not None:
            size = min(size, most)
        page = max(int(self.params.get("page", 1)), 1)
        last = max((len(items) + size - 1) // size, 1)
        pages = {"prev": page - 1 if page > 1 else None, "next": page + 1 if page < last else None, "first": 1}
        self.headers |= {
            "X-Page": str(page),
            "X-Per-Page": str(size),
            "X-Next-Page": str(pages["next"] or ""),
            "X-Prev-Page": str(pages["prev"] or ""),
        }
        if len(items) <= COUNTED_AT_MOST:
            pages["last"] = last
            self.headers |= {"X-Total": str(len(items)), "X-Total-Pages": str(last)}
        links = [f'<{self.link(page=number)}>; rel="{name}"' for name, number in pages.items() if number]
        self.headers["Link"] = ", ".join(links)
        return [view(item) for item in items[(page - 1) * size : page * size]]

    def keyset(self, items: Sequence[T], view: Callable[[T], Any], key: Callable[[T], str], name: str) -> list[Any]:
        """One page of a list that goes on after a key: only the next page is told, as a link."""
        size = min(max(int(self.params.get("per_page", 20)), 1), 100)
        after = str(self.params.get(name, ""))
        keys = [key(item) for item in items]
        start = keys.index(after) + 1 if after in keys else 0
        part = items[start : start + size]
        if start + size < len(items):
            self.headers["Link"] = f'<{self.link(**{name: key(part[-1])})}>; rel="next"'
        return [view(item) for item in part]

    def link(self, **query: object) -> str:
        """The address of this request with other parameters."""
        pairs: list[tuple[str, object]] = []
        for name, value in (self.params | query).items():
            if isinstance(value, list):
                pairs += [(f"{name}[]", item) for item in value]
            else:
                pairs.append((name, str(value).lower() if isinstance(value, bool) else value))
        return f"{self.url}?{urlencode(pairs)}"


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Registered:
    """A handler and the level that it needs."""

    handle: Handler
    level: int | None


HANDLERS: dict[str, Registered] = {}


def operation(name: str, level: int | None = 0) -> Callable[[Handler], Handler]:
    """Register a handler. A value is answered with the success status of the contract."""

    def register(handle: Handler) -> Handler:
        HANDLERS[name] = Registered(handle, level)
        return handle

    return register
