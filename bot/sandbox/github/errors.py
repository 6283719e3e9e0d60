"""Refusals, as GitHub words them. Each knows its HTTP status; nothing else about HTTP is said here."""

from typing import Any


class Refused(Exception):  # noqa: N818 - it is an answer, not an accident
    """The request is answered with a status and a message."""

    def __init__(self, status: int, message: str, errors: list[Any] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class NotModelled(Exception):  # noqa: N818 - it is an answer, not an accident
    """The real forge would answer this; the sandbox does not, and says so."""


def not_found() -> Refused:
    """What GitHub says of things that are not there or not shown."""
    return Refused(404, "Not Found")


def forbidden(message: str = "Resource not accessible by integration") -> Refused:
    """Known, but not allowed."""
    return Refused(403, message)


def invalid(message: str, resource: str = "", field: str = "", code: str = "custom") -> Refused:
    """The request makes no sense here. With a resource it takes GitHub's long form."""
    if not resource:
        return Refused(422, message)
    return Refused(422, "Validation Failed", [{"resource": resource, "field": field, "code": code, "message": message}])
