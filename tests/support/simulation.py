"""What the drivers of all simulated forges can do with the simulation itself: faults, its log, its courier.

Everything goes through the control plane, over HTTP.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

Json = Any


class Refused(AssertionError):  # noqa: N818 - it is an answer, not an accident
    """The sandbox said no."""

    def __init__(self, status: int, body: Json, what: str) -> None:
        super().__init__(f"{what}: {status} {json.dumps(body)[:2000]}")
        self.status = status
        self.body = body

    @property
    def message(self) -> str:
        """The forge's words."""
        return str(self.body.get("message") or self.body.get("error")) if isinstance(self.body, dict) else ""


class Simulation(ABC):
    """A simulated forge that a test has in hand."""

    @abstractmethod
    def control(self, command: str, **body: Json) -> Json:
        """Run a command of the control plane."""

    def fix_clock(self, at: str | None) -> None:
        """Stand still at an ISO time (events still take a second each), or run again."""
        self.control("clock", fix=at)

    def fault(self, action: str, **details: Json) -> int:
        """Order a fault: status, hang, close, half, errors, stale. details: method, path, operation, actor (patterns),
        skip, times (None: for ever), status, seconds, body, headers, keep_data.
        """
        return int(self.control("fault", action=action, **details)["id"])

    def faults(self) -> list[Json]:
        """The faults that wait for their request."""
        found: list[Json] = self.control("faults")["faults"]
        return found

    def clear_faults(self) -> None:
        """No more faults, no latency."""
        self.control("faults", clear=True)

    def requests(self, *, reset: bool = False, by: str | None = None) -> list[Json]:
        """API requests since the last reset: at, method, path, operation, actor, status, ms. `by` picks an actor."""
        found: list[Json] = self.control("log", reset=reset)["requests"]
        return [entry for entry in found if by is None or entry["actor"] == by]

    def violations(self, *, reset: bool = False) -> list[Json]:
        """What broke a contract: side (request, answer or sandbox), what, fault."""
        found: list[Json] = self.control("violations", reset=reset)["violations"]
        return found

    def assert_clean(self) -> None:
        """Fail if anything broke a published contract."""
        found = self.violations()
        assert not found, json.dumps(found, indent=2)[:4000]

    def deliveries(self, event: str | None = None, since: int = 0) -> list[Json]:
        """Webhooks, oldest first: id, guid, event, action, headers, body (text), status, status_code, redelivery."""
        found: list[Json] = self.control("deliveries", since=since, **given(event=event))["deliveries"]
        return found

    def wait_deliveries(self, seconds: float = 15.0) -> None:
        """Wait until no webhook is on its way."""
        assert self.control("courier", wait=seconds)["idle"], "webhooks are still on their way"

    def expect_refusal(self, status: int, action: Callable[[], object]) -> Refused:
        """Run something that must be refused with a status; answers the refusal."""
        try:
            action()
        except Refused as refused:
            assert refused.status == status, str(refused)
            return refused
        raise AssertionError(f"was not refused with {status}")


def given(**values: Json) -> dict[str, Json]:
    """Those that were given: None is left out."""
    return {name: value for name, value in values.items() if value is not None}
