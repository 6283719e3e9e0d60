"""How often one session or address may ask: pages so many times a minute, and so many refused deliveries before they
are not even logged. A delivery with a good signature is never turned away: a forge does not send it again.

Kept in memory, per process: it spares this process work and its log space, and is no defence against many addresses.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

MOST_ADDRESSES = 10_000
"""How many addresses are kept in mind; those that asked longest ago are forgotten first."""


@dataclass
class Limiter:
    """So many requests a minute for each address, all of which may come at once. Times are seconds of any clock."""

    per_minute: int
    _spent: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def allows(self, address: str, now: float) -> bool:
        """Whether an address may ask once more; that counts as having asked."""
        with self._lock:
            left, at = self._spent.pop(address, (float(self.per_minute), now))
            left = min(float(self.per_minute), left + max(0.0, now - at) * self.per_minute / 60)
            allowed = left >= 1
            self._spent[address] = (left - 1 if allowed else left, now)
            while len(self._spent) > MOST_ADDRESSES:
                self._spent.popitem(last=False)
        return allowed
