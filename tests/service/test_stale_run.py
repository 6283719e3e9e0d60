"""A check that was left open for too long is ended by GitHub: then a new one takes its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import pytest

from bot.forges.port import Check, CheckState, Forge, Lifecycle, Published, Reading
from bot.model.change import Change, Commit, GitIdentity, Head
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository
from bot.service.context import Context
from bot.service.evaluate import Evaluator
from bot.service.rulebook import FileRulebook
from bot.store import Store, Tx, open_store, repositories
from tests.store.nouns import JO, NOON, SEVEN, sha

HERE = Repository("github", 1, "acme/pay", "main")
BY_JO = GitIdentity("Jo Example", "jo@example.com", "jo", AccountId(101))
COMMIT = Commit(sha("a"), BY_JO, BY_JO, "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>")
CHANGE = Change(
    "github", "acme/pay", 7, "Add retry", "", "main", "main", "retry", JO, Head(sha("a"), NOON), commits=(COMMIT,)
)
READING = Reading(CHANGE, HERE, Lifecycle.OPEN, "https://example.com/7", created_at=NOON, from_fork=True)


@dataclass
class Desk:
    """A forge with one change, and the checks that were put on its head; `stale` are those that it ended."""

    name: str = "github"
    runs: list[Published] = field(default_factory=list)
    stale: bool = False

    def fetch_change(self, repository: Repository, number: int, written: object = None) -> Reading:
        """See `Forge.fetch_change`."""
        assert (repository.id, number, written) == (1, 7, written)
        newest = self.runs[-1] if self.runs else None
        shown = replace(newest, state=CheckState.REFUSED) if newest and self.stale else newest
        return replace(READING, published=shown)

    def publish(
        self, repository: Repository, sha: Sha, check: Check, known: Published | None, *place: object
    ) -> Published:
        """See `Forge.publish`: a run that is open is moved on."""
        assert (repository.id, sha, len(place)) == (1, CHANGE.head.sha, 2)
        opened = known is not None and known.state is CheckState.WAITING
        self.runs.append(Published(len(self.runs) + (0 if opened else 1), check.state, check.digest))
        return self.runs[-1]


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


def test_a_run_that_the_forge_ended_is_made_anew_once(store: Store) -> None:
    """Stale, it neither waits nor tells people what to do; the sweep renews it before, unless nothing ran then."""
    desk = Desk()
    context = Context({"github": cast("Forge", desk)}, store, FileRulebook(None, None), lambda: NOON, lambda _: None)
    Evaluator(context).change(SEVEN, Alive())
    Evaluator(context).change(SEVEN, Alive())
    assert [(each.id, each.state) for each in desk.runs] == [(1, CheckState.WAITING)]
    desk.stale = True
    Evaluator(context).change(SEVEN, Alive())
    desk.stale = False
    Evaluator(context).change(SEVEN, Alive())
    assert [(each.id, each.state) for each in desk.runs] == [(1, CheckState.WAITING), (2, CheckState.WAITING)]
