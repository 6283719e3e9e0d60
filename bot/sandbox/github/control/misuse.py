"""The command that brings clients to GitHub's rate limits. Faults and latency are the same for every forge."""

from typing import Any

from bot.sandbox.control import Body
from bot.sandbox.github.control.command import command
from bot.sandbox.github.service import Service


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
