"""Carries webhooks to their receiver: in the background, in order, once, with a time limit and no retries.

It can be told to pause, to lose the next ones, to bring them twice, or to mix up what is waiting. What a delivery
contains, and how it is signed, is the forge's business.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import urllib3

TIMEOUT = 10.0


@dataclass(frozen=True)
class Parcel:
    """One delivery on its way. `arrived` is called with status, headers, body and seconds; status 0 is no answer."""

    key: int
    url: str
    headers: dict[str, str]
    body: bytes
    arrived: Callable[[int, dict[str, str], str, float], None]


class Courier:
    """One worker thread and its queue."""

    def __init__(self) -> None:
        self._queue: deque[Parcel] = deque()
        self._wake = threading.Condition()
        self._busy = False
        self._paused = False
        self._stopped = False
        self._lose = 0
        self._double = 0
        self._pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT, maxsize=2)
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
        self._thread.start()

    def send(self, parcel: Parcel) -> None:
        """Hand over a delivery."""
        with self._wake:
            if self._lose:
                self._lose -= 1
                threading.Thread(target=parcel.arrived, args=(0, {}, "lost on the way", 0.0), daemon=True).start()
                return
            self._queue.append(parcel)
            if self._double:
                self._double -= 1
                self._queue.append(parcel)
            self._wake.notify_all()

    def pause(self, *, paused: bool) -> None:
        """Hold everything back, or go on."""
        with self._wake:
            self._paused = paused
            self._wake.notify_all()

    def lose(self, count: int) -> None:
        """Lose the next deliveries; each is recorded as one that got no answer."""
        self._lose = count

    def double(self, count: int) -> None:
        """Bring each of the next deliveries twice."""
        self._double = count

    def shuffle(self, seed: int) -> int:
        """Mix up what is waiting (pause first); the same seed gives the same order. Answers how many wait."""
        with self._wake:
            waiting = list(self._queue)
            random.Random(seed).shuffle(waiting)  # noqa: S311 - an order to test with, not a secret
            self._queue = deque(waiting)
            return len(waiting)

    def forget(self) -> None:
        """Drop what waits and go on as at the start."""
        with self._wake:
            self._queue.clear()
            self._paused, self._lose, self._double = False, 0, 0
            self._wake.notify_all()

    def idle(self, timeout: float) -> bool:
        """Wait until nothing is on its way; false when it takes longer than `timeout` seconds."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._busy and (self._paused or not self._queue), timeout)

    def stop(self) -> None:
        """End the thread after the delivery that is on its way."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._thread.join(TIMEOUT + 1)
        self._pool.clear()

    def _work(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._stopped or (self._queue and not self._paused))
                if self._stopped:
                    return
                parcel = self._queue.popleft()
                self._busy = True
            try:
                self._carry(parcel)
            finally:
                with self._wake:
                    self._busy = False
                    self._wake.notify_all()

    def _carry(self, parcel: Parcel) -> None:
        started = time.monotonic()
        try:
            answer = self._pool.request("POST", parcel.url, body=parcel.body, headers=parcel.headers, redirect=False)
            outcome = (answer.status, dict(answer.headers), answer.data.decode("utf-8", "replace"))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            outcome = (0, {}, type(error).__name__)
        parcel.arrived(*outcome, time.monotonic() - started)
