"""A guarded branch that was forced to where the forge compares it with nothing, again and again."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bot.model.errors import GoneError, TryAgainError
from bot.model.ids import Sha
from bot.model.subject import Repository
from bot.service import branches
from bot.service.context import Context
from bot.service.rulebook import FileRulebook
from bot.store import Store, findings, open_store, records, repositories
from tests.store.nouns import at, sha

HERE = Repository("github", 1, "acme/pay", "main")


class Unrelated:
    """A forge that finds no common ancestor of anything."""

    def fetch_commits(self, repository: Repository, base: str, head: Sha) -> tuple[()]:
        raise GoneError(f"No common ancestor between {base} and {head} of {repository.name}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with opened.write() as tx:
        repositories.upsert(tx, HERE)
        for name in ("main", "release/1"):
            records.put(tx, f"tip/github/1/{name}", sha("0"))
    yield opened
    opened.dispose()


def looked(store: Store, second: int, tips: dict[str, Sha]) -> list[str]:
    """Look at the branches as they stand; those of which there is a finding."""
    unrelated: Any = Unrelated()
    context = Context({"github": unrelated}, store, FileRulebook(None, None), lambda: at(second), lambda _: None)
    with suppress(TryAgainError):
        branches.look(context, HERE, tips)
    with store.read() as tx:
        return sorted(str(each.body["branch"]) for each in findings.unannounced(tx, "github", 1))


def test_whoever_goes_on_forcing_a_branch_hides_neither_it_nor_another_for_long(store: Store) -> None:
    """The time for which the forge is not believed begins once for a branch, and for each branch by itself."""
    assert looked(store, 0, {"main": sha("1"), "release/1": sha("2")}) == []
    assert looked(store, 60, {"main": sha("3"), "release/1": sha("2")}) == []
    assert looked(store, 121, {"main": sha("4"), "release/1": sha("2")}) == ["main", "release/1"]
    assert looked(store, 125, {"main": sha("5"), "release/1": sha("2")}) == ["main", "release/1"], "a new time begins"
