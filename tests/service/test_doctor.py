"""The doctor tells what it could not be told, and goes on."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.forges.port import Examination, FailedDelivery
from bot.model.enforcement import Fact, Level
from bot.model.errors import TryAgainError
from bot.model.subject import Repository
from bot.service.context import Context
from bot.service.doctor import Doctor
from bot.service.rulebook import FileRulebook
from bot.store import Store, open_store
from tests.store.nouns import NOON

HERE = Repository("github", 1, "acme/pay", "main")
LOST = tuple(FailedDelivery(number, f"d{number}", "push", NOON, "it answered 502") for number in (1, 2))
ROSTER = "version: 1\npeople: []\nteams: [{github: acme/seniors, tier: senior}]\n"


class Limited:
    """A forge that lets itself be examined and have one delivery sent again; then its rate limit is hit."""

    name = "github"
    sent = 0

    def examine(self, webhook: str | None, now: datetime) -> Examination:
        """See `Forge.examine`."""
        del webhook, now
        return Examination((Fact("It is there."),), (HERE,), LOST)

    def redeliver(self, failed: FailedDelivery) -> None:
        """See `Forge.redeliver`."""
        del failed
        if self.sent:
            raise TryAgainError("the rate limit is hit")
        self.sent += 1

    def __getattr__(self, name: str) -> Any:
        """Everything else that is asked."""

        def refuse(*_: Any) -> None:
            raise TryAgainError("the rate limit is hit")

        return refuse


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    yield opened
    opened.dispose()


def test_a_rate_limit_in_the_middle_costs_no_more_than_what_it_hid(store: Store, tmp_path: Path) -> None:
    """The team, the gate and the second delivery could not be told; all else is, and so is how to go on."""
    (tmp_path / "roster.yaml").write_text(ROSTER)
    forges: dict[str, Any] = {"github": Limited()}
    context = Context(forges, store, FileRulebook(None, tmp_path / "roster.yaml"), lambda: NOON, lambda _: None)
    report = Doctor(context, None).report(redeliver=True)
    told = {each.fact.text: each.fact for each in report.checks if "rate limit" in each.fact.text}
    assert {text.partition(":")[0] for text in told} >= {"The team acme/seniors could not be read now"}
    assert any("Sent again: 1; then the forge refused" in text for text in told)
    assert {fact.level for fact in told.values()} == {Level.UNKNOWN, Level.WEAK}
    assert all(fact.repair for fact in told.values())
    assert report.redelivered == 1
    ((repository, graded),) = report.repositories
    assert (repository, graded.facts[0].level) == (HERE, Level.UNKNOWN)
