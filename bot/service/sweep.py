"""The sweep: marks open changes due that no webhook told of. All at start, then those that moved, and each one at least
once in a configured period. It evaluates nothing itself: there is no second path.
"""

import threading
from datetime import datetime, timedelta

import structlog

from bot.forges.port import OpenChange
from bot.model.errors import SignoffError
from bot.model.subject import Subject, SubjectKind
from bot.service.context import Context
from bot.store import changes, due, leases, records, repositories

log = structlog.get_logger()

FULL_SINCE = "sweep/full-since"
"""The instant since which every open change must have been evaluated (set at start and when the rules change)."""
RULES_IN_FORCE = "rules/in-force"


def start_over(context: Context) -> int:
    """Have every open change of every repository evaluated again; returns how many repositories were marked."""
    with context.store.write() as tx:
        records.put(tx, FULL_SINCE, context.clock().isoformat())
    return everything(context)


def everything(context: Context) -> int:
    """Mark every repository the bot is installed in, so that each is listed by a worker."""
    marked = 0
    for forge in context.forges.values():
        for found in forge.repositories():
            with context.store.write() as tx:
                repositories.upsert(tx, found)
                due.mark(tx, [Subject(forge.name, found.id, SubjectKind.REPOSITORY)], context.clock())
            marked += 1
    return marked


def installation(context: Context, subject: Subject) -> None:
    """Mark the repositories of one installation."""
    found = list(context.forges[subject.forge].repositories(int(subject.item)))
    with context.store.write() as tx:
        for repository in found:
            repositories.upsert(tx, repository)
        due.mark(tx, [Subject(subject.forge, each.id, SubjectKind.REPOSITORY) for each in found], context.clock())


def repository(context: Context, subject: Subject) -> None:
    """List a repository's open changes and mark those that moved, that are new, overdue, or open no more."""
    with context.store.read() as tx:
        found = repositories.get(tx, subject.forge, subject.repository)
    if found is None or not found.active:
        return
    listed = {entry.number: entry for entry in context.forges[subject.forge].open_changes(found)}
    now = context.clock()
    with context.store.write() as tx:
        since = records.get(tx, FULL_SINCE)
        before = max(now - context.recheck, datetime.fromisoformat(since) if since else now - context.recheck)
        known = changes.known(tx, subject.forge, subject.repository)
        numbers = {number for number, entry in listed.items() if _moved(entry, known.get(number), before)}
        numbers |= known.keys() - listed.keys()
        due.mark(
            tx,
            [Subject.change(subject.forge, subject.repository, number) for number in sorted(numbers)],
            now,
            background=True,
        )
    log.info("swept", repository=found.name, open=len(listed), marked=len(numbers))


def _moved(entry: OpenChange, known: changes.Known | None, before: datetime) -> bool:
    if known is None or known.decided_at is None:
        return True
    return entry.head != known.head or entry.updated_at > known.decided_at or known.decided_at < before


def rules_moved(context: Context) -> bool:
    """Mark every open change when other rules are in force than those it was decided by."""
    version = context.rulebook.current().version
    with context.store.write() as tx:
        if records.get(tx, RULES_IN_FORCE) == version:
            return False
        records.put(tx, RULES_IN_FORCE, version)
        due.mark(tx, changes.all_open(tx), context.clock(), background=True)
    log.info("rules_moved", version=version)
    return True


class Sweeper:
    """Runs the sweep in a thread: at start, then periodically; of several processes, one at a time."""

    def __init__(self, context: Context, period: timedelta, owner: str, wake: threading.Event) -> None:
        self._context = context
        self._period = period
        self._owner = owner
        self._wake = wake
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)

    def begin(self) -> None:
        """Start."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at the next pause."""
        self._over.set()
        self._thread.join(5)

    def _run(self) -> None:
        first = True
        swept_at: datetime | None = None
        while not self._over.is_set():
            now = self._context.clock()
            try:
                if rules_moved(self._context):
                    self._wake.set()
                if swept_at is None or now - swept_at >= self._period:
                    self._sweep(first=first)
                    first, swept_at = False, now
            except SignoffError as error:
                log.warning("sweep_failed", why=str(error))
                swept_at = now - self._period + min(self._period, timedelta(seconds=15))
            self._over.wait(min(1.0, self._period.total_seconds()))

    def _sweep(self, *, first: bool) -> None:
        """At start everything, whoever swept before; later one process a period, by a lease that is not given back."""
        context = self._context
        with context.store.write() as tx:
            mine = leases.hold(tx, "sweep", self._owner, context.clock(), self._period * 0.9)
        if not first and not mine:
            return
        marked = start_over(context) if first else everything(context)
        self._wake.set()
        log.info("sweep", repositories=marked, all_changes=first)
