"""The control plane: what tests and demonstrations do to the simulation that no API of GitHub could do.

Every command is a POST with a JSON object to /sandbox/control/<command>, answered with JSON. It has no
authentication: it listens where the sandbox listens, on loopback.
"""

import traceback
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from bot.sandbox.github.control import misuse, people, pushing, switches
from bot.sandbox.github.control.command import COMMANDS, Bad
from bot.sandbox.github.errors import NotModelled, Refused
from bot.sandbox.github.service import Service

__all__ = ["blueprint", "misuse", "people", "pushing", "switches"]


def blueprint(service: Service) -> Blueprint:
    """The commands over one service."""
    control = Blueprint("control", __name__)

    @control.before_request
    def no_browsers() -> None:
        if request.headers.get("Origin"):
            abort(403)

    @control.route("/<command>", methods=["POST"])
    def run(command: str) -> tuple[Response, int]:
        body: Any = request.get_json(silent=True) if request.get_data() else {}
        if command not in COMMANDS:
            return jsonify(error=f"no command {command!r}; there are {', '.join(sorted(COMMANDS))}"), 404
        if not isinstance(body, dict):
            return jsonify(error="the body is no JSON object"), 400
        try:
            return jsonify(COMMANDS[command](service, body)), 200
        except Bad as bad:
            return jsonify(error=str(bad)), 400
        except Refused as refused:
            return jsonify(error=refused.message, errors=refused.errors, status=refused.status), refused.status
        except NotModelled as missing:
            return jsonify(error=f"not modelled by the sandbox: {missing}"), 501
        except (KeyError, TypeError, ValueError):
            return jsonify(error=traceback.format_exc(limit=-3)), 400

    return control
