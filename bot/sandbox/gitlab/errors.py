"""Refusals, as GitLab words them. Each knows its HTTP status and its body; nothing else about HTTP is said here."""

from typing import Any


class Refused(Exception):  # noqa: N818 - it is an answer, not an accident
    """The request is answered with a status and a body, most often {"message": …}."""

    def __init__(self, status: int, message: Any, *, error: bool = False, **headers: str) -> None:
        super().__init__(str(message))
        self.status = status
        self.message = str(message)
        self.body = message if isinstance(message, dict) and error else {"error" if error else "message": message}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class NotModelled(Exception):  # noqa: N818 - it is an answer, not an accident
    """The real forge would answer this; the sandbox does not, and says so."""


def not_found(what: str = "") -> Refused:
    """What GitLab says of things that are not there or not shown."""
    return Refused(404, f"404 {what} Not Found" if what else "404 Not found")


def forbidden(why: str = "") -> Refused:
    """Known, but not allowed."""
    return Refused(403, f"403 Forbidden{' - ' + why if why else ''}")


def unauthorized() -> Refused:
    """GitLab's word for a bad token, and also for an approval or a merge that this user may not make."""
    return Refused(401, "401 Unauthorized")


def bad_request(message: Any) -> Refused:
    """The request makes no sense."""
    return Refused(400, message)
