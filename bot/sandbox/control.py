"""The control plane that every simulated forge has: a table of commands, and those that are the same for all.

Every command is a POST with a JSON object to /sandbox/control/<command>, answered with JSON. It has no
authentication: it listens where the sandbox listens, on loopback; browsers are refused.
"""

import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, Protocol, TypeVar

from flask import Blueprint, Response, abort, jsonify, request

from bot.sandbox.clock import Clock, seconds
from bot.sandbox.courier import Courier
from bot.sandbox.faults import Faults
from bot.sandbox.journal import Journal

Body = dict[str, Any]
WAIT = 30.0
FAULT_KEYS = (
    "action", "method", "path", "operation", "actor", "skip", "times", "status", "seconds", "body", "headers",
    "keep_data",
)  # fmt: skip


class Bad(Exception):  # noqa: N818 - it is an answer, not an accident
    """The command makes no sense; the message says why."""


class AnyService(Protocol):
    """What the common commands need of a forge in service."""

    courier: Courier
    faults: Faults
    journal: Journal
    check_answers: bool

    @property
    def world(self) -> Any:
        """Its world: clock, lock and snapshot."""

    def act(self) -> AbstractContextManager[Any]:
        """Change the world."""

    def redeliver(self, delivery: int) -> int:
        """Send a webhook again; answers the id of the new delivery."""


S = TypeVar("S", bound=AnyService)


class Commands(Generic[S]):
    """The commands of one kind of forge."""

    def __init__(self) -> None:
        self.table: dict[str, Callable[[S, Body], Any]] = {}
        for name, keys, run in COMMON:
            self(name, *keys)(run)

    def __call__(self, name: str, *keys: str) -> Callable[[Callable[[S, Body], Any]], Callable[[S, Body], Any]]:
        """Register a command and the keys that it knows; others are refused."""

        def register(run: Callable[[S, Body], Any]) -> Callable[[S, Body], Any]:
            def checked(service: S, body: Body) -> Any:
                unknown = set(body) - set(keys)
                if unknown:
                    known = ", ".join(keys) or "none"
                    raise Bad(f"{name}: unknown keys {', '.join(sorted(unknown))}; there are {known}")
                return run(service, body)

            self.table[name] = checked
            return run

        return register

    def blueprint(self, service: S, refusal: Callable[[Exception], tuple[Body, int] | None]) -> Blueprint:
        """The commands over one service. `refusal` says what the forge's own exceptions are answered with."""
        control = Blueprint("control", __name__)

        @control.before_request
        def no_browsers() -> None:
            if request.headers.get("Origin"):
                abort(403)

        @control.route("/<command>", methods=["POST"])
        def run(command: str) -> tuple[Response, int]:
            body: Any = request.get_json(silent=True) if request.get_data() else {}
            if command not in self.table:
                return jsonify(error=f"no command {command!r}; there are {', '.join(sorted(self.table))}"), 404
            if not isinstance(body, dict):
                return jsonify(error="the body is no JSON object"), 400
            try:
                return jsonify(self.table[command](service, body)), 200
            except Bad as bad:
                return jsonify(error=str(bad)), 400
            except Exception as error:
                known = refusal(error)
                if known is not None:
                    return jsonify(known[0]), known[1]
                if isinstance(error, KeyError | TypeError | ValueError):
                    return jsonify(error=traceback.format_exc(limit=-3)), 400
                raise

        return control


def _clock(service: AnyService, body: Body) -> Any:
    """Move on by seconds, stand still at an ISO time (null: run again), or allow equal times with strict false."""
    with service.act() as world:
        found: Clock = world.clock
        if "fix" in body:
            found.fix(seconds(body["fix"]) if body["fix"] is not None else None)
        if "advance" in body:
            found.advance(float(body["advance"]))
        if "strict" in body:
            found.strict = bool(body["strict"])
        return {"now": found.now()}


def _courier(service: AnyService, body: Body) -> Any:
    """Pause; lose or double the next n; shuffle what waits (by a seed); redeliver an id; wait n seconds for idle."""
    if "pause" in body:
        service.courier.pause(paused=bool(body["pause"]))
    if "lose" in body:
        service.courier.lose(int(body["lose"]))
    if "double" in body:
        service.courier.double(int(body["double"]))
    waiting = service.courier.shuffle(int(body["shuffle"])) if "shuffle" in body else None
    again = service.redeliver(int(body["redeliver"])) if "redeliver" in body else None
    idle = service.courier.idle(min(float(body["wait"]), WAIT)) if "wait" in body else None
    return {"idle": idle, "waiting": waiting, "redelivered": again}


def _log(service: AnyService, body: Body) -> Any:
    """Every API request since the last reset; with `reset` forget them after answering."""
    found = service.journal.requests()
    if body.get("reset"):
        service.journal.forget_requests()
    return {"requests": found, "count": len(found)}


def _violations(service: AnyService, body: Body) -> Any:
    """What broke a contract, on either side; with `reset` forget it after answering."""
    found = service.journal.violations()
    if body.get("reset"):
        service.journal.forget_violations()
    return {"violations": found}


def _contracts(service: AnyService, body: Body) -> Any:
    """Whether answers are checked; measurements turn that off. Requests are always checked."""
    if not isinstance(body.get("answers"), bool):
        raise Bad("`answers` is true or false")
    service.check_answers = body["answers"]
    return {"answers": service.check_answers}


def _fault(service: AnyService, body: Body) -> Any:
    """Order a fault. `method`, `path` (below the API's root; /graphql is one), `operation` and `actor` are patterns.

    Actions: status, hang (then answer), close, half (of the body), errors (200 with something else), stale (answer from
    the state of now). `skip` requests pass first; `times` (null: for ever).
    """
    details = dict(body)
    action = details.pop("action", None)
    if action == "hang" and not details.get("seconds"):
        raise Bad("hang for how many `seconds`?")
    if action == "stale":
        with service.world.lock:
            details["snapshot"] = service.world.snapshot()
    try:
        return {"id": service.faults.order(str(action), **details).id}
    except ValueError as error:
        raise Bad(str(error)) from None


def _faults(service: AnyService, body: Body) -> Any:
    """Which faults wait; with `clear` none any more."""
    if body.get("clear"):
        service.faults.clear()
    return {"faults": service.faults.waiting()}


def _latency(service: AnyService, body: Body) -> Any:
    """How long every API request takes at least."""
    service.faults.latency_ms = float(body["ms"])
    return {"ms": service.faults.latency_ms}


COMMON: tuple[tuple[str, tuple[str, ...], Callable[[AnyService, Body], Any]], ...] = (
    ("clock", ("advance", "fix", "strict"), _clock),
    ("courier", ("pause", "lose", "double", "shuffle", "redeliver", "wait"), _courier),
    ("log", ("reset",), _log),
    ("violations", ("reset",), _violations),
    ("contracts", ("answers",), _contracts),
    ("fault", FAULT_KEYS, _fault),
    ("faults", ("clear",), _faults),
    ("latency", ("ms",), _latency),
)
