"""Kill -9 at random moments under load: what was acknowledged is evaluated, and no head passes that must not.

People open changes, push and approve without pause while the service dies and starts. Only deliveries that it
acknowledged are owed: the others are the sweep's, which runs at each start. An approval of a head whose arrival nobody
told is not owed either: it may have been given for another one, and is asked for again.
"""

import json
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.stories.conftest import staged
from tests.stories.world import TRAILER, World

SHORTEST, LONGEST = 0.0, 1.0
"""Seconds between the moment at which the service answers and the next kill."""
BRANCHES = 12
PAUSE = 0.5
"""Seconds between what people do: each head of a change is read, however short it stood."""
BACKLOG = 600.0
"""Seconds after which everything is to be evaluated that many kills left."""


@dataclass
class Outcome:
    """What was done, and what came of it."""

    kills: int = 0
    acknowledged: int = 0
    changes: int = 0
    checks: int = 0
    broken: list[str] = field(default_factory=list)


@dataclass
class Load:
    """People at work, in a thread of their own, until told to stop. `approved` are the heads that a senior approved."""

    world: World
    stopping: threading.Event = field(default_factory=threading.Event)
    approved: set[str] = field(default_factory=set)
    heads: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Open, push, approve, again and again."""
        forge, repository, turn = self.world.forge, self.world.repository, 0
        while not self.stopping.is_set():
            branch = f"b{turn % BRANCHES}"
            files, message = {f"{branch}.txt": f"{turn}\n"}, f"Turn {turn}\n\n{TRAILER}"
            if turn < BRANCHES or turn % 5 == 0:
                head = forge.push(repository, branch, files, message, by="jo")
            else:  # the change stays small, however often the service is killed
                head = forge.amend(repository, branch, message, by="jo", files=files)
            self.heads.append(head)
            if branch not in self.numbers:
                self.numbers[branch] = int(forge.open_change(repository, "jo", branch)["number"])
            if turn % 3 == 0:
                forge.approve(repository, self.numbers[branch], "grace")
                self.approved.add(head)
            turn += 1
            self.stopping.wait(PAUSE)


def run(folder: Path, times: int, watched: Callable[[Iterable[int]], Iterable[int]] = iter) -> Outcome:
    """Kill so many times, then let it come to rest and look at every head there ever was."""
    chance = random.Random(times)
    with staged(folder, SIGNOFF_LEASE_SECONDS="2") as stage:
        world = stage.with_repository("acme/payments")
        world.forge.settings(rate_limit=1_000_000)  # an hour's budget is no part of this
        load = Load(world)
        people = threading.Thread(target=load.run, daemon=True)
        people.start()
        outcome = Outcome()
        for _ in watched(range(times)):
            load.stopping.wait(chance.uniform(SHORTEST, LONGEST))
            world.service.kill()
            outcome.kills += 1
            world.service.start()
        load.stopping.set()
        people.join()
        world.forge.wait_deliveries(50)
        world.service.settle(BACKLOG)
        return _judged(world, load, outcome)


def _judged(world: World, load: Load, outcome: Outcome) -> Outcome:
    taken = [each for each in world.forge.deliveries() if each["status_code"] == 202]
    told = {_head(each) for each in taken if each["event"] == "push"}
    owed = {_head(each) for each in taken if each["event"] == "pull_request_review"} & told & load.approved
    outcome.acknowledged, outcome.changes = len(taken), len(load.numbers)
    newest = {world.forge.head(world.repository, number) for number in load.numbers.values()}
    for head in load.heads:
        runs = world.forge.check_runs(world.repository, head, every=True)
        outcome.checks += len(runs)
        passed = any(each["conclusion"] == "success" for each in runs)
        if passed and head not in load.approved:
            outcome.broken.append(f"{head} passed without an approval")
        if head in newest and not runs:
            outcome.broken.append(f"{head} is the head of a change and has no check")
        if head in newest & owed and not passed:
            outcome.broken.append(f"{head} was approved and does not pass")
    return outcome


def _head(delivery: dict[str, Any]) -> str:
    """The head that a delivery is about."""
    told = json.loads(delivery["body"])
    return str(told["review"]["commit_id"] if "review" in told else told["after"])
