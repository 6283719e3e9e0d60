"""What every simulated forge does with a request before and after answering it: carries it, and spoils it to order.

Which requests there are, who asks and what is answered is a forge's own business.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, TypeVar

from bot.sandbox.faults import Fault

HANGS_AT_MOST = 120.0
W = TypeVar("W")


@dataclass
class Asked:
    """A request to an API, as it came. `path` is below the API's root and still quoted; `wire` spoils the answer."""

    method: str
    path: str
    query: dict[str, Any]
    headers: dict[str, str]
    raw: bytes
    body: Any = None
    wire: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass
class Answer:
    """A status, a JSON body (None for none) and headers. `text` is a body that is no JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    text: str | bytes | None = None


def spoilt(asked: Asked, fault: Fault | None, world: W, handle: Callable[[W], Answer], garbage: Any) -> Answer:
    """The answer of `handle`, after what the fault does to it.

    `garbage` is what the action `errors` answers, with status 200, where the fault brings nothing of its own.
    """
    if fault is None:
        return handle(world)
    if fault.seconds:
        time.sleep(min(fault.seconds, HANGS_AT_MOST))
    if fault.action == "status":
        body = fault.body if fault.body is not None else {"message": HTTPStatus(fault.status).phrase}
        return Answer(fault.status, body, dict(fault.headers))
    if fault.action == "close":
        asked.wire = "close"
        return Answer(502)
    answer = handle(fault.snapshot if fault.action == "stale" else world)
    if fault.action == "half":
        asked.wire = "half"
    if fault.action == "errors":
        data = answer.body.get("data") if fault.keep_data and isinstance(answer.body, dict) else None
        return Answer(200, garbage(data, fault.body), answer.headers)
    return answer
