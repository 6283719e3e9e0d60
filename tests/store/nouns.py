"""Short words for what the tests of the store say over and over."""

from datetime import UTC, datetime, timedelta

from bot.model.change import Account
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, Sha
from bot.model.subject import Subject

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)
JO = Account("jo", AccountId(101))
SEVEN, EIGHT = Subject.change("github", 1, 7), Subject.change("github", 1, 8)


def at(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


def sha(letter: str) -> Sha:
    """A commit id that a reader can tell from another."""
    return Sha(letter * 40)


def found(quote: str, commit: Sha | None = None) -> Evidence:
    """A finding that is told from others by its quoted text."""
    where = "the change's body" if commit is None else f"commit {commit[:7]}, trailer Co-authored-by"
    return Evidence("trailer", "claude", AiClass.AI_ASSISTED, Strength.STRONG, where, quote, commit)
