"""The bell between those who take deliveries and those who work on them, in one process.

A forge that waits for its acknowledgement goes first: no evaluation begins while one is being given, nor in the moment
after, when the next delivery of a burst comes in. Never for long: work goes on under any load.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LULL = 0.003
"""Seconds without a delivery after which an evaluation may begin."""
PATIENCE = 0.05
"""Seconds after which it begins all the same."""


class Doorbell:
    """Rung whenever something became due; knows whether deliveries are being taken."""

    def __init__(self) -> None:
        self._rung = threading.Semaphore(0)
        self._taking = 0
        self._last = 0.0
        self._counting = threading.Lock()

    def ring(self) -> None:
        """Wake one of those who listen, or the next one to do so: whoever finds work rings for the next."""
        self._rung.release()

    def listen(self, seconds: float) -> bool:
        """Wait until it rings, or for so long; whether it rang."""
        rang = self._rung.acquire(timeout=seconds)
        while rang and self._rung.acquire(blocking=False):  # rung several times is rung
            pass
        return rang

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While the block runs, a delivery is being taken."""
        with self._counting:
            self._taking += 1
        try:
            yield
        finally:
            with self._counting:
                self._taking -= 1
                self._last = time.monotonic()

    def lull(self) -> None:
        """Return when no delivery came for a moment, or when that has lasted too long."""
        until = time.monotonic() + PATIENCE
        while (now := time.monotonic()) < until:
            rest = LULL if self._taking else self._last + LULL - now
            if rest <= 0:
                return
            time.sleep(min(rest, until - now))
