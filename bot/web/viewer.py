"""Who looks at a page and what they may see. Without a configured log-in that is whoever sits at this machine."""

from dataclasses import dataclass
from typing import Protocol

from flask import Flask, Request, Response, g, request

from bot.model.ids import AccountId
from bot.store import Visible
from bot.web.access import is_local


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who may look. `account` and `forge` are None where nobody logs in; `visible` are the repositories they
    may see; `lead` tells whether they may see the roster with tiers and absences. `csrf` must come with every POST.
    """

    login: str = ""
    forge: str | None = None
    account: AccountId | None = None
    visible: Visible = None
    lead: bool = True
    csrf: str = ""

    @property
    def sees_something(self) -> bool:
        """Whether there is a repository that they may see, or more than that."""
        return self.lead or self.visible is None or any(self.visible.values())


class Door(Protocol):
    """Lets people in, or answers them."""

    def install(self, app: Flask) -> None:
        """Add the routes and settings it needs."""

    def viewer(self, asked: Request) -> Viewer | Response:
        """Who asks, or the answer they get instead of a page."""

    def session(self) -> str | None:
        """What tells the session that asks from all others; None for whoever is not logged in."""


class LocalDoor:
    """Lets whoever sits at this machine see everything, and nobody else anything. `closed` is why even they may not,
    where people reach the service from elsewhere: what stands before it might make strangers look as if they sat here.
    """

    def __init__(self, closed: str = "") -> None:
        self._closed = closed

    def install(self, app: Flask) -> None:
        """Nothing is needed."""

    def viewer(self, asked: Request) -> Viewer | Response:
        """Everything is shown to requests made on this machine, directly; the others are refused."""
        if not self._closed and is_local(asked):
            return Viewer()
        text = self._closed or "No log-in is configured, so these pages are shown on the machine itself only."
        return Response(f"{text}\n", 403, mimetype="text/plain")

    def session(self) -> str | None:
        """Nobody logs in."""
        return None


def current() -> Viewer:
    """Who looks at the page that is being made."""
    viewer: Viewer = g.viewer
    return viewer


def admit(door: Door) -> Response | None:
    """Find out who asks; the answer they get instead, if they may not look."""
    found = door.viewer(request)
    if isinstance(found, Response):
        return found
    g.viewer = found
    return None
