"""One change that nothing happens to, and what an evaluation of it needs beside a forge."""

from dataclasses import dataclass

from bot.forges.port import Lifecycle, Reading
from bot.model.change import Change, Commit, GitIdentity, Head
from bot.model.ids import AccountId
from bot.model.subject import Repository
from bot.service.rulebook import Rules
from bot.store import Tx
from tests.store.nouns import JO, NOON, sha

HERE = Repository("github", 1, "acme/pay", "main")
BY_JO = GitIdentity("Jo Example", "jo@example.com", "jo", AccountId(101))
COMMIT = Commit(sha("a"), BY_JO, BY_JO, "Add retry")
CHANGE = Change(
    "github", "acme/pay", 7, "Add retry", "", "main", "main", "retry", JO, Head(sha("a"), NOON), commits=(COMMIT,)
)
READING = Reading(CHANGE, HERE, Lifecycle.OPEN, "https://example.com/7", created_at=NOON, from_fork=True)


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
