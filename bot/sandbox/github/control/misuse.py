"""Commands that make things go wrong: faults on requests, latency, rate limits."""

from typing import Any

from bot.sandbox.github.control.command import Bad, Body, command
from bot.sandbox.github.service import Service

FAULT_KEYS = (
    "action", "method", "path", "operation", "actor", "skip", "times", "status", "seconds", "body", "headers",
    "keep_data",
)  # fmt: skip


@command("fault", *FAULT_KEYS)
def fault(service: Service, body: Body) -> Any:
    """Order a fault. `method`, `path` (below the API's root; /graphql is one), `operation` and `actor` are patterns.

    Actions: status, hang (then answer), close, half (of the body), errors (200 with GraphQL errors; `keep_data`), stale
    (answer from the state of now). `skip` requests pass first; `times` (null: for ever).
    """
    details = dict(body)
    action = details.pop("action", None)
    if details.get("action") == "hang" and not details.get("seconds"):
        raise Bad("hang for how many `seconds`?")
    if action == "stale":
        with service.world.lock:
            details["snapshot"] = service.world.snapshot()
    try:
        return {"id": service.faults.order(str(action), **details).id}
    except ValueError as error:
        raise Bad(str(error)) from None


@command("faults", "clear")
def faults(service: Service, body: Body) -> Any:
    """Which faults wait; with `clear` none any more."""
    if body.get("clear"):
        service.faults.clear()
    return {"faults": service.faults.waiting()}


@command("latency", "ms")
def latency(service: Service, body: Body) -> Any:
    """How long every API request takes at least."""
    service.faults.latency_ms = float(body["ms"])
    return {"ms": service.faults.latency_ms}


@command("rate_limit", "remaining", "reset_in", "resource", "secondary", "retry_after", "clear")
def rate_limit(service: Service, body: Body) -> Any:
    """Set what is left of the budgets used so far, or let the next `secondary` requests hit the secondary limit."""
    if body.get("clear"):
        service.limits.clear()
    if "remaining" in body:
        service.limits.set(int(body["remaining"]), int(body.get("reset_in", 60)), body.get("resource"))
    if "secondary" in body:
        service.limits.secondary = int(body["secondary"])
        service.limits.retry_after = body.get("retry_after", 60)
    return {}
