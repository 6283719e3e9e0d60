"""Faults to order: which requests go wrong, how, and how often.

It only decides; sleeping, closing and answering are done by whoever serves the request. A fault that is used up is
gone.
"""

import re
from dataclasses import dataclass, field
from typing import Any

ACTIONS = ("status", "hang", "close", "half", "errors", "stale")


@dataclass
class Fault:
    """One fault. Empty patterns match everything; `skip` lets that many matching requests pass first."""

    id: int
    action: str
    method: str = ""
    path: str = ""
    operation: str = ""
    actor: str = ""
    skip: int = 0
    times: int | None = 1
    status: int = 502
    seconds: float = 0.0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    keep_data: bool = False
    snapshot: Any = None

    def matches(self, method: str, path: str, operation: str, actor: str) -> bool:
        """Whether this request is meant. `operation` is GraphQL's operation name, or REST's operation id."""
        wanted = ((self.method, method), (self.path, path), (self.operation, operation), (self.actor, actor))
        return all(re.search(pattern, text) for pattern, text in wanted if pattern)


class Faults:
    """All faults that wait for their request, and the latency that every request has."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._next = 1
        self.latency_ms = 0.0

    def order(self, action: str, **details: Any) -> Fault:
        """Order a fault. Raises ValueError for an unknown action or detail."""
        if action not in ACTIONS:
            raise ValueError(f"unknown action {action!r}; there are {', '.join(ACTIONS)}")
        unknown = set(details) - set(Fault.__dataclass_fields__)
        if unknown:
            raise ValueError(f"unknown details: {', '.join(sorted(unknown))}")
        fault = Fault(self._next, action, **details)
        self._next += 1
        self._waiting.append(fault)
        return fault

    def take(self, method: str, path: str, operation: str, actor: str) -> Fault | None:
        """The fault for this request, if there is one. It is counted as used."""
        for fault in self._waiting:
            if fault.matches(method, path, operation, actor):
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Forget all faults and the latency."""
        self._waiting.clear()
        self.latency_ms = 0.0

    def waiting(self) -> list[dict[str, Any]]:
        """The faults not used up."""
        hidden = ("snapshot", "body")
        return [{key: value for key, value in vars(fault).items() if key not in hidden} for fault in self._waiting]
