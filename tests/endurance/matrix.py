"""Every fault that a forge can have, at every request of an evaluation: it converges to the right check each time.

Two evaluations are spoilt. In one an approval must carry over to an amended head, which takes every kind of request
that there is; in the other a success must be withdrawn, so that nothing may ever pass. A service that has just started
makes them, so that the token is among the requests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, product
from typing import Any

from bot.service.membership import TEAM_LIFE
from tests.endurance.inside import MOST_STEPS, TIMEOUT, Inside
from tests.stories.world import TRAILER

FAULTS: dict[str, dict[str, Any]] = {
    **{str(code): {"action": "status", "status": code} for code in (401, 403, 404, 409, 422, 500, 502, 504)},
    "429": {"action": "status", "status": 429, "headers": {"Retry-After": "7"}},
    "secondary rate limit": {
        "action": "status",
        "status": 403,
        "headers": {"Retry-After": "7"},
        "body": {"message": "You have exceeded a secondary rate limit."},
    },
    "hangs": {"action": "hang", "seconds": TIMEOUT + 0.5},
    "closes": {"action": "close"},
    "half an answer": {"action": "half"},
    "200 with errors": {"action": "errors"},
    "200 with errors and data": {"action": "errors", "keep_data": True},
    "stale data": {"action": "stale"},
}
WRITES = {"checks/create", "apps/create-installation-access-token"}
"""Of these no stale answer is asked for: it would be a write that the forge confirms and forgets."""
TRIES = 5


@dataclass(frozen=True)
class Cell:
    """One fault at one request of one evaluation, and what came of it."""

    story: str
    fault: str
    request: int
    operation: str
    right: str
    shown: str
    passed_meanwhile: bool
    steps: int

    @property
    def held(self) -> bool:
        """Whether it ended as it must, and never passed on the way where it must not."""
        return self.shown == self.right and not self.passed_meanwhile

    def __str__(self) -> str:
        """One line."""
        said = "held" if self.held else f"BROKEN: {self.shown} instead of {self.right}, {self.passed_meanwhile=}"
        return f"{self.story}: {self.fault} at request {self.request} ({self.operation}): {said}, {self.steps} steps"


def cells(it: Inside, *, share: int = 1) -> Iterator[Cell]:
    """All cells, or of every `share` one."""
    number = count()
    for story in (carried_over, withdrawn):
        operations = _operations(it, story)
        for name, (request, operation) in product(FAULTS, enumerate(operations)):
            if (name != "stale data" or not _writes(operation)) and next(number) % share == 0:
                yield _spoilt(it, story, name, request, operation)


def _writes(operation: str) -> bool:
    return operation in WRITES or operation.startswith(("POST ", "PUT "))


def carried_over(it: Inside, branch: str) -> tuple[int, str]:
    """An approved change whose message is amended: the approval follows, and the check must pass."""
    number = _approved(it, branch)
    it.forge.amend(it.world.repository, branch, f"Say it better\n\n{TRAILER}", by="jo")
    return number, "success"


def withdrawn(it: Inside, branch: str) -> tuple[int, str]:
    """An approved change that moves on: the check of the new head must wait."""
    number = _approved(it, branch)
    it.forge.push(it.world.repository, branch, {f"{branch}.txt": "other\n"}, f"More\n\n{TRAILER}", by="jo")
    return number, "waiting"


def _approved(it: Inside, branch: str) -> int:
    number = it.world.opened("jo", f"Add {branch}\n\n{TRAILER}", branch=branch, files={f"{branch}.txt": "one\n"})
    it.hear()
    it.rest()
    it.forge.approve(it.world.repository, number, "linus")
    it.hear()
    it.rest()
    assert it.shown(number) == "success"
    return number


def _operations(it: Inside, story: Any) -> list[str]:
    """The requests of the evaluation when nothing goes wrong."""
    number, right = story(it, f"{story.__name__}-plain")
    it.hear()
    _begin(it)
    it.forge.requests(reset=True)
    it.rest()
    assert it.shown(number) == right
    return [entry["operation"] for entry in it.forge.requests() if it.actor in entry["actor"]]


def _spoilt(it: Inside, story: Any, name: str, request: int, operation: str) -> Cell:
    """One cell. An evaluation whose second look was not needed this time is made again: the fault is to be met."""
    for again in range(TRIES):
        cell = _once(
            it, story, f"{story.__name__}-{name.replace(' ', '-')}-{request}-{again}", name, request, operation
        )
        if cell is not None:
            return cell
    raise AssertionError(f"{name} at {operation}: the fault was not met in {TRIES} tries")


def _once(it: Inside, story: Any, branch: str, name: str, request: int, operation: str) -> Cell | None:
    number, right = story(it, branch)
    it.hear()
    _begin(it)
    details = dict(FAULTS[name])
    it.forge.fault(details.pop("action"), actor=it.actor, skip=request, **details)
    steps, passed = 0, False
    while it.step():
        steps += 1
        passed = passed or (right != "success" and it.shown(number) == "success")
        # A team that can be read again has every open change decided again, those of the cells before among them.
        assert steps < MOST_STEPS + 2 * number, f"{name} at {operation}: it does not come to rest"
    if it.forge.faults():
        it.forge.clear_faults()
        return None
    return Cell(story.__name__, name, request, operation, right, it.shown(number), passed, steps)


def _begin(it: Inside) -> None:
    """As a process that has just started, with the team's members to be read again."""
    it.cold()
    it.clock.ahead += TEAM_LIFE
