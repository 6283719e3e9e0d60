"""The control plane: what tests and demonstrations do to the simulation that no API of GitHub could do."""

from typing import Any

from flask import Blueprint

from bot.sandbox.github.control import misuse, people, pushing, switches
from bot.sandbox.github.control.command import command
from bot.sandbox.github.errors import NotModelled, Refused
from bot.sandbox.github.service import Service

__all__ = ["blueprint", "misuse", "people", "pushing", "switches"]


def blueprint(service: Service) -> Blueprint:
    """The commands over one service."""
    return command.blueprint(service, _refusal)


def _refusal(error: Exception) -> tuple[dict[str, Any], int] | None:
    if isinstance(error, Refused):
        return {"error": error.message, "errors": error.errors, "status": error.status}, error.status
    if isinstance(error, NotModelled):
        return {"error": f"not modelled by the sandbox: {error}"}, 501
    return None
