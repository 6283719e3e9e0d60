"""Another name or default branch of a repository is no way out of the rules until somebody says that it was meant."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier, BrokenBarrierError, local

import pytest

from bot import rules
from bot.model.ids import AccountId
from bot.model.policy import Mode, Policy, RepositoryRule
from bot.model.subject import Repository
from bot.service import covering, watch
from bot.service.context import Context
from bot.service.covering import Cover
from bot.service.rulebook import FileRulebook
from bot.store import findings, ledger, open_store
from bot.store.findings import Finding

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
RULES = replace(
    rules.packaged_policy(),
    repositories=(RepositoryRule("acme/legacy-*", Mode.OBSERVE), RepositoryRule("old/*", Mode.OFF)),
)
LEGACY = "acme/legacy-pay"


@dataclass
class Watched:
    """A repository that is looked at again and again, a minute later each time. It is of whatever forge."""

    context: Context
    now: list[datetime]
    rules: Policy = RULES
    is_: Repository = field(default=Repository("gitlab", 7, "acme/pay", "main"))

    def looks(self, *branches: str, **now: str) -> Cover:
        """How it is covered, being called so `now`."""
        self.now[0] += timedelta(minutes=1)
        self.is_ = replace(self.is_, **now)
        return covering.look(self.context, self.rules, self.is_, branches)

    def found(self) -> list[Finding]:
        """The open findings. The ledger has as many as there ever were."""
        with self.context.store.read() as tx:
            ever = findings.page(tx, closed=True)
            assert len([each for each in ledger.walk(tx) if each.kind == "finding"]) == len(ever)
            return [each for each in ever if each.closed_at is None]

    def accepted(self) -> None:
        """Somebody who may closes the only finding."""
        (found,) = self.found()
        with self.context.store.write() as tx:
            assert watch.close(tx, found.id, AccountId(1001), "it is retired", self.now[0])


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """A repository that the rules enforce, looked at once."""
    now, store = [NOON], open_store(f"sqlite:///{tmp_path}/signoff.db")
    watched = Watched(Context({}, store, FileRulebook(None, None), lambda: now[0], lambda _: None), now)
    assert watched.looks("main") == Cover("acme/pay")
    yield watched
    store.dispose()


@pytest.mark.parametrize("name", [LEGACY, "old/pay"])
def test_a_name_that_the_rules_do_not_enforce_is_found_and_what_is_merged_is_judged_by_the_former(
    watched: Watched, name: str
) -> None:
    """Once, however often it is seen or taken back and done again while it is open."""
    assert watched.looks(name=name) == watched.looks() == Cover("acme/pay")
    (found,) = watched.found()
    assert f"renamed from acme/pay, which the rules enforce, to {name}" in str(found.body)
    assert watched.looks(name="acme/pay") == watched.looks(name=name) == Cover("acme/pay")
    assert watched.found() == [found]
    with watched.context.store.read() as tx:
        assert covering.covered(tx, RULES, watched.is_)


def test_a_new_name_is_accepted_by_closing_its_finding_and_no_other_is(watched: Watched) -> None:
    """Taken back and done again, it is found again; and so is a second name."""
    watched.looks(name=LEGACY)
    watched.accepted()
    assert watched.looks() == Cover(LEGACY)
    assert watched.looks(name="acme/pay") == Cover("acme/pay")
    assert watched.looks(name=LEGACY) == Cover("acme/pay")
    assert len(watched.found()) == 1
    watched.accepted()
    assert watched.looks(name="old/pay") == Cover("acme/pay"), "the second name was never accepted"
    with watched.context.store.read() as tx:
        assert covering.covered(tx, RULES, watched.is_)


def test_names_that_the_rules_treat_alike_and_rules_that_moved_are_no_finding(watched: Watched) -> None:
    """Only renaming is; rules without a requirement, as when none can be read, say nothing of any name."""
    assert watched.looks(name="acme/pay-2") == Cover("acme/pay-2")
    unusable = replace(RULES, requirements=(), repositories=())
    watched.looks(name=LEGACY)
    watched.rules = unusable
    assert watched.looks() == Cover("acme/pay-2")
    watched.rules = replace(RULES, mode=Mode.OBSERVE)
    assert watched.looks() == Cover(LEGACY), "both names are observed now: the rules say so"
    assert len(watched.found()) == 1


def test_another_default_branch_leaves_the_former_guarded_until_its_finding_is_closed(watched: Watched) -> None:
    """It is told where that branch is known to be there still; a branch that was renamed is gone."""
    assert watched.looks("trunk", default_branch="trunk") == Cover("acme/pay", frozenset({"main"}))
    assert watched.found() == []
    assert watched.looks("main") == watched.looks("main", "trunk") == Cover("acme/pay", frozenset({"main"}))
    (found,) = watched.found()
    assert "Its default branch is trunk and was main" in str(found.body)
    assert watched.looks("main", default_branch="main") == Cover("acme/pay", frozenset({"trunk"}))
    watched.looks("main", default_branch="trunk")
    assert watched.found() == [found]
    watched.accepted()
    assert watched.looks("main") == Cover("acme/pay")


def test_a_branch_that_the_rules_guard_by_name_is_guarded_whatever_the_default_is(watched: Watched) -> None:
    """And in a repository that is only observed nothing is taken away."""
    watched.rules = replace(RULES, guarded_branches=("@default", "main"))
    assert watched.looks("main", "trunk", default_branch="trunk") == Cover("acme/pay")
    watched.rules = replace(RULES, mode=Mode.OBSERVE)
    watched.looks("main", "trunk", default_branch="main")
    watched.rules = RULES
    assert watched.looks("main", "trunk") == Cover("acme/pay")
    assert watched.found() == []


def test_two_who_look_at_once_find_a_new_name_once(postgresql: Callable[[str], str]) -> None:
    """Both read that it is new before either writes so. Of SQLite there is one writer at a time."""
    store, both, ticks = open_store(postgresql("template1")), Barrier(2, timeout=10), count(1)
    here = local()

    def clock() -> datetime:
        here.asked = getattr(here, "asked", 0) + 1
        if here.asked == 2:  # in the transaction that writes
            with suppress(BrokenBarrierError):
                both.wait()
        return NOON + timedelta(milliseconds=next(ticks))

    context = Context({}, store, FileRulebook(None, None), clock, lambda _: None)
    pay = Repository("gitlab", 7, "acme/pay", "main")
    with ThreadPoolExecutor(1) as other, ThreadPoolExecutor(1) as one:
        assert one.submit(covering.look, replace(context, clock=lambda: NOON), RULES, pay).result() == Cover("acme/pay")
        looks = [each.submit(covering.look, context, RULES, replace(pay, name=LEGACY)) for each in (one, other)]
        assert [each.result() for each in looks] == [Cover("acme/pay")] * 2
    with store.read() as tx:
        assert len(findings.page(tx, closed=True)) == 1
    store.dispose()
