"""Changes that were merged: whether they were allowed, and whether what was found since would have kept them out.

What counts is how a change stood when it was merged: reviews and commands that came later allowed nothing.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot import detect, gate
from bot.model.change import ReviewState
from bot.model.decision import Decision, Verdict
from bot.model.evidence import Evidence
from bot.model.policy import Mode
from bot.service import recollect, watch
from bot.service.covering import Cover
from bot.service.downtime import spans
from bot.service.task import Task
from bot.store import ChangeRow, findings
from bot.store.changes import OPEN
from bot.store.findings import FindingKind, NewFinding

CLOCKS = timedelta(seconds=30)
"""How far the forge's clock, which dates a merge in whole seconds, and ours may be apart."""


def look(task: Task, before: ChangeRow | None, cover: Cover) -> None:
    """Look at a merged change. `before` is how it was last decided while it was open, None if it never was; `cover`
    what it is judged by, whatever its repository is called since.
    """
    change, policy = cover.judged(task.reading.change), task.rules.policy
    task = replace(task, reading=replace(task.reading, change=change))
    if gate.mode_of(policy, change.repository) is not Mode.ENFORCE:
        return
    if not gate.is_guarded(policy, change.base, change.default_branch) or _known(task):
        return
    if before is None or before.verdict is None or not _as_it_was(task, before):
        _unseen(task, before)
    elif before.verdict != Verdict.ALLOW.value:
        _keep(task, FindingKind.MERGED, {"verdict": before.verdict, **_window(task, before)})
    else:
        _late(task, before)


def _as_it_was(task: Task, before: ChangeRow) -> bool:
    """Whether what was decided last is what was merged, so that its verdict tells.

    What was held for its branch alone tells nothing, and neither does an approval of the gate that somebody objected to
    before the merge. That is looked at once, right after the merge: later nobody can tell what a review was then.
    """
    change, at = task.reading.change, task.reading.merged_at or task.now
    if before.head != change.head.sha or before.base != change.base:
        return False
    if before.decision is not None and not before.decision["guarded"]:
        return False
    asked = (each for each in change.reviews if each.state is ReviewState.CHANGES_REQUESTED)
    objected = before.state == OPEN and any(each.submitted_at <= at for each in asked)
    return not (objected and before.verdict == Verdict.ALLOW.value)


def _known(task: Task) -> bool:
    with task.context.store.read() as tx:
        about, number = (task.subject.forge, task.subject.repository), task.subject.number
        listed = findings.page(tx, closed=True, repository=about, number=number)
    return any(each.kind in {FindingKind.MERGED, FindingKind.LATE} for each in listed)


def _unseen(task: Task, before: ChangeRow | None) -> None:
    """It was merged as we never decided it, while we were away or had not looked yet."""
    found = _as_of_merge(task)
    if found.verdict is not Verdict.ALLOW:
        asked = [each.name for each in found.requirements if not each.met]
        body = {"verdict": "unseen", "decided_now": found.verdict.value, "open": asked, **_window(task, before)}
        _keep(task, FindingKind.MERGED, body)


def _late(task: Task, before: ChangeRow) -> None:
    """It was allowed; evidence that came after the merge may say that it should not have been."""
    fresh = _fresh(task, before)
    if not fresh:
        return
    found = _as_of_merge(task)
    if found.verdict is not Verdict.ALLOW:
        body = {"evidence": [each.key for each in fresh], "tools": sorted({each.tool for each in fresh})}
        asked = [each.name for each in found.requirements if not each.met]
        _keep(task, FindingKind.LATE, body | {"open": asked, **_window(task, before)})


def _fresh(task: Task, before: ChangeRow) -> tuple[Evidence, ...]:
    """What is found now and counts, and was not known when the change was allowed."""
    if before.decision is None:
        return ()
    wanted = task.rules.policy.detection
    known = {each["key"] for each in before.decision["evidence"]}
    counted = detect.counting(detect.examine(task.reading.change, wanted), wanted)
    return tuple(each for each in counted if each.key not in known)


def _as_of_merge(task: Task) -> Decision:
    """The decision that was due when it was merged, with the evidence known now and the reviews known then.

    That it landed meanwhile is no part of it, or its own commits would be above suspicion.
    """
    reading = task.reading
    at = reading.merged_at or task.now
    reviews = tuple(each for each in reading.change.reviews if each.submitted_at <= at)
    reading = replace(reading, change=replace(reading.change, reviews=reviews), comments=())
    known = recollect.gather(replace(task, reading=reading))
    while known.memory.unread:  # there is no check that waits: what is found must be known before it is told
        known = recollect.gather(replace(task, reading=reading))
    memory = replace(
        known.memory,
        sightings=tuple(each for each in known.memory.sightings if each.at <= at),
        overrides=tuple(each for each in known.memory.overrides if each.at <= at),
        clearances=tuple(each for each in known.memory.clearances if each.at <= at),
        landed=frozenset() if reading.change.head.sha in known.memory.landed else known.memory.landed,
    )
    return gate.decide(known.change, known.evidence, memory, task.rules.policy, task.rules.roster, at)


def _window(task: Task, before: ChangeRow | None) -> dict[str, Any]:
    """When it happened, between which looks of ours, and whether we were away then. By account id."""
    reading = task.reading
    at = reading.merged_at or task.now
    with task.context.store.read() as tx:
        away = [[_text(since), _text(until)] for since, until in spans(tx) if since - CLOCKS <= at <= until + CLOCKS]
    return {
        "base": reading.change.base,
        "head": reading.change.head.sha,
        "merge": reading.merge.sha if reading.merge else None,
        "merged_at": _text(at),
        "merged_by": reading.merged_by.id if reading.merged_by else None,
        "last_decided_at": _text(before.decided_at) if before is not None and before.decided_at else None,
        "found_at": _text(task.now),
        "away": away,
    }


def _keep(task: Task, kind: FindingKind, body: dict[str, Any]) -> None:
    subject, head = task.subject, task.reading.change.head.sha
    new = NewFinding(subject.forge, subject.repository, kind, str(subject.number), body, subject.number, head)
    with task.context.store.write() as tx:
        watch.found(tx, new, task.now)


def _text(at: datetime) -> str:
    return at.isoformat()
