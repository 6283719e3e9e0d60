"""What was asked and what broke a published contract: the request log and the list of violations.

Kept in memory and bounded; tests count requests with it and fail on violations.
"""

from collections import deque
from typing import Any

KEPT = 20_000


class Journal:
    """The log of one forge."""

    def __init__(self) -> None:
        self._requests: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._violations: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def request(self, **entry: Any) -> None:
        """Note one request: at, arrived (monotonic seconds), method, path, operation, actor, status, ms."""
        self._requests.append(entry)

    def violation(self, side: str, what: str, faults: list[str]) -> None:
        """Note that a request (`side` is "request") or an answer of ours ("answer") breaks the contract."""
        self._violations.extend({"side": side, "what": what, "fault": fault} for fault in faults)

    def requests(self) -> list[dict[str, Any]]:
        """Every request, oldest first."""
        return list(self._requests)

    def violations(self) -> list[dict[str, Any]]:
        """Every violation, oldest first."""
        return list(self._violations)

    def forget_requests(self) -> None:
        """Start counting anew."""
        self._requests.clear()

    def forget_violations(self) -> None:
        """Start with a clean slate."""
        self._violations.clear()
