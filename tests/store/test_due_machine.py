"""The due-set against a plain model of it: whatever is done in whatever order, every mark is followed by a run."""

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.model.subject import Subject
from bot.store import Claim, due, open_store
from tests.store.nouns import LEASE, at

NUMBERS = st.integers(0, 1)
SECONDS = st.sampled_from([1, 10, 29, 30, 31])
OWNERS = st.sampled_from(["one", "two"])


class DueSet(RuleBasedStateMachine):
    """The model: per subject, the times it must run at, and the claim that holds it until when."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(mkdtemp(prefix="due"))
        self.store = open_store(f"sqlite:///{self.directory}/signoff.db")
        self.now = 0
        self.wanted: dict[int, set[int]] = {}
        self.taken: dict[int, set[int]] = {}
        self.held: dict[int, tuple[Claim, int]] = {}
        self.lost: list[Claim] = []
        self.parked: set[int] = set()

    def teardown(self) -> None:
        self.store.dispose()
        shutil.rmtree(self.directory)

    def running(self, number: int) -> bool:
        return number in self.held and self.held[number][1] > self.now

    def claimable(self) -> set[int]:
        ended = {number for number in self.held if not self.running(number)}
        wanted = {number for number, times in self.wanted.items() if any(time <= self.now for time in times)}
        return (ended | (wanted - self.held.keys())) - self.parked

    @rule(number=NUMBERS)
    def mark(self, number: int) -> None:
        with self.store.write() as tx:
            due.mark(tx, [Subject.change("github", 1, number)], at(self.now))
        self.wanted.setdefault(number, set()).add(self.now)
        self.parked.discard(number)

    @rule(number=NUMBERS, later=SECONDS)
    def mark_later(self, number: int, later: int) -> None:
        with self.store.write() as tx:
            due.mark_at(tx, Subject.change("github", 1, number), at(self.now + later), at(self.now))
        future = {time for time in self.wanted.get(number, set()) if time > self.now}
        past = self.wanted.get(number, set()) - future
        self.wanted[number] = past | {min({*future, self.now + later})}

    @rule(seconds=SECONDS)
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(owner=OWNERS)
    def claim(self, owner: str) -> None:
        with self.store.write() as tx:
            made = due.claim(tx, at(self.now), owner, LEASE)
        assert (made is not None) == bool(self.claimable())
        if made is None:
            return
        number = made.subject.number
        assert number in self.claimable()
        if number in self.held:
            self.lost.append(self.held[number][0])
        wanted = self.wanted.pop(number, set())
        self.taken[number] = self.taken.get(number, set()) | {time for time in wanted if time <= self.now}
        self.wanted[number] = {time for time in wanted if time > self.now}
        self.held[number] = (made, self.now + int(LEASE.total_seconds()))

    def one(self, number: int) -> tuple[Claim, bool]:
        return self.held[number][0], self.running(number)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), again=st.none() | SECONDS)
    def finish(self, data: st.DataObject, again: int | None) -> None:
        number = data.draw(st.sampled_from(sorted(self.held)))
        claim, alive = self.one(number)
        with self.store.write() as tx:
            done = due.finish(tx, claim, at(self.now), None if again is None else at(self.now + again))
        assert done == alive
        if done:
            del self.held[number]
            self.taken.pop(number, None)
            if again is not None:
                future = {time for time in self.wanted[number] if time > self.now}
                self.wanted[number] = (self.wanted[number] - future) | {min({*future, self.now + again})}

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.held)))
        claim, alive = self.one(number)
        marked = any(time <= self.now for time in self.wanted[number])
        with self.store.write() as tx:
            parked = due.fail(tx, claim, at(self.now), at(self.now), "broken", cap=2)
        if alive:
            del self.held[number]
            self.wanted[number] |= self.taken.pop(number, set())
            if parked:
                assert claim.attempts >= 2
                self.parked.add(number)
        else:
            assert not parked
        assert not (parked and marked and self.wanted[number] == set())

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.held)))
        claim, alive = self.one(number)
        with self.store.write() as tx:
            assert due.renew(tx, claim, at(self.now), LEASE) == alive
        if alive:
            self.held[number] = (claim, self.now + int(LEASE.total_seconds()))

    @rule(owner=OWNERS)
    def release(self, owner: str) -> None:
        with self.store.write() as tx:
            due.release(tx, owner)
        for number in [number for number, (claim, _) in self.held.items() if claim.owner == owner]:
            del self.held[number]
            self.wanted[number] |= self.taken.pop(number, set())

    @precondition(lambda self: self.lost)
    @rule(data=st.data())
    def come_back_late(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.lost))
        with self.store.write() as tx:
            assert not due.renew(tx, claim, at(self.now), timedelta(days=1))
            assert not due.finish(tx, claim, at(self.now))
            assert not due.fail(tx, claim, at(self.now), at(self.now), "late", cap=1)

    @invariant()
    def what_is_counted_is_what_is_there(self) -> None:
        with self.store.read() as tx:
            stats = due.stats(tx, at(self.now))
            assert stats.due == len(self.claimable())
            assert stats.parked == len(self.parked)
            assert stats.running == sum(self.running(number) for number in self.held)
            next_at = due.next_due_at(tx)
        if self.claimable():
            assert next_at is not None
            assert next_at <= at(self.now)
        elif next_at is not None:
            assert next_at > at(self.now)


TestDueSet = DueSet.TestCase
TestDueSet.settings = settings(max_examples=20, stateful_step_count=50, deadline=None)
