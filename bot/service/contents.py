"""Evidence inherited by content: a new change with what an AI-assisted one brought is as AI-assisted as that.

The ids of contents cost a request, so they are asked for only when a change without evidence looks like one that had
some: a file of the same path, or with as many added lines.
"""

from collections.abc import Mapping
from datetime import timedelta

from bot.forges.port import PatchQuestion
from bot.model.change import Change, FileStatus, Patch
from bot.model.errors import GoneError, TryAgainError
from bot.model.evidence import Evidence
from bot.model.ids import BlobId, Sha
from bot.service.task import Task
from bot.store import heads, memory, records

MOST_ROUNDS = 10
"""Requests that one evaluation spends on this; what they brought is kept, and the next evaluation goes on."""
NEXT_ROUND = timedelta(seconds=1)
SMALL_LINES = 1
"""A new file of no more lines is one that unrelated changes may share by chance; two lines may be real code."""


def files_of(change: Change) -> tuple[tuple[str, int], ...]:
    """The files with content of their own, as (path, added lines)."""
    return tuple((file.path, file.additions) for file in change.files if file.status is not FileStatus.REMOVED)


def _by_size(change: Change, known: Mapping[str, BlobId]) -> tuple[list[BlobId], list[tuple[str, BlobId]]]:
    """The contents of a change that count at any path, and the small ones, as (path, blob), that count at their own.

    Small is a new file of at most `SMALL_LINES`: as an edit of a larger file even one line makes a content like no
    other. Whoever would move a small file to have it forgotten could as well add a blank line to it.
    """
    small = {
        file.path for file in change.files if file.status is FileStatus.ADDED and 0 < file.additions <= SMALL_LINES
    }
    return (
        [blob for path, blob in known.items() if path not in small],
        [(path, blob) for path, blob in known.items() if path in small],
    )


def inherited(task: Task) -> tuple[Evidence, ...]:
    """Evidence of other changes that brought the same contents as this one."""
    change, files = task.reading.change, files_of(task.reading.change)
    for _ in range(MOST_ROUNDS):
        done, found = _round(task, files)
        if done:
            return found
    raise TryAgainError(f"contents like those of {change.name} are still being looked up", after=NEXT_ROUND)


def _round(task: Task, files: tuple[tuple[str, int], ...]) -> tuple[bool, tuple[Evidence, ...]]:
    """Look some of the heads up that this one looks like; whether that were all, and what is inherited then."""
    change = task.reading.change
    with task.context.store.read() as tx:
        if not memory.resembles(tx, task.subject, files):
            return True, ()
        unread = memory.alike(tx, task.subject, files)
        asked = [(each, heads.described(tx, each.subject, each.head)) for each in unread]
        known = records.get(tx, _name(task))
    questions = [
        PatchQuestion(each.head, change.base, facts.merge_base if facts else None, facts.paths if facts else ())
        for each, facts in asked
    ]
    if known is None:
        paths = tuple(path for path, _ in files)
        questions.append(PatchQuestion(change.head.sha, change.base, task.reading.merge_base, paths))
    blobs = _ask(task, questions)
    with task.context.store.write() as tx:
        for each in unread:
            memory.fulfil(tx, each, blobs.get(each.head, {}), task.now)
        if known is None:
            known = blobs.get(change.head.sha, {})
            records.put(tx, _name(task), known, task.now)
        blobs_of = _by_size(change, known)
        recalled = memory.recall(tx, task.subject, change.branch, change.author.id, (), *blobs_of)
    return not unread, recalled


def _ask(task: Task, questions: list[PatchQuestion]) -> dict[Sha, dict[str, BlobId]]:
    """The contents of each head by path; a head that the forge has lost has none."""
    if not questions:
        return {}
    try:
        found = task.forge.fetch_patches(task.reading.repository, questions)
    except GoneError:
        found = {each.head: one for each in questions for one in _alone(task, each)}
    return {
        head: {entry.path: BlobId(entry.new_blob) for entry in patch.entries if entry.new_blob}
        for head, patch in found.items()
    }


def _alone(task: Task, question: PatchQuestion) -> tuple[Patch, ...]:
    """One head asked for alone, where several together could not be answered; none if the forge has lost it."""
    try:
        return tuple(task.forge.fetch_patches(task.reading.repository, [question]).values())
    except GoneError:
        return ()


def _name(task: Task) -> str:
    return f"contents/{task.subject.key}/{task.reading.change.head.sha}"
