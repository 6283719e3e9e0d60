"""Several forges, of which one does not answer: the others are swept all the same."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.model.errors import TryAgainError
from bot.service import sweep
from bot.service.context import Context
from bot.service.doorbell import Doorbell
from bot.service.rulebook import FileRulebook
from bot.store import Store, due, open_store
from tests.store.nouns import NOON


@dataclass
class Listing:
    """All that a sweep asks of a forge itself. Not `answers`: it is down."""

    name: str
    answers: bool = True
    asked: int = 0

    def installations(self) -> Iterator[int]:
        """See `Forge.installations`. Like that of a real forge it fails on the way."""
        self.asked += 1
        if not self.answers:
            raise TryAgainError(f"{self.name} gave no answer")
        yield 7


@dataclass
class Clock:
    """A clock that is put forward by hand."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which nothing is due."""
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    yield opened
    opened.dispose()


def at(store: Store, clock: Clock, *forges: Listing) -> Context:
    """A context with these forges."""
    named: dict[str, Any] = {each.name: each for each in forges}
    return Context(named, store, FileRulebook(None, None), clock, lambda _: None)


def claimed(store: Store) -> list[str]:
    """What is due, claimed."""
    found = []
    with store.write() as tx:
        while claim := due.claim(tx, NOON + timedelta(hours=1), "worker", timedelta(hours=1)):
            found.append(claim.subject.key)
    return sorted(found)


def until(holds: Callable[[], bool], clock: Clock) -> None:
    """Wait until something holds; twenty seconds go by in one."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
        clock.now += timedelta(seconds=1)


def test_a_forge_that_is_down_keeps_no_other_from_being_swept(store: Store) -> None:
    """Whichever is asked first. What could not be asked is told by name, with why."""
    down, here = Listing("github", answers=False), Listing("gitlab")
    swept = sweep.everything(at(store, Clock(), down, here))
    assert (swept.marked, swept.missed) == (1, {"github": "github gave no answer"})
    assert claimed(store) == ["gitlab/0/installation/7"]


def test_a_forge_that_was_down_is_asked_again_soon_and_the_others_in_their_time(store: Store) -> None:
    """Every forge has a rate limit: one that answered is not listed every few seconds because another one did not."""
    down, here, clock = Listing("github", answers=False), Listing("gitlab"), Clock()
    sweeper = sweep.Sweeper(at(store, clock, down, here), timedelta(minutes=5), "tests/0", Doorbell())
    sweeper.begin()
    try:
        until(lambda: here.asked == 1, clock)
        down.answers = True
        until(lambda: down.asked == 2, clock)
        assert here.asked == 1
        clock.now += timedelta(minutes=5)
        until(lambda: here.asked == 2, clock)
        assert down.asked == 3
    finally:
        sweeper.stop()
