"""Rate limits: a budget per token owner and hour, and the secondary limit when it is ordered.

Budgets can be set to any remainder, so that a client can be brought to its limit without thousands of requests.
"""

from dataclasses import dataclass
from typing import Any

from bot.sandbox.clock import Clock
from bot.sandbox.github.identity import Actor

HOUR = 3600


@dataclass
class Budget:
    """What is left of one resource for one owner of tokens."""

    limit: int
    remaining: int
    reset: int

    def headers(self, resource: str) -> dict[str, str]:
        """As every answer carries them."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.remaining, 0)),
            "X-RateLimit-Reset": str(self.reset),
            "X-RateLimit-Used": str(self.limit - max(self.remaining, 0)),
            "X-RateLimit-Resource": resource,
        }


class Limits:
    """All budgets of one forge."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budgets: dict[tuple[str, str], Budget] = {}
        self.secondary = 0
        self.retry_after: int | None = 60

    def budget(self, actor: Actor, resource: str, limit: int) -> Budget:
        """The budget of whoever asks; a new one every hour."""
        owner = f"installation {actor.installation.id}" if actor.installation else actor.login
        found = self._budgets.get((owner, resource))
        if found is None or found.reset <= self._clock.seconds():
            found = Budget(limit, limit, int(self._clock.seconds()) + HOUR)
            self._budgets[owner, resource] = found
        return found

    def overview(self, actor: Actor, limit: int) -> dict[str, Any]:
        """What is left of everything, as the rate limit's own operation tells it."""
        found = {}
        for name in ("core", "graphql", "search"):
            budget = self.budget(actor, name, limit)
            left = max(budget.remaining, 0)
            numbers = {"limit": budget.limit, "remaining": left, "reset": budget.reset, "used": budget.limit - left}
            found[name] = numbers
        return {"resources": found, "rate": found["core"]}

    def set(self, remaining: int, reset_in: int, resource: str | None = None) -> None:
        """Bring every budget known so far to a remainder."""
        for (_, name), budget in self._budgets.items():
            if resource in {None, name}:
                budget.remaining = remaining
                budget.reset = int(self._clock.seconds()) + reset_in

    def take_secondary(self) -> bool:
        """Whether this request runs into the secondary limit that was ordered."""
        if self.secondary <= 0:
            return False
        self.secondary -= 1
        return True

    def clear(self) -> None:
        """As at the start."""
        self._budgets.clear()
        self.secondary, self.retry_after = 0, 60
