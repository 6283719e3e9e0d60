"""The sweep: marks open changes due that no webhook told of. All at start, then those that moved, and each one at least
once in a configured period. It evaluates nothing itself: there is no second path.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.forges.port import OpenChange
from bot.model.errors import SignoffError, TryAgainError
from bot.model.subject import ALL, Subject, SubjectKind
from bot.service import covering, downtime, membership, proof, rounds
from bot.service.context import Context
from bot.service.doorbell import Doorbell
from bot.service.moved import rules_moved
from bot.service.retention import prune
from bot.store import changes, due, leases, records, repositories

log = structlog.get_logger()

AGAIN = timedelta(seconds=15)
"""What could not be done is tried again after this, if the period is not shorter."""
SAME_MOMENT = timedelta(seconds=5)
"""A change decided so soon after it moved is looked at once more where the forge dates in whole seconds: what came
right after the reading may bear the same time."""
PRUNE_EVERY = timedelta(hours=6)
MOST_UNSHOWN = 10
"""How many changes of a repository one sweep has read because the listing does not show which check counts there."""
FULL_SINCE = "sweep/full-since"
"""The instant since which every open change must have been evaluated (set at start and when the rules change)."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many installations were marked, and why some forges could not be asked for theirs, by name."""

    marked: int
    missed: Mapping[str, str]


def start_over(context: Context) -> Swept:
    """Have every open change of every repository evaluated again."""
    with context.store.write() as tx:
        records.put(tx, FULL_SINCE, context.clock().isoformat())
    return everything(context)


def everything(context: Context, only: Collection[str] = ()) -> Swept:
    """Mark every installation, of all forges or `only` of some, so that a worker looks through each.

    No forge and no installation that cannot be read holds up another.
    """
    marked, missed = 0, dict[str, str]()
    for forge in context.forges.values():
        if only and forge.name not in only:
            continue
        try:
            found = [str(each) for each in forge.installations()]
        except SignoffError as error:
            log.warning("sweep_failed", forge=forge.name, why=str(error))
            missed[forge.name] = str(error)
            continue
        subjects = [Subject(forge.name, 0, SubjectKind.INSTALLATION, each) for each in found]
        with context.store.write() as tx:
            due.mark(tx, subjects, context.clock(), wakes_parked=False)
        marked += len(subjects)
    return Swept(marked, missed)


def installation(context: Context, subject: Subject) -> None:
    """Mark the repositories of one installation."""
    found = list(context.forges[subject.forge].repositories(int(subject.item)))
    with context.store.write() as tx:
        for repository in found:
            repositories.upsert(tx, repository)
        subjects = [Subject(subject.forge, each.id, SubjectKind.REPOSITORY) for each in found]
        due.mark(tx, subjects, context.clock(), wakes_parked=False)


def repository(context: Context, subject: Subject) -> None:
    """List a repository's open changes and mark those that moved, that are new, overdue, or open no more."""
    with context.store.read() as tx:
        found = repositories.get(tx, subject.forge, subject.repository)
    if found is None or not found.active:
        return
    if context.rulebook.reads(found):
        context.rulebook.refresh()
    covering.look(context, context.rulebook.current().policy, found)
    listed = {entry.number: entry for entry in context.forges[subject.forge].open_changes(found)}
    now = context.clock()
    with context.store.write() as tx:
        since = records.get(tx, FULL_SINCE)
        before = max(now - context.recheck, datetime.fromisoformat(since) if since else now - context.recheck)
        known = changes.known(tx, subject.forge, subject.repository)
        all_of_them = subject.item == ALL
        numbers = {
            number for number, entry in listed.items() if all_of_them or _moved(entry, known.get(number), before)
        }
        numbers |= known.keys() - listed.keys()
        numbers |= _unshown(listed, known)
        if rounds.due_for(tx, context, found, datetime.fromisoformat(since) if since else None):
            round_ = Subject(subject.forge, subject.repository, SubjectKind.WATCH)
            due.mark(tx, [round_], now, background=True)
        due.mark(
            tx,
            [Subject.change(subject.forge, subject.repository, number) for number in sorted(numbers)],
            now,
            background=True,
        )
    log.info("swept", repository=found.name, open=len(listed), marked=len(numbers))
    membership.look(context, found)


def _moved(entry: OpenChange, known: changes.Known | None, before: datetime) -> bool:
    if known is None or known.decided_at is None:
        return True
    hidden = entry.mark is not None and known.published_id is not None and entry.mark != known.published_id
    at_once = entry.updated_at.microsecond == 0 and known.decided_at - entry.updated_at < SAME_MOMENT
    moved = entry.head != known.head or entry.updated_at != known.updated_at
    return hidden or moved or at_once or known.decided_at < before


def _unshown(listed: Mapping[int, OpenChange], known: Mapping[int, changes.Known]) -> set[int]:
    """Those whose check others can hide and of which the listing does not tell it: some of them, in rotation."""
    decided = {number: known[number].decided_at for number in listed.keys() & known.keys()}
    untold = [(at, number) for number, at in decided.items() if at and _is_untold(listed[number])]
    return {number for _, number in sorted(untold)[:MOST_UNSHOWN]}


def _is_untold(entry: OpenChange) -> bool:
    return entry.forgeable and entry.mark is None


def _probe(context: Context, now: datetime, period: timedelta) -> None:
    """Give what is parked one try now and then: what looks for changes each period, a change once in `recheck`."""
    with context.store.write() as tx:
        due.probe(tx, now, now - period, (SubjectKind.INSTALLATION, SubjectKind.REPOSITORY))
        due.probe(tx, now, now - context.recheck)


class Sweeper:
    """Runs the sweep in a thread: at start, then periodically; of several processes, one at a time."""

    def __init__(self, context: Context, period: timedelta, owner: str, bell: Doorbell) -> None:
        self._context = context
        self._period = period
        self._owner = owner
        self._bell = bell
        self._over = threading.Event()
        self._look_at: datetime | None = None
        self._prune_at: datetime | None = None
        self._missed: frozenset[str] = frozenset()
        self._missed_at: datetime | None = None
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def begin(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at the next pause."""
        self._over.set()
        self._thread.join(5)
        try:
            downtime.beat(self._context)
            downtime.event(self._context, "stop", self._owner)
        except SignoffError as error:
            log.warning("stop_not_recorded", why=str(error))

    def _run(self) -> None:
        first = True
        beaten_at: datetime | None = None
        swept_at: datetime | None = None
        while not self._over.is_set():
            now = self._context.clock()
            try:
                if beaten_at is None or now - beaten_at >= downtime.BEAT:
                    downtime.beat(self._context, starting=beaten_at is None)
                    if beaten_at is None:
                        downtime.event(self._context, "start", self._owner)
                    beaten_at = now
                self._look(now)
                if rules_moved(self._context):
                    self._bell.ring()
                if swept_at is None or now - swept_at >= self._period:
                    self._sweep(first=first)
                    first, swept_at = False, now
                elif self._missed_at is not None and now >= self._missed_at:
                    self._keep(everything(self._context, self._missed))
            except SignoffError as error:
                log.warning("sweep_failed", why=str(error))
                swept_at = now - self._period + min(self._period, AGAIN)
            except Exception:
                log.exception("sweep_broke")
                swept_at = now - self._period + min(self._period, AGAIN)
            self._over.wait(min(1.0, self._period.total_seconds()))

    def _look(self, now: datetime) -> None:
        """Look for newer rules once a period; if they cannot be reached, the sweep goes on without."""
        if self._look_at is not None and now < self._look_at:
            return
        self._look_at = now + self._period
        try:
            self._context.rulebook.refresh()
        except TryAgainError as error:
            self._look_at = now + min(self._period, AGAIN)
            log.warning("rules_not_reached", why=str(error), in_force=self._context.rulebook.current().version)

    def _sweep(self, *, first: bool) -> None:
        """At start everything, whoever swept before; later one process a period, by a lease that is not given back."""
        context, now = self._context, self._context.clock()
        with context.store.write() as tx:
            if first:  # what is held may be of a process that is gone, for a period that was longer
                leases.take(tx, "sweep", self._owner, now, self._period * 0.9)
            elif not leases.hold(tx, "sweep", self._owner, now, self._period * 0.9):
                return
        _probe(context, now, self._period)
        if self._prune_at is None or now >= self._prune_at:
            prune(context)
            self._prune_at = now + PRUNE_EVERY
        swept = start_over(context) if first else everything(context)
        self._keep(swept)
        log.info("sweep", installations=swept.marked, all_changes=first)
        proof.look(context)

    def _keep(self, swept: Swept) -> None:
        """Forges that could not be asked are asked again soon; the others are left alone until their time comes."""
        self._missed = frozenset(swept.missed)
        self._missed_at = self._context.clock() + min(self._period, AGAIN) if swept.missed else None
        self._bell.ring()
