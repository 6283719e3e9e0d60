"""Approvals that were given while a change went into another base, and what may become of them later."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import cast

import pytest

from bot import gate, rules
from bot.forges.github.convert import NEVER, merge_base
from bot.forges.port import Forge, Lifecycle, PatchQuestion, Reading
from bot.model.change import Account, Change, Commit, File, GitIdentity, Head, Patch, PatchEntry, Review, ReviewState
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
GRACE, FRIEND = Account("grace", AccountId(1001)), Account("sam", AccountId(404))
ROOT, LARGE, SMALL, FIRST, AMENDED = (sha(letter) for letter in "0123a")
BY_JO = GitIdentity("Jo Example", "jo@example.com", "jo", AccountId(101))
MESSAGE = "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>"


class Compared:
    """A forge that compares what it is given: the files that a question names, as they are at its head."""

    def fetch_patches(self, repository: Repository, questions: Sequence[PatchQuestion]) -> Mapping[Sha, Patch]:
        del repository
        found = {}
        for each in questions:
            entries = tuple(PatchEntry(path, "100644", "old", "100644", f"new {path}") for path in each.paths)
            if each.merge_base is not None:
                found[each.head] = Patch(each.head, entries)
        return found

    def fetch_commits(self, repository: Repository, base: str, head: Sha) -> tuple[Commit, ...]:
        del repository, base, head
        return ()


@dataclass
class Played:
    """A change as the forge shows it from one moment to the next."""

    store: Store
    reviews: list[Review] = field(default_factory=list)

    def approves(self, who: Account, head: Sha, moment: datetime) -> None:
        """A review of which a delivery tells."""
        number = len(self.reviews) + 1
        self.reviews.append(Review(number, who, ReviewState.APPROVED, head, moment))
        with self.store.write() as tx:
            given = ReviewSeen(7, number, AccountId(who.id or 0), ReviewState.APPROVED, head, moment)
            sightings.review(tx, ("github", 1), given)

    def moves(self, head: Sha, moment: datetime) -> None:
        """A push of which a delivery tells."""
        with self.store.write() as tx:
            sightings.head(tx, "github", 1, HeadSeen(7, head, moment, pusher=JO))

    def read(self, head: Head, base: str, commits: Sequence[Commit], paths: Sequence[str], now: datetime) -> Verdict:
        """What is decided of it by a reading."""
        change = Change("github", "acme/pay", 7, "Add retry", "", base, "main", "retry", JO, head)
        change = replace(
            change, commits=tuple(commits), files=tuple(File(each) for each in paths), reviews=tuple(self.reviews)
        )
        reading = Reading(change, HERE, Lifecycle.OPEN, "https://example.com/7", created_at=NOON, from_fork=True)
        reading = replace(reading, merge_base=merge_base(commits))
        context = Context({}, self.store, FileRulebook(None, None), lambda: now, lambda _: None)
        in_force = Rules(rules.packaged_policy(), rules.packaged_roster())
        task = Task(context, cast("Forge", Compared()), SEVEN, reading, in_force, now)
        known = recollect.gather(task)
        return gate.decide(known.change, known.evidence, known.memory, in_force.policy, in_force.roster, now).verdict


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with opened.write() as tx:
        repositories.upsert(tx, HERE)
    yield Played(opened)
    opened.dispose()


def commit(number: Sha, *parents: Sha) -> Commit:
    return Commit(number, BY_JO, BY_JO, MESSAGE, parents=len(parents), parent_shas=parents)


def test_an_approval_of_the_small_diff_does_not_come_to_the_large_one_by_an_amended_message(played: Played) -> None:
    """Whoever approved it for another base has not seen what it adds to this one, on whichever head."""
    small, large = commit(SMALL, ROOT), commit(LARGE, ROOT)
    played.moves(FIRST, NOON)
    stacked = (small, commit(FIRST, SMALL, LARGE))  # where it leaves its base cannot be told from these
    played.read(Head(FIRST, NOON, NEVER), "main-2", stacked, ["small"], at(1))
    played.approves(GRACE, FIRST, at(10))
    played.read(Head(FIRST, NOON, NEVER), "main-2", stacked, ["small"], at(11))
    whole = (large, small, commit(FIRST, SMALL, LARGE))
    files = ["large", "small"]
    assert played.read(Head(FIRST, at(20), at(20)), "main", whole, files, at(21)) is Verdict.HOLD
    played.moves(AMENDED, at(30))
    whole = (large, small, commit(AMENDED, SMALL, LARGE))
    assert played.read(Head(AMENDED, at(30), at(30)), "main", whole, files, at(31)) is Verdict.HOLD


def test_what_was_approved_in_the_second_of_a_retarget_has_no_part_in_the_new_diff(played: Played) -> None:
    """Nobody can tell for which of the two bases it was given, also where the heads are compared for another review."""
    played.moves(SMALL, NOON)
    played.approves(GRACE, SMALL, at(10))
    played.approves(FRIEND, ROOT, at(10))  # an older head: now this one is compared too
    files = ["large", "small"]
    assert played.read(Head(SMALL, at(10), at(10)), "main", [commit(SMALL, ROOT)], files, at(11)) is Verdict.HOLD
    assert played.read(Head(SMALL, at(10), at(10)), "main", [commit(SMALL, ROOT)], files, at(12)) is Verdict.HOLD


def test_a_suite_that_comes_late_hides_no_move_of_the_base(played: Played) -> None:
    """A base moved under it without a word; the forge's first check suite on the head came only after that."""
    played.moves(SMALL, NOON)
    played.read(Head(SMALL, NOON, NEVER), "main", [commit(SMALL, ROOT)], ["small"], at(1))
    played.approves(GRACE, SMALL, at(10))
    files = ["large", "small"]
    played.read(Head(SMALL, NOON, NEVER), "main", [commit(SMALL, ROOT)], files, at(20))
    assert played.read(Head(SMALL, at(21), NEVER), "main", [commit(SMALL, ROOT)], files, at(22)) is Verdict.HOLD
