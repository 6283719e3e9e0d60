"""Branches that moved: the open changes from them are to stand on the new commit soon, as deliveries of their own tell.

Where that delivery does not come nobody else would ring. So a little later it is looked, in the database alone, whether
every change that is known from the branch was read on its new commit; those that were not are looked at. Nothing is
asked of the forge where all is well, nor for branches that no open change is known from.
"""

from datetime import datetime, timedelta

from bot.model.event import TipSeen
from bot.model.ids import Sha
from bot.model.subject import Subject, SubjectKind
from bot.service.context import Context
from bot.store import ChangeRow, Tx, changes, due, records, sightings

SOONEST = timedelta(seconds=3)
"""A change's own delivery comes sooner, and its evaluation takes less."""
LONGEST = timedelta(minutes=1)
"""What is not shown on the new commit so long after is left to the sweep."""


def told(tx: Tx, forge: str, repository: int, seen: TipSeen, now: datetime) -> None:
    """Keep that a branch stands on a commit, as long as changes from it are known to stand elsewhere.

    Deliveries come in any order: a commit that the branch is known to have left is no news.
    """
    subject = Subject(forge, repository, SubjectKind.BRANCH, seen.branch)
    if sightings.has_left(tx, forge, repository, seen.branch, seen.sha) or not _behind(tx, subject, seen.sha):
        return
    kept = records.get(tx, _name(subject))
    if kept is None or kept["sha"] != seen.sha:
        records.put(tx, _name(subject), {"sha": seen.sha, "at": now.isoformat()}, now)
    due.mark_at(tx, subject, now + SOONEST)


def look(context: Context, subject: Subject) -> datetime | None:
    """Have the changes that were not read on the branch's commit looked at; when to look again whether they were."""
    now = context.clock()
    with context.store.write(durable=False) as tx:
        kept = records.get(tx, _name(subject))
        if kept is None:
            return None
        behind = _behind(tx, subject, Sha(kept["sha"]))
        due.mark(tx, [row.subject for row in behind], now, wakes_parked=False)
        since = now - datetime.fromisoformat(kept["at"])
        if not behind or since >= LONGEST:
            records.drop(tx, _name(subject), kept)
            return None
    return now + max(SOONEST, since)


def _behind(tx: Tx, subject: Subject, sha: Sha) -> tuple[ChangeRow, ...]:
    """The open changes known from a branch that were last read on another commit than this one."""
    known = changes.from_branch(tx, subject.forge, subject.repository, subject.item)
    return tuple(row for row in known if row.head != sha)


def _name(subject: Subject) -> str:
    return f"told/tip/{subject.key}"
