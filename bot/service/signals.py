"""Everything of a change that AI evidence can stand in, examined: what it shows now, and what it showed before.

Before: the commits of heads that it left, and the bodies that were edited away. The git-ai notes of all its commits are
asked for only where the repository has some and something new may stand in them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import detect
from bot.model.change import Change, Commit
from bot.model.evidence import Evidence
from bot.model.ids import Sha
from bot.service.task import Task
from bot.store import Tx, records

BODY = "body"
"""How the place of a finding in the body begins."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Evidence the change shows `now` and evidence it showed `before`. `notes_read`: the notes and head looked at."""

    now: tuple[Evidence, ...]
    before: tuple[Evidence, ...]
    notes_read: tuple[Sha, Sha] | None = None


def examine(task: Task, left: Sequence[Commit]) -> Signals:
    """Examine a change with the commits of the heads it left; one request more where there are notes to read."""
    change, rules = task.reading.change, task.rules.policy.detection
    notes_read, notes = _notes(task, left)
    now = detect.examine(change, rules, notes)
    gone = detect.examine(replace(_bare(change), commits=tuple(left)), rules, notes) if left else ()
    return Signals(now, (*gone, *_edited_away(task)), notes_read)


def keep(tx: Tx, task: Task, signals: Signals) -> None:
    """Remember which notes were read, so that they are not asked for again."""
    if signals.notes_read is not None:
        records.put(tx, _record(task), list(signals.notes_read))


def _bare(change: Change) -> Change:
    """The change without what it says of itself, which is looked at elsewhere."""
    return replace(change, commits=(), title="", body="", branch="", labels=(), label_events=())


def _edited_away(task: Task) -> Iterable[Evidence]:
    """What stood in bodies that were edited since, placed by when they went."""
    change, rules = task.reading.change, task.rules.policy.detection
    for old in task.reading.former_bodies:
        until = f"until it was edited on {old.until:%Y-%m-%d %H:%M} UTC" if old.until else "before it was edited"
        found = detect.examine(replace(_bare(change), body=old.text), rules)
        yield from (replace(each, where=f"{each.where}, {until}") for each in found if each.where.startswith(BODY))


def _notes(task: Task, left: Sequence[Commit]) -> tuple[tuple[Sha, Sha] | None, Mapping[Sha, str]]:
    """The notes of all commits, unless they were read at this head. A note gone or rewritten undoes no evidence."""
    notes, change = task.reading.notes, task.reading.change
    if notes is None:
        return None, {}
    stand = (notes, change.head.sha)
    with task.context.store.read() as tx:
        if records.get(tx, _record(task)) == list(stand) and not left:
            return None, {}
    shas = list(dict.fromkeys(commit.sha for commit in (*change.commits, *left)))
    return stand, task.forge.fetch_notes(task.reading.repository, notes, shas)


def _record(task: Task) -> str:
    return f"notes/{task.subject.key}"
