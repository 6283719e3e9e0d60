"""What changed files hold, where the rules ask for the zone of what nobody can read in a diff.

Not every forge tells it with the change, and no request is spent where no requirement names the zone.
"""

from collections.abc import Mapping
from dataclasses import replace

from bot.model.change import File, FileKind, FileStatus
from bot.model.errors import GoneError
from bot.model.ids import Sha
from bot.model.policy import OPAQUE
from bot.service.task import Task
from bot.store import records


def filled(task: Task) -> Task:
    """The task with its files' kinds, asked for once for each head."""
    change, reading = task.reading.change, task.reading
    if reading.kinds or not change.files or not _asked(task):
        return task
    stand = [change.head.sha, reading.merge_base or ""]
    with task.context.store.read() as tx:
        kept = records.get(tx, _record(task))
    if kept is None or kept["stand"] != stand:
        kept = {"stand": stand, "kinds": {path: kind.value for path, kind in _fetch(task).items()}}
        with task.context.store.write() as tx:
            records.put(tx, _record(task), kept)
    kinds = {path: FileKind(word) for path, word in kept["kinds"].items()}
    files = tuple(replace(each, kind=kinds.get(each.path, FileKind.REGULAR)) for each in change.files)
    return replace(task, reading=replace(reading, change=replace(change, files=files), kinds=True))


def _asked(task: Task) -> bool:
    return any(OPAQUE in requirement.when.zones for requirement in task.rules.policy.requirements)


def _fetch(task: Task) -> Mapping[str, FileKind]:
    """At the head, and of what was removed at the merge base, if that can be told."""
    change, base = task.reading.change, task.reading.merge_base
    found = dict(_at(task, change.head.sha, [each for each in change.files if each.status is not FileStatus.REMOVED]))
    if base is not None:
        with_base = [each for each in change.files if each.status is FileStatus.REMOVED]
        found |= _at(task, base, with_base)
    return found


def _at(task: Task, sha: Sha, files: list[File]) -> Mapping[str, FileKind]:
    if not files:
        return {}
    try:
        return task.forge.fetch_kinds(task.reading.repository, sha, [each.path for each in files])
    except GoneError:  # a base that was lost tells nothing of what was removed; a lost head is read anew
        if sha == task.reading.change.head.sha:
            raise
        return {}


def _record(task: Task) -> str:
    return f"kinds/{task.subject.key}"
