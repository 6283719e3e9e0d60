"""The pages of the simulated GitLab, for people."""

from flask import Blueprint

from bot.sandbox.gitlab.service import Service


def blueprint(service: Service) -> Blueprint:
    """The pages over one service."""
    del service
    return Blueprint("pages", __name__, template_folder="templates")
