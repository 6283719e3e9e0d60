"""A forge dates in whole seconds: what was said in the very second in which a change moved, and whether it counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from bot import gate, rules
from bot.forges.github.convert import NEVER
from bot.forges.port import Forge, Lifecycle, Reading
from bot.model.change import Account, Change, Commit, GitIdentity, Head, Review, ReviewState
from bot.model.decision import Verdict
from bot.model.event import HeadSeen, ReviewSeen
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository
from bot.service import recollect
from bot.service.context import Context
from bot.service.rulebook import FileRulebook, Rules
from bot.service.task import Task
from bot.store import Store, open_store, repositories, sightings
from tests.store.nouns import JO, NOON, SEVEN, at, sha

HERE = Repository("github", 1, "acme/pay", "main")
GRACE = Account("grace", AccountId(1001))
FIRST, SECOND = sha("a"), sha("b")
BY_JO = GitIdentity("Jo Example", "jo@example.com", "jo", AccountId(101))
MESSAGE = "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with opened.write() as tx:
        repositories.upsert(tx, HERE)
        sightings.head(tx, "github", 1, HeadSeen(7, FIRST, NOON, pusher=JO))
    yield opened
    opened.dispose()


def gathered(
    store: Store, head: Head, approved_at: datetime, *, seen: bool = True, base: str = "main"
) -> tuple[Verdict, Change]:
    """What comes of an approval for the head, of which a delivery told if it was `seen`. It is read a minute later."""
    commits = [Commit(each, BY_JO, BY_JO, MESSAGE) for each in (FIRST, SECOND)]
    review = Review(1, GRACE, ReviewState.APPROVED, head.sha, approved_at)
    change = Change("github", "acme/pay", 7, "Add retry", "", base, "main", "retry", JO, head)
    change = replace(change, commits=tuple(commits[: 2 if head.sha == SECOND else 1]), reviews=(review,))
    reading = Reading(change, HERE, Lifecycle.OPEN, "https://example.com/7", created_at=NOON, from_fork=True)
    if seen:
        with store.write() as tx:
            given = ReviewSeen(7, 1, AccountId(1001), ReviewState.APPROVED, Sha(head.sha), approved_at)
            sightings.review(tx, ("github", 1), given)
    context = Context({}, store, FileRulebook(None, None), lambda: at(60), lambda _: None)
    in_force = Rules(rules.packaged_policy(), rules.packaged_roster())
    known = recollect.gather(Task(context, cast("Forge", None), SEVEN, reading, in_force, at(60)))
    decision = gate.decide(
        known.change, known.evidence, known.memory, in_force.policy, in_force.roster, context.clock()
    )
    return decision.verdict, known.change


@pytest.mark.parametrize("seen", [True, False])
def test_what_is_said_in_the_second_in_which_a_change_was_opened_was_said_of_it(store: Store, *, seen: bool) -> None:
    """It has stood like this since it was opened, so nothing can have been said of it before."""
    verdict, change = gathered(store, Head(FIRST, NOON, NEVER), NOON, seen=seen)
    assert verdict is Verdict.ALLOW
    assert change.head.moved_at < NOON, "an override of that second holds too"


def test_an_approval_of_the_new_commit_counts_in_the_second_of_its_push(store: Store) -> None:
    """The delivery names the commit that was approved, and no commit is approved before it is there."""
    with store.write() as tx:
        sightings.head(tx, "github", 1, HeadSeen(7, SECOND, at(30), FIRST, JO))
    verdict, change = gathered(store, Head(SECOND, at(30), NEVER), at(30))
    assert (verdict, change.head.moved_at) == (Verdict.ALLOW, at(30))


def test_without_a_delivery_of_it_an_approval_in_the_second_of_a_push_does_not_count(store: Store) -> None:
    """Then only the time tells what it was given for, and it does not."""
    with store.write() as tx:
        sightings.head(tx, "github", 1, HeadSeen(7, SECOND, at(30), FIRST, JO))
    assert gathered(store, Head(SECOND, at(30), NEVER), at(30), seen=False)[0] is Verdict.HOLD


@pytest.mark.parametrize("moved", [0, 30])
def test_in_the_second_of_a_forced_push_or_of_another_base_nobody_knows_what_was_approved(
    store: Store, moved: int
) -> None:
    """The commit does not tell for which base it was approved, nor whether the forge moved the approval to it."""
    assert gathered(store, Head(FIRST, at(moved), at(moved)), at(moved))[0] is Verdict.HOLD


@pytest.mark.parametrize(("approved", "verdict"), [(9, Verdict.HOLD), (11, Verdict.ALLOW)])
def test_an_approval_after_another_base_was_chosen_counts_by_the_forges_clock_alone(
    store: Store, approved: int, verdict: Verdict
) -> None:
    """The forge tells when that was: a clock of ours that is ahead must not make what was signed since look older."""
    gathered(store, Head(FIRST, NOON, NEVER), at(-60), base="dev", seen=False)
    assert gathered(store, Head(FIRST, at(10), at(10)), at(approved))[0] is verdict
