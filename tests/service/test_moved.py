"""A change that was decided by rules for which no other is marked yet is decided again: they may be taken back."""

from dataclasses import dataclass, replace
from typing import cast

import pytest

from bot import rules
from bot.forges.port import Check, Forge, Published, Reading
from bot.model.ids import Sha
from bot.model.subject import Repository
from bot.service.context import Context
from bot.service.evaluate import Evaluator
from bot.service.moved import rules_moved
from bot.service.rulebook import Rules
from bot.store import Store
from tests.service.quiet import CHANGE, READING, Alive, Book
from tests.store.nouns import NOON, SEVEN


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


@dataclass
class Fickle:
    """Rules that are taken back after they were asked for a few times."""

    edited: Rules
    first: Rules
    left: int

    def current(self) -> Rules:
        """See `Rulebook.current`."""
        self.left -= 1
        return self.edited if self.left >= 0 else self.first

    def refresh(self) -> None:
        """See `Rulebook.refresh`."""

    def reads(self, repository: Repository) -> bool:
        """See `Rulebook.reads`."""
        return repository.id == 0


@pytest.mark.parametrize("times", range(1, 5))
def test_whenever_an_edit_is_taken_back_during_an_evaluation_its_decision_is_made_again(
    store: Store, times: int
) -> None:
    """By this evaluation, or by whoever then finds that other rules are in force than those that were marked for."""
    first = Rules(rules.packaged_policy(), rules.packaged_roster())
    other = replace(first, roster=replace(first.roster, people=first.roster.people[:2], digest="another"))
    door = {"github": cast("Forge", Desk())}
    before = Context(door, store, Book(first), lambda: NOON, lambda _: None)
    assert rules_moved(before)
    edited = Context(door, store, Fickle(other, first, times), lambda: NOON, lambda _: None)
    again = Evaluator(edited).change(SEVEN, Alive())
    assert again is not None or rules_moved(before)


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
    assert not rules_moved(before), "nothing is new"
    Evaluator(edited).change(SEVEN, Alive())
    assert not rules_moved(edited), "whoever decided by it has marked the others"
    assert rules_moved(before), "so that taking it back is noticed"
