"""One change being evaluated, as the parts of an evaluation hand it to each other."""

from dataclasses import dataclass
from datetime import datetime

from bot.forges.port import Forge, Reading
from bot.model.subject import Subject
from bot.service.context import Context
from bot.service.rulebook import Rules


@dataclass(frozen=True, slots=True)
class Task:
    """One change being evaluated: where it is, what was read of it, and by which rules."""

    context: Context
    forge: Forge
    subject: Subject
    reading: Reading
    rules: Rules
    now: datetime

    @property
    def now_there(self) -> datetime:
        """Now by the forge's clock: when the change last moved there, or our own time if that is later."""
        return max(self.now, self.reading.updated_at or self.now)

    @property
    def branch(self) -> str | None:
        """The change's branch, None when it is another repository's."""
        return None if self.reading.from_fork else self.reading.change.branch
