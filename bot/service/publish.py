"""A decision to the commit it was made for: into the ledger first, then to the forge, and only if it says what is new.

The check belongs to a commit. Where several open changes have one head, what is published is the worst of their
verdicts, under a lease on the commit, so that no order of events lets a better one stand last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog

from bot import gate
from bot.forges.port import Check, CheckState, Published, Reading
from bot.gate.escape import code
from bot.model.change import Change
from bot.model.decision import Decision, Verdict
from bot.model.errors import SignoffError
from bot.model.ids import Sha
from bot.model.subject import Repository, Subject
from bot.service import record as record_of
from bot.service.context import CommitTakenError, Context
from bot.service.figures import PUBLISH_FAILURES, PUBLISHED
from bot.store import ChangeRow, Tx, changes, due, leases, ledger, people

log = structlog.get_logger()

OPEN_RUN_LIFE = timedelta(days=13)
"""GitHub turns a check run that stays open for two weeks stale (documentation); ours is renewed before."""
LEASE = timedelta(seconds=60)
TAKEN_WAIT = timedelta(milliseconds=300)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision with the change and the reading it rests on. `change` may know more of its head than the reading."""

    subject: Subject
    reading: Reading
    change: Change
    decision: Decision


def decision(context: Context, outcome: Outcome, alive: Callable[[], None]) -> None:
    """Record a decision and publish it to its commit, unless what is published already says the same."""
    now, subject, head = context.clock(), outcome.subject, outcome.decision.head
    record = gate.as_record(outcome.decision)
    with context.store.write() as tx:
        _hold(tx, subject, head, now)
        before = changes.get(tx, subject)
        others = changes.with_head(tx, subject.forge, subject.repository, head, but=subject)
        author = outcome.change.author
        if author.id is not None and author.login is not None:
            people.remember(tx, subject.forge, author.id, author.login, now)
        witness = _enter(tx, outcome, record, before, now)
        check = _check(context, outcome, others, witness)
        changes.save(tx, _row(outcome, record, check, before, now))
        needed = _differs(check, outcome.reading.published, now)
        if not needed:
            _release(tx, subject, head)
    if needed:
        _put(context, subject, outcome.reading.repository, head, check, outcome.reading.published, alive)


def withdrawn(context: Context, subject: Subject, reading: Reading, alive: Callable[[], None]) -> None:
    """Take the success of a closed change back, so that no other change finds it on its head."""
    text = "This change was closed. A new change with this commit is decided on its own."
    check = _sealed(CheckState.WAITING, "The change was closed; its sign-off is withdrawn", text, None)
    head = reading.change.head.sha
    with context.store.write() as tx:
        _hold(tx, subject, head, context.clock())
        ledger.append(tx, "withdrawn", subject.key, {"head": head, "why": "closed"}, context.clock())
    _put(context, subject, reading.repository, head, check, reading.published, alive)


def group(
    context: Context,
    subject: Subject,
    repository: Repository,
    failing: list[tuple[int, Decision]],
    alive: Callable[[], None],
) -> None:
    """Publish to a merge group's commit. `failing` are the changes that are not allowed, with their decisions."""
    _, sha = subject.group
    if failing:
        names = ", ".join(f"#{number}" for number, _ in failing)
        lines = [f"- #{number}: {code(held.title)}" for number, held in failing]
        check = _sealed(CheckState.REFUSED, f"{names} may not be merged", "\n".join(lines), None)
    else:
        check = _sealed(CheckState.PASSED, "Every change of the group is allowed", "", None)
    known = context.forges[subject.forge].newest_check(repository, sha)
    now = context.clock()
    with context.store.write() as tx:
        _hold(tx, subject, sha, now)
        body = {"sha": sha, "failing": [number for number, _ in failing], "state": check.state.value}
        ledger.append(tx, "group", subject.key, body, now)
    if _differs(check, known, now):
        _put(context, subject, repository, sha, check, known, alive)


# --- what is written where


def _enter(tx: Tx, outcome: Outcome, record: Mapping[str, Any], before: ChangeRow | None, now: datetime) -> str:
    """Enter the decision in the ledger if it is another than the last one; the ledger's head hash either way."""
    subject, head = outcome.subject, outcome.decision.head
    if before is None or before.decision_digest != _digest_of(record):
        body = {"base": outcome.change.base, **record_of.of_decision(record)}
        ledger.append(tx, "decision", subject.key, body, now)
    if before is not None and before.head != head:
        left = changes.with_head(tx, subject.forge, subject.repository, before.head, but=subject)
        due.mark(tx, [row.subject for row in left], now)
    return ledger.head(tx)[1]


def _check(context: Context, outcome: Outcome, others: tuple[ChangeRow, ...], witness: str) -> Check:
    """The check for the commit; its digest leaves the ledger's head out, which moves with every other change."""
    page = context.page_url(outcome.subject.key)
    beside = [_other(row) for row in others]
    text = gate.check_text(outcome.decision, outcome.change, page=page, ledger_head=witness, others=beside)
    steady = gate.check_text(outcome.decision, outcome.change, page=page, others=beside)
    digest = _digest(text.state.value, steady.title, steady.summary)
    return Check(CheckState(text.state.value), text.title, text.summary, digest, page)


def _other(row: ChangeRow) -> gate.Other:
    """How another open change on the same head stood when it was last decided."""
    verdict = Verdict(row.verdict) if row.verdict else Verdict.UNKNOWN
    refused = row.published_state == CheckState.REFUSED.value
    return gate.Other(f"#{row.subject.number}", verdict, row.check_title or "not decided yet", refused)


def _row(
    outcome: Outcome, record: Mapping[str, Any], check: Check, before: ChangeRow | None, now: datetime
) -> ChangeRow:
    reading, found, published = outcome.reading, outcome.decision, outcome.reading.published
    since = before.waiting_since if before is not None and before.waiting_since is not None else now
    return ChangeRow(
        subject=outcome.subject,
        name=reading.repository.name,
        title=outcome.change.title,
        author=outcome.change.author,
        url=reading.url,
        state=reading.lifecycle.value,
        head=found.head,
        base=outcome.change.base,
        updated_at=reading.updated_at,
        verdict=found.verdict.value,
        ai_class=found.ai_class.value,
        check_title=check.title,
        decided_at=now,
        waiting_since=None if found.verdict is Verdict.ALLOW else since,
        decision_digest=_digest_of(record),
        published_state=published.state.value if published else None,
        published_digest=published.digest if published else None,
        published_id=published.id if published else None,
        published_sha=found.head if published else None,
        decision=record,
    )


def _put(  # noqa: PLR0913, PLR0917  where, what, instead of what, and whether it may
    context: Context,
    subject: Subject,
    repository: Repository,
    sha: Sha,
    check: Check,
    known: Published | None,
    alive: Callable[[], None],
) -> None:
    """Write the check under the commit's lease, which is held already; what went wrong is on record until it lands."""
    try:
        alive()
        published = context.forges[subject.forge].publish(repository, sha, check, known)
    except SignoffError as error:
        PUBLISH_FAILURES.inc()
        with context.store.write() as tx:
            changes.not_published(tx, subject, str(error))
            _release(tx, subject, sha)
        raise
    with context.store.write() as tx:
        changes.published(tx, subject, sha, published.state.value, published.digest, published.id)
        _release(tx, subject, sha)
    PUBLISHED.labels(check.state.value).inc()
    log.info("published", state=check.state.value, sha=sha, title=check.title)


def _differs(check: Check, published: Published | None, now: datetime) -> bool:
    if published is None or published.digest != check.digest or published.state is not check.state:
        return True
    old = published.started_at is not None and now - published.started_at > OPEN_RUN_LIFE
    return old and check.state is CheckState.WAITING


# --- the lease on a commit


def _name(subject: Subject, sha: Sha) -> str:
    return f"publish/{subject.forge}/{subject.repository}/{sha}"


def _hold(tx: Tx, subject: Subject, sha: Sha, now: datetime) -> None:
    if not leases.hold(tx, _name(subject, sha), subject.key, now, LEASE):
        raise CommitTakenError("another change publishes to the same commit right now", after=TAKEN_WAIT)


def _release(tx: Tx, subject: Subject, sha: Sha) -> None:
    leases.release(tx, _name(subject, sha), subject.key)


# --- digests


def _sealed(state: CheckState, title: str, summary: str, page: str | None) -> Check:
    return Check(state, title, summary or title, _digest(state.value, title, summary), page)


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _digest_of(record: object) -> str:
    return _digest(repr(record))
