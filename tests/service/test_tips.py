"""A branch that moved has the changes from it looked at, if no delivery of theirs did; told by the database alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.model.event import PushSeen, TipSeen
from bot.model.ids import Sha
from bot.model.subject import Subject, SubjectKind
from bot.service import tips
from bot.service.context import Context
from bot.service.rulebook import FileRulebook
from bot.store import ChangeRow, changes, due, open_store, sightings
from tests.store.nouns import JO, NOON, SEVEN, at, sha

OLD, NEW, NEWER = sha("a"), sha("b"), sha("c")
ROW = ChangeRow(SEVEN, "acme/pay", "Add retry", JO, "", "open", OLD, "main")
RETRY = Subject("github", 1, SubjectKind.BRANCH, "retry")


@dataclass
class Moving:
    """A service that knows one open change, from the branch `retry`; `now` is its clock."""

    context: Context
    now: list[datetime]

    def pushed(self, before: Sha | None, after: Sha, seconds: float, branch: str = "retry") -> None:
        """A delivery that tells of a push."""
        self.now[0] = at(seconds)
        with self.context.store.write() as tx:
            sightings.push(tx, "github", 1, PushSeen(branch, before, after, JO, forced=True, at=at(seconds)))
            tips.told(tx, "github", 1, TipSeen(branch, after), self.now[0])

    def read(self, head: Sha) -> None:
        """The change was read on a head."""
        with self.context.store.write() as tx:
            changes.save(tx, replace(ROW, head=head))

    def waits(self) -> bool:
        """Whether a branch is to be looked at."""
        with self.context.store.read() as tx:
            return due.next_due_at(tx) is not None

    def looked(self, seconds: float) -> tuple[float | None, bool]:
        """In how many seconds it looks again, and whether the change was rung for."""
        self.now[0] = at(seconds)
        again = tips.look(self.context, RETRY)
        with self.context.store.read() as tx:
            rung = bool(due.unsettled(tx, [SEVEN.key]))
        return None if again is None else (again - self.now[0]).total_seconds(), rung


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Moving]:
    """The change was read on the head that its branch was made with."""
    now, store = [NOON], open_store(f"sqlite:///{tmp_path}/signoff.db")
    made = Moving(Context({}, store, FileRulebook(None, None), lambda: now[0], lambda _: None), now)
    made.pushed(None, OLD, 0)
    made.read(OLD)
    assert not made.waits()
    yield made
    store.dispose()


def test_a_change_that_was_read_on_the_new_head_is_not_rung_for(moving: Moving) -> None:
    """The ordinary case: its own delivery came, and nothing more is asked of the forge."""
    moving.pushed(OLD, NEW, 10)
    assert moving.waits()
    moving.read(NEW)
    assert moving.looked(13) == (None, False)
    assert moving.looked(14) == (None, False), "and that is forgotten"


def test_a_change_that_was_not_is_rung_for_until_it_is_and_for_a_minute_at_most(moving: Moving) -> None:
    """The forge may show the new head later than its hooks tell of it; what it never shows costs a few readings."""
    moving.pushed(OLD, NEW, 10)
    assert moving.looked(13) == (3, True)
    assert moving.looked(16) == (6, True)
    assert moving.looked(22) == (12, True)
    moving.pushed(NEW, NEWER, 30)
    assert moving.looked(33) == (3, True), "a new push is waited for anew"
    assert moving.looked(91) == (None, True)


def test_other_branches_and_late_deliveries_ring_for_nothing(moving: Moving) -> None:
    """A branch that no open change is known from, and a commit that the branch has left by then."""
    moving.pushed(None, NEW, 10, branch="nobodys")
    assert not moving.waits()
    moving.read(NEW)
    moving.pushed(OLD, NEW, 20)
    moving.pushed(None, OLD, 0)
    assert not moving.waits(), "it was told again that the branch was made"
    with moving.context.store.write() as tx:
        changes.close(tx, SEVEN, at(21))
    moving.pushed(NEW, NEWER, 22)
    assert not moving.waits(), "the change is open no more"
