"""A check that was left open for too long is ended by GitHub: then a new one takes its place."""

from dataclasses import dataclass, field, replace
from typing import cast

from bot.forges.port import Check, CheckState, Forge, Published, Reading
from bot.model.ids import Sha
from bot.model.subject import Repository
from bot.service.context import Context
from bot.service.evaluate import Evaluator
from bot.service.rulebook import FileRulebook
from bot.store import Store
from tests.service.quiet import CHANGE, COMMIT, READING, Alive
from tests.store.nouns import NOON, SEVEN

MESSAGE = "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>"
WAITING = replace(READING, change=replace(CHANGE, commits=(replace(COMMIT, message=MESSAGE),)))


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
        return replace(WAITING, published=shown)

    def publish(
        self, repository: Repository, sha: Sha, check: Check, known: Published | None, *place: object
    ) -> Published:
        """See `Forge.publish`: a run that is open is moved on."""
        assert (repository.id, sha, len(place)) == (1, CHANGE.head.sha, 2)
        opened = known is not None and known.state is CheckState.WAITING
        self.runs.append(Published(len(self.runs) + (0 if opened else 1), check.state, check.digest))
        return self.runs[-1]


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
