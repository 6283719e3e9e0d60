"""Rate limits: requests and notes per user and minute, as GitLab counts them, and refusals to order.

The rack's refusal is plain text, the others are JSON; all have Retry-After.
"""

from dataclasses import dataclass

from bot.sandbox.clock import Clock
from bot.sandbox.gitlab.errors import Refused
from bot.sandbox.serving import Answer

MINUTE = 60


@dataclass
class Budget:
    """What is left of one kind of request for one user."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As every answer carries them."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Name": "throttle_authenticated_api",
            "RateLimit-Observed": str(self.limit - max(self.remaining, 0)),
            "RateLimit-Remaining": str(max(self.remaining, 0)),
            "RateLimit-Reset": str(self.reset),
        }


class Limits:
    """All budgets of one forge."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._budgets: dict[tuple[str, str], Budget] = {}
        self.ordered = 0
        self.retry_after: int | None = MINUTE

    def budget(self, who: str, kind: str, limit: int) -> Budget:
        """The budget of whoever asks; a new one every minute, and when the limit was changed."""
        found = self._budgets.get((who, kind))
        if found is None or found.reset <= self._clock.seconds() or found.limit != limit:
            found = Budget(limit, limit, int(self._clock.seconds()) + MINUTE)
            self._budgets[who, kind] = found
        return found

    def take(self, who: str, limit: int) -> tuple[dict[str, str], Answer | None]:
        """Count a request. Answers the headers that every answer has, and the refusal, if it is one too many."""
        budget = self.budget(who, "requests", limit)
        headers = budget.headers()
        if self.ordered > 0:
            self.ordered -= 1
            wait = {"Retry-After": str(self.retry_after)} if self.retry_after is not None else {}
            return headers, Answer(429, headers=headers | wait, text="Retry later\n")
        if budget.remaining <= 0:
            wait = {"Retry-After": str(max(budget.reset - int(self._clock.seconds()), 1))}
            return headers, Answer(429, headers=headers | wait, text="Retry later\n")
        budget.remaining -= 1
        return budget.headers(), None

    def note(self, who: str, limit: int) -> None:
        """Count a note. Raises 429."""
        budget = self.budget(who, "notes", limit)
        if budget.remaining <= 0:
            words = "This endpoint has been requested too many times. Try again later."
            raise Refused(429, {"error": words}, Retry_After=str(MINUTE))
        budget.remaining -= 1

    def set(self, remaining: int, reset_in: int, who: str | None = None, kind: str = "requests") -> None:
        """Bring the budgets known so far to a remainder."""
        for (name, what), budget in self._budgets.items():
            if what == kind and who in {None, name}:
                budget.remaining = remaining
                budget.reset = int(self._clock.seconds()) + reset_in

    def clear(self) -> None:
        """As at the start."""
        self._budgets.clear()
        self.ordered, self.retry_after = 0, MINUTE
