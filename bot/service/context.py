"""What every use case works with, handed in by the composition root, and the one error they share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.forges.port import Forge
from bot.model.errors import SignoffError, TryAgainError
from bot.model.subject import Repository
from bot.service.rulebook import Rules
from bot.store import Store


class LeaseLostError(SignoffError):
    """Another worker has the change now; what this one found out is not published."""


class CommitTakenError(TryAgainError):
    """Another change publishes to the same commit: wait a moment, and count it as no failure."""


class Rulebook(Protocol):
    """Where the rules in force come from."""

    def current(self) -> Rules:
        """What is in force now; asks no forge."""

    def refresh(self) -> None:
        """Look where they come from whether there is a newer version. Raises TryAgainError only."""

    def reads(self, repository: Repository) -> bool:
        """Whether rules and roster come from this repository."""


@dataclass(frozen=True, slots=True)
class Context:
    """The doors, the rules and the clock. `page_url` gives the page of a subject's key, None where there is none."""

    forges: Mapping[str, Forge]
    store: Store
    rulebook: Rulebook
    clock: Callable[[], datetime]
    page_url: Callable[[str], str | None]
    lease: timedelta = timedelta(seconds=60)
    poison_cap: int = 20
    recheck: timedelta = timedelta(hours=24)
    keep: timedelta = timedelta(days=30)
    keep_names: timedelta = timedelta(days=365)
    watch: timedelta = timedelta(hours=1)
    check_name: str = "senior-signoff"
