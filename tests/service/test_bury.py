"""What a process does about the dead before it begins to work."""

from datetime import timedelta
from pathlib import Path

from bot.service.context import Context
from bot.service.rulebook import FileRulebook
from bot.service.worker import bury
from bot.store import due, open_store
from tests.store.nouns import NOON, SEVEN


def test_a_database_that_is_busy_keeps_no_process_from_starting(tmp_path: Path) -> None:
    """Whoever has it may be paused for long. What the dead held is due when the lease ends, else at once."""
    busy, ours = (open_store(f"sqlite:///{tmp_path}/signoff.db", patience=patience) for patience in (10, 0.1))
    context = Context({}, ours, FileRulebook(None, None), lambda: NOON, lambda _: None)
    with busy.write() as tx:
        due.mark(tx, [SEVEN], NOON)
        assert due.claim(tx, NOON, "dead", timedelta(minutes=2))
        bury(context, "dead".__eq__)
    with ours.read() as tx:
        assert not due.claimable(tx, NOON)
    bury(context, "dead".__eq__)
    with ours.read() as tx:
        assert due.claimable(tx, NOON)
    for each in (busy, ours):
        each.dispose()
