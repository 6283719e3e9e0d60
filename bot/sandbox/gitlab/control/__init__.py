"""The control plane of the simulated GitLab: what tests and demonstrations do that no API could do."""

from typing import Any

from flask import Blueprint

from bot.sandbox.gitlab.control import inspecting, people, pushing, running, switches
from bot.sandbox.gitlab.control.command import command
from bot.sandbox.gitlab.errors import NotModelled, Refused
from bot.sandbox.gitlab.service import Service

__all__ = ["blueprint", "inspecting", "people", "pushing", "running", "switches"]


def blueprint(service: Service) -> Blueprint:
    """The commands over one service."""
    return command.blueprint(service, _refusal)


def _refusal(error: Exception) -> tuple[dict[str, Any], int] | None:
    if isinstance(error, Refused):
        return {"error": error.message, "status": error.status}, error.status
    if isinstance(error, NotModelled):
        return {"error": f"not modelled by the sandbox: {error}"}, 501
    return None
