"""The forge's clock: real time shifted by an offset, or a time that was set; whole seconds, as forges report them.

Events take `tick`, which never gives the same second twice, so that a story has one order. `now` only looks.
"""

import time
from datetime import UTC, datetime


def iso(seconds: float) -> str:
    """As forges write it: 2026-11-20T10:00:00Z."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> float:
    """The inverse of `iso`, for any ISO 8601 text; without an offset it is UTC."""
    when = datetime.fromisoformat(text)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


class Clock:
    """One forge's time."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Real time again, and no event yet."""
        self._offset = 0.0
        self._fixed: float | None = None
        self._last = 0
        self.strict = True

    def seconds(self) -> float:
        """Unix time, as the forge sees it."""
        return self._fixed if self._fixed is not None else time.time() + self._offset

    def now(self) -> str:
        """The present second."""
        return iso(max(self.seconds(), self._last))

    def tick(self) -> str:
        """The second of a new event, later than every earlier one (unless `strict` is off)."""
        self._last = max(int(self.seconds()), self._last + (1 if self.strict else 0))
        return iso(self._last)

    def advance(self, by: float) -> None:
        """Move on, without anybody waiting."""
        if self._fixed is not None:
            self._fixed += by
        else:
            self._offset += by

    def fix(self, at: float | None) -> None:
        """Stand still at a time, or (with None) run again."""
        self._fixed = at
        self._last = 0 if at is not None else self._last
