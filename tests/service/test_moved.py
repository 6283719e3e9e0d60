"""A change that was decided by rules for which no other is marked yet is decided again: they may be taken back."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from bot import rules
from bot.forges.port import Check, Forge, Lifecycle, Published, Reading
from bot.model.change import Change, Commit, GitIdentity, Head
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository
from bot.service.context import Context
from bot.service.evaluate import Evaluator
from bot.service.moved import rules_moved
from bot.service.rulebook import Rules
from bot.store import Store, Tx, open_store, repositories
from tests.store.nouns import JO, NOON, SEVEN, sha

HERE = Repository("github", 1, "acme/pay", "main")
BY_JO = GitIdentity("Jo Example", "jo@example.com", "jo", AccountId(101))
COMMIT = Commit(sha("a"), BY_JO, BY_JO, "Add retry")
CHANGE = Change(
    "github", "acme/pay", 7, "Add retry", "", "main", "main", "retry", JO, Head(sha("a"), NOON), commits=(COMMIT,)
)
READING = Reading(CHANGE, HERE, Lifecycle.OPEN, "https://example.com/7", created_at=NOON, from_fork=True)


@dataclass
class Desk:
    """All that an evaluation of a quiet change asks of its forge."""

    name: str = "github"

    def fetch_change(self, repository: Repository, number: int, written: object = None) -> Reading:
        """See `Forge.fetch_change`."""
        assert (repository.id, number, written) == (1, 7, written)
        return READING

    def publish(self, repository: Repository, sha: Sha, check: Check, *known: object) -> Published:
        """See `Forge.publish`."""
        assert (repository.id, sha, len(known)) == (1, CHANGE.head.sha, 3)
        return Published(1, check.state, check.digest)


@dataclass(frozen=True)
class Book:
    """Rules in force that come from no repository."""

    rules: Rules

    def current(self) -> Rules:
        """See `Rulebook.current`."""
        return self.rules

    def refresh(self) -> None:
        """See `Rulebook.refresh`."""

    def reads(self, repository: Repository) -> bool:
        """See `Rulebook.reads`."""
        return repository.id == 0


class Alive:
    """A worker that never loses its lease."""

    token = "w"

    def __call__(self, tx: Tx | None = None) -> None:
        """See `Alive`."""

    def still(self) -> None:
        """See `Alive`."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with opened.write() as tx:
        repositories.upsert(tx, HERE)
    yield opened
    opened.dispose()


def test_a_roster_that_is_taken_back_before_anybody_was_marked_for_it_leaves_no_decision_behind(store: Store) -> None:
    """An edit and its undoing within a second are no edit to whoever marks changes, but may be to an evaluation."""
    first = Rules(rules.packaged_policy(), rules.packaged_roster())
    other = replace(first, roster=replace(first.roster, people=first.roster.people[:2], digest="another"))
    before, edited = (
        Context({"github": cast("Forge", Desk())}, store, Book(each), lambda: NOON, lambda _: None)
        for each in (first, other)
    )
    assert rules_moved(before)
    assert Evaluator(before).change(SEVEN, Alive()) is None
    assert Evaluator(edited).change(SEVEN, Alive()) == NOON + timedelta(seconds=1)
    assert not rules_moved(before), "it is taken back, and nothing tells that it ever was"
    assert rules_moved(edited)
    assert Evaluator(edited).change(SEVEN, Alive()) is None, "all that it touches are marked now"
