"""Which open changes a sweep has looked at again: those that moved, also where dates are too coarse to tell that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from bot.forges.port import Forge, OpenChange
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service import sweep
from bot.service.context import Context
from bot.service.rulebook import FileRulebook
from bot.store import ChangeRow, Store, changes, due
from tests.store.nouns import JO, LEASE, NOON, SEVEN, at, sha

WHOLE = Subject("github", 1, SubjectKind.REPOSITORY)


@dataclass
class Listing:
    """A forge with one open change that moved last at a time."""

    moved: datetime
    name: str = "github"

    def open_changes(self, repository: Repository) -> Iterator[OpenChange]:
        """See `Forge.open_changes`."""
        assert repository.id == 1
        yield OpenChange(7, sha("a"), self.moved)


def looks_again(store: Store, moved: datetime, decided: datetime) -> bool:
    """Whether a sweep an hour after noon has the change looked at that was decided as it moved last."""
    row = ChangeRow(SEVEN, "acme/pay", "Add retry", JO, "", "open", sha("a"), "main", moved, decided_at=decided)
    now = NOON + timedelta(hours=1)
    context = Context(
        {"github": cast("Forge", Listing(moved))}, store, FileRulebook(None, None), lambda: now, lambda _: None
    )
    with store.write() as tx:
        changes.save(tx, row)
    sweep.repository(context, WHOLE)
    with store.write() as tx:
        found = set()
        while (claim := due.claim(tx, now, "w", LEASE)) is not None:
            found.add(claim.subject)
            due.finish(tx, claim, now)
    return SEVEN in found


def test_what_was_decided_in_the_second_in_which_it_moved_is_looked_at_once_more(store: Store) -> None:
    """An approval may have come in the same second after the reading, and its delivery be lost."""
    assert looks_again(store, NOON, at(0.4))
    assert not looks_again(store, NOON, at(6)), "once"
    assert not looks_again(store, at(0.3), at(0.4)), "a forge that tells fractions tells that nothing came"
