"""A decision to the commit it was made for: into the ledger first, then to the forge, and only if it says what is new.

The check belongs to a commit. Where several open changes have one head, what is published is the worst of their
verdicts, under a lease on the commit, so that no order of events lets a better one stand last.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

import structlog

from bot import gate
from bot.forges.port import Check, CheckState, Published, Reading
from bot.gate.escape import code
from bot.model.change import Change
from bot.model.decision import Decision, Verdict
from bot.model.errors import SignoffError
from bot.model.ids import Sha
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service import listing, written
from bot.service import record as record_of
from bot.service.context import CommitTakenError, Context, LeaseLostError
from bot.service.figures import PUBLISH_FAILURES, PUBLISHED
from bot.store import ChangeRow, Tx, changes, due, heads, leases, ledger, memory, people, records

log = structlog.get_logger()

OPEN_RUN_LIFE = timedelta(days=13)
"""GitHub turns a check run that stays open for two weeks stale (documentation); ours is renewed before."""
LEASE = timedelta(seconds=30)
"""Longer than a request to a forge may take; a worker that died in the middle of one holds a commit for no longer."""
TAKEN_WAIT = timedelta(seconds=1)
MOST_GROUPS = 10
"""How many merge groups of a change are remembered, the newest ones."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision with the change and the reading it rests on. `change` may know more of its head than the reading.

    `proposals` are the rules that the change would make; `unread` are heads it left that were not looked at yet.
    """

    subject: Subject
    reading: Reading
    change: Change
    decision: Decision
    proposals: tuple[gate.Proposed, ...] = ()
    unread: int = 0


class Alive(Protocol):
    """Asks whether this worker still has what it works on; raises LeaseLostError if not."""

    @property
    def token(self) -> str:
        """Names this one run among all."""

    def __call__(self, tx: Tx | None = None) -> None:
        """Renew the lease, in a transaction of the caller's or in one of its own."""

    def still(self) -> None:
        """The same question right after a renewal, of the clock alone."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is published, and for whom. `owner` names this run: nobody else releases its lease."""

    context: Context
    subject: Subject
    repository: Repository
    sha: Sha
    owner: str
    base: str | None = None


def decision(context: Context, outcome: Outcome, alive: Alive) -> datetime | None:
    """Record a decision and publish it to its commit, unless what is published already says the same.

    Returns when to look whether it still stands, where the forge may take it back by itself.

    That this worker still has the change, and the commit's lease, are part of the transaction that records it.
    """
    now, subject, head = context.clock(), outcome.subject, outcome.decision.head
    place = Place(context, subject, outcome.reading.repository, head, alive.token, outcome.change.base)
    record = gate.as_record(outcome.decision)
    author = outcome.change.author
    with context.store.write() as tx:
        alive(tx)
        _hold(tx, place, now)
        before = changes.get(tx, subject)
        others = changes.with_head(tx, subject.forge, subject.repository, head, but=subject)
        if author.id is not None and author.login is not None:
            people.remember(tx, subject.forge, author.id, author.login, now)
        _wake_others(tx, outcome, before, others, now)
        witness = _enter(tx, outcome, record, before, now)
        check = _check(context, outcome, others, witness)
        changes.save(tx, _row(outcome, record, check, before, now))
        changes.ask(tx, subject, listing.asked(outcome.decision))
        for each in _shown_objections(outcome):
            memory.objection(tx, subject, each)
        written.keep(tx, subject, outcome.reading.published)
        known = _newest(tx, place, outcome.reading.published)
        needed = _differs(check, known, now)
        if not needed:
            _release(tx, place)
    if not needed:
        return None
    again = _put(place, check, None if _is_old(known, now) else known, alive).look_again
    return None if again is None else context.clock() + again


def withdrawn(context: Context, subject: Subject, reading: Reading, alive: Alive) -> None:
    """Take the success of a change that is open no more back, so that no other change finds it on its head."""
    text = "This change is open no more. A new change with this commit is decided on its own."
    check = _sealed(CheckState.WAITING, "The change is open no more; its sign-off is withdrawn", text, None)
    place = Place(context, subject, reading.repository, reading.change.head.sha, alive.token)
    with context.store.write() as tx:
        alive(tx)
        _hold(tx, place, context.clock())
        known = _newest(tx, place, reading.published)
    _put(place, check, known, alive)
    with context.store.write() as tx:
        ledger.append(tx, "withdrawn", subject.key, {"head": place.sha, "why": "open no more"}, context.clock())


def group(
    context: Context,
    subject: Subject,
    repository: Repository,
    failing: list[tuple[int, str]],
    alive: Alive,
) -> None:
    """Publish to a merge group's commit. `failing` are the changes that are not allowed, each with why in a line."""
    _, sha = subject.group
    if failing:
        names = ", ".join(f"#{number}" for number, _ in failing)
        lines = [f"- #{number}: {code(why)}" for number, why in failing]
        check = _sealed(CheckState.REFUSED, f"{names} may not be merged", "\n".join(lines), None)
    else:
        check = _sealed(CheckState.PASSED, "Every change of the group is allowed", "", None)
    known = context.forges[subject.forge].newest_check(repository, sha)
    body = {"sha": sha, "failing": [number for number, _ in failing], "state": check.state.value}
    _put_group(Place(context, subject, repository, sha, alive.token), check, known, body, alive)


def group_gone(context: Context, subject: Subject, repository: Repository, alive: Alive) -> None:
    """Fail a group's commit that the queue does not list, if its check was left open; GoneError if it has gone too.

    One that was decided is left as it is: it was merged, or thrown out, since.
    """
    _, sha = subject.group
    known = context.forges[subject.forge].newest_check(repository, sha)
    if known is not None and known.state is not CheckState.WAITING:
        return
    text = "Put its changes into the queue again: then every one of them is decided anew."
    check = _sealed(CheckState.REFUSED, "The merge queue does not list this group", text, None)
    body = {"sha": sha, "failing": [], "state": check.state.value}
    _put_group(Place(context, subject, repository, sha, alive.token), check, known, body, alive)


def _put_group(place: Place, check: Check, known: Published | None, body: Mapping[str, Any], alive: Alive) -> None:
    """Write a group's check, and that it was, unless it stands already."""
    context, now = place.context, place.context.clock()
    with context.store.write() as tx:
        alive(tx)
        _hold(tx, place, now)
        known = _newest(tx, place, known)
        needed = _differs(check, known, now)
        if not needed:
            _release(tx, place)
    if not needed:
        return
    _put(place, check, known, alive)
    with context.store.write() as tx:
        ledger.append(tx, "group", place.subject.key, body, now)


def remember_group(context: Context, group: Subject, numbers: Iterable[int]) -> None:
    """Remember which changes are in a merge group, so that it is decided again when one of them is not allowed."""
    with context.store.write() as tx:
        for number in numbers:
            name = _groups(Subject.change(group.forge, group.repository, number))
            known = [str(key) for key in records.get(tx, name) or ()]
            if group.key not in known:
                records.put(tx, name, [*known, group.key][-MOST_GROUPS:], context.clock())


# --- what is written where


def _wake_others(
    tx: Tx, outcome: Outcome, before: ChangeRow | None, beside: tuple[ChangeRow, ...], now: datetime
) -> None:
    """What this decision bears on: those `beside` it on its head, those on the head that it left, its groups."""
    subject, found = outcome.subject, outcome.decision
    if before is not None and before.head != found.head:
        left = changes.with_head(tx, subject.forge, subject.repository, before.head, but=subject)
        due.mark(tx, [row.subject for row in left], now)
    if before is None or before.verdict != found.verdict.value:  # where each change has a check of its own
        due.mark(tx, [row.subject for row in beside], now, wakes_parked=False)
    if found.verdict is not Verdict.ALLOW and (before is None or before.verdict == Verdict.ALLOW.value):
        groups = records.get(tx, _groups(subject)) or ()
        due.mark(tx, [Subject.parse(str(key)) for key in groups], now)


def _groups(subject: Subject) -> str:
    return f"groups/{subject.key}"


def _enter(tx: Tx, outcome: Outcome, record: Mapping[str, Any], before: ChangeRow | None, now: datetime) -> str:
    """Enter the decision in the ledger if it is another than the last one; the ledger's head hash either way."""
    if before is None or before.decision_digest != _digest_of(record):
        body = {"base": outcome.change.base, **record_of.of_decision(record, heads.patches(tx, outcome.subject))}
        ledger.append(tx, "decision", outcome.subject.key, body, now)
    return ledger.head(tx)[1]


def _check(context: Context, outcome: Outcome, others: tuple[ChangeRow, ...], witness: str) -> Check:
    """The check for the commit; its digest leaves the ledger's head out, which moves with every other change."""
    page = context.page_url(outcome.subject.key)
    beside = [_other(row) for row in others]
    text = gate.check_text(outcome.decision, outcome.change, page=page, others=beside, proposals=outcome.proposals)
    digest = _digest(text.state.value, text.title, text.summary)
    return Check(CheckState(text.state.value), text.title, text.witnessed(witness).summary, digest, page)


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
        **listing.columns(outcome.change, found, before, now),
    )


def _put(place: Place, check: Check, known: Published | None, alive: Alive) -> Published:
    """Write the check under the commit's lease, which is held already; what went wrong is on record until it lands."""
    context, of_change = place.context, place.subject.kind is SubjectKind.CHANGE
    try:
        alive.still()
        number = place.subject.number if of_change else None
        published = context.forges[place.subject.forge].publish(
            place.repository, place.sha, check, known, number, place.base
        )
    except LeaseLostError:
        raise
    except SignoffError as error:
        PUBLISH_FAILURES.inc()
        with context.store.write() as tx:
            if of_change:
                changes.not_published(tx, place.subject, str(error))
            _release(tx, place)
        raise
    with context.store.write() as tx:
        told = {"id": published.id, "state": published.state.value, "digest": published.digest}
        records.put(tx, _published(place), told, context.clock())
        if of_change:
            changes.published(tx, place.subject, place.sha, published.state.value, published.digest, published.id)
            written.keep(tx, place.subject, published)
        _release(tx, place)
    PUBLISHED.labels(check.state.value).inc()
    log.info("published", state=check.state.value, sha=place.sha, title=check.title)
    return published


def _newest(tx: Tx, place: Place, read: Published | None) -> Published | None:
    """Our newest check on a commit: what we wrote last, unless the reading shows a newer one.

    The reading was made before the commit's lease was held, so it may not show what another change wrote since. What
    it shows to be damaged is written anew in any case.
    """
    last = records.get(tx, _published(place))
    if last is None or read is None or not read.intact or int(last["id"]) < read.id:
        return read
    if read.id == last["id"] and last["state"] == CheckState.WAITING.value and read.state is CheckState.REFUSED:
        return read  # the forge ended it: a check that was left open for long is stale, and open no more
    started = read.started_at if read.id == last["id"] else None
    return Published(int(last["id"]), CheckState(last["state"]), str(last["digest"]), started)


def _published(place: Place) -> str:
    return f"published/{place.subject.forge}/{place.subject.repository}/{place.sha}"


def _differs(check: Check, published: Published | None, now: datetime) -> bool:
    if published is None or not published.intact:
        return True
    if published.digest != check.digest or published.state is not check.state:
        return True
    return _is_old(published, now)


def _is_old(published: Published | None, now: datetime) -> bool:
    """Whether an open run is about to turn stale, so that a new one must take its place."""
    if published is None or published.started_at is None or published.state is not CheckState.WAITING:
        return False
    return now - published.started_at > OPEN_RUN_LIFE


# --- the lease on a commit


def lease_name(forge: str, repository: int, sha: Sha) -> str:
    """The name of the lease under which checks are put on a commit."""
    return f"publish/{forge}/{repository}/{sha}"


def _name(place: Place) -> str:
    return lease_name(place.subject.forge, place.subject.repository, place.sha)


def _shown_objections(outcome: Outcome) -> Iterator[int]:
    """The objections that hold the change and are known to be no stranger's. Of one that only its delivery told of, or
    while a team cannot be read, nobody knows yet: it holds, and is not kept.
    """
    shown = {review.id for review in outcome.reading.change.reviews if review.may_push is not False}
    return (each.review for each in outcome.decision.objections if each.review in shown)


def _hold(tx: Tx, place: Place, now: datetime) -> None:
    if not leases.hold(tx, _name(place), place.owner, now, LEASE):
        raise CommitTakenError("another change publishes to the same commit right now", after=TAKEN_WAIT)


def _release(tx: Tx, place: Place) -> None:
    leases.release(tx, _name(place), place.owner)


# --- digests


def _sealed(state: CheckState, title: str, summary: str, page: str | None) -> Check:
    return Check(state, title, summary or title, _digest(state.value, title, summary), page)


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _digest_of(record: object) -> str:
    return _digest(repr(record))
