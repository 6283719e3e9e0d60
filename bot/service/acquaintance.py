"""Who the bot is on each forge, for a process that only takes deliveries: what the bot did itself is no news to it.

Whoever reads changes learns it on the way. Here it is asked beside everything else, until every forge has answered; no
delivery waits for it, and until then the bot's own doings make changes due once more than they need.
"""

import threading

import structlog

from bot.model.errors import SignoffError
from bot.service.context import Context

log = structlog.get_logger()

AGAIN = 15.0
"""Seconds after which a forge that did not answer is asked again."""


class Acquaintance:
    """Asks the forges in a thread of its own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="acquaintance", daemon=True)

    def begin(self) -> None:
        """Start asking."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._over.set()

    def _run(self) -> None:
        left = list(self._context.forges.values())
        while left and not self._over.is_set():
            for forge in tuple(left):
                try:
                    forge.acquaint()
                except SignoffError as error:
                    log.warning("not_acquainted", forge=forge.name, why=str(error))
                else:
                    left.remove(forge)
            if left:
                self._over.wait(AGAIN)
