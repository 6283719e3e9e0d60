"""Workers: claim what is due, evaluate it, and give it back done or due again.

A worker that was silent past its lease publishes nothing. Failures wait longer each time, a rate limit pauses all that
shares the credentials, and what fails too often is parked with an alarm instead of being lost.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import structlog

from bot.model.errors import GoneError, NeedsSomebodyError, SignoffError, TryAgainError
from bot.model.subject import SubjectKind
from bot.service import rounds, sweep, tips
from bot.service.context import CommitTakenError, Context, LeaseLostError
from bot.service.doorbell import Doorbell
from bot.service.evaluate import Evaluator
from bot.service.figures import DURATION, EVALUATIONS, LAG, PARKED
from bot.store import Claim, Tx, due, leases, repositories

log = structlog.get_logger()

POLL = 0.5
"""Seconds between looks at the due-set when nothing woke the worker: another process may have marked something."""
LONG_POLL = 5.0
"""The same for the workers of a process of which another one is on the lookout."""
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
GONE_TRIES = 3
GONE_WAIT = timedelta(seconds=3)
SOMEBODY_WAIT = timedelta(minutes=10)
"""A person must act: trying again much sooner is of no use, never trying again would not notice that they did."""
FIRST_SOMEBODY_WAIT = timedelta(seconds=10)
"""The first such wait is shorter: it may be the forge's own passing trouble, or be under repair already."""


@dataclass
class Worker:
    """One thread's work. `owner` is unique among all workers of all processes."""

    context: Context
    owner: str
    bell: Doorbell
    stopping: threading.Event = field(default_factory=threading.Event)
    lookout: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Work until told to stop; a fault of ours is logged and does not end the worker."""
        while not self.stopping.is_set():
            try:
                worked = self.once()
            except SignoffError as error:
                log.warning("worker_waits", owner=self.owner, why=str(error))
                worked = False
            except Exception:
                log.exception("worker_broke", owner=self.owner)
                worked = False
            if not worked:
                self._rest()

    def _rest(self) -> None:
        """Wait to be woken, or for a while: of the workers of a process, one looks often."""
        looks = self.lookout.acquire(blocking=False)
        try:
            self.bell.listen(POLL if looks else LONG_POLL)
        finally:
            if looks:
                self.lookout.release()

    def once(self) -> bool:
        """Evaluate one due subject; False when none was due."""
        self.bell.lull()
        now = self.context.clock()
        with self.context.store.read() as tx:  # most looks find nothing, and must keep no writer waiting
            if not due.claimable(tx, now):
                return False
        with self.context.store.write(durable=False) as tx:
            claim = due.claim(tx, now, self.owner, self.context.lease)
        if claim is None:
            return False
        self.bell.ring()  # there may be more, and somebody else is to be on the lookout
        LAG.observe(max(0.0, (now - claim.first_marked_at).total_seconds()))
        with (
            structlog.contextvars.bound_contextvars(subject=claim.subject.key),
            _Heartbeat(self.context, claim) as alive,
        ):
            self._run(claim, alive)
        return True

    def _run(self, claim: Claim, alive: "_Heartbeat") -> None:
        started = time.monotonic()
        try:
            again_at = self._evaluate(claim, alive)
        except LeaseLostError:
            log.warning("lease_lost", owner=self.owner)
            EVALUATIONS.labels("lease_lost").inc()
        except GoneError as error:
            log.info("gone", why=str(error), attempts=claim.attempts)
            if claim.attempts < GONE_TRIES:  # what is new may not be there for every server of the forge yet
                self._fail(claim, error, GONE_WAIT)
            else:
                self._finish(claim, None, "gone")
        except TryAgainError as error:
            if error.shared or isinstance(error, CommitTakenError):
                self._wait(claim, error)
            else:
                self._fail(claim, error, error.after)
        except NeedsSomebodyError as error:
            self._fail(claim, error, min(FIRST_SOMEBODY_WAIT * 4.0 ** min(claim.attempts - 1, 9), SOMEBODY_WAIT))
        except Exception as error:  # a fault of ours must not lose the change nor stop the worker
            log.exception("evaluation_broke")
            self._fail(claim, TryAgainError(f"{type(error).__name__}: {error}"), None)
        else:
            self._finish(claim, again_at, "done")
        DURATION.observe(time.monotonic() - started)

    def _evaluate(self, claim: Claim, alive: "_Heartbeat") -> datetime | None:
        evaluator = Evaluator(self.context)
        match claim.subject.kind:
            case SubjectKind.CHANGE:
                return evaluator.change(claim.subject, alive)
            case SubjectKind.GROUP:
                return evaluator.group(claim.subject, alive, last=claim.attempts >= GONE_TRIES)
            case SubjectKind.REPOSITORY:
                sweep.repository(self.context, claim.subject)
            case SubjectKind.WATCH:
                rounds.look(self.context, claim.subject)
            case SubjectKind.BRANCH:
                return tips.look(self.context, claim.subject)
            case SubjectKind.INSTALLATION:
                sweep.installation(self.context, claim.subject)
        return None

    def _finish(self, claim: Claim, again_at: datetime | None, outcome: str) -> None:
        with self.context.store.write(durable=False) as tx:  # undone, it is evaluated once more
            kept = due.finish(tx, claim, self.context.clock(), again_at)
        EVALUATIONS.labels(outcome if kept else "lease_lost").inc()

    def _fail(self, claim: Claim, error: SignoffError, after: timedelta | None) -> None:
        now = self.context.clock()
        wait = after if after is not None else backoff(claim.attempts)
        with self.context.store.write() as tx:
            parked = due.fail(tx, claim, now, now + wait, str(error), self.context.poison_cap)
        EVALUATIONS.labels("parked" if parked else "failed").inc()
        if parked:
            PARKED.labels(claim.subject.kind.value).inc()
        logged = log.error if parked else log.warning
        logged("parked" if parked else "again_later", why=str(error), seconds=round(wait.total_seconds(), 1))

    def _wait(self, claim: Claim, error: TryAgainError) -> None:
        """Not this change's fault: due again when the wait is over, which a rate limit imposes on all of its scope."""
        now = self.context.clock()
        until = now + (error.after or FIRST_WAIT)
        with self.context.store.write() as tx:
            if error.shared:
                repository = repositories.get(tx, claim.subject.forge, claim.subject.repository)
                scope = repository.scope if repository else f"{claim.subject.forge}/{claim.subject.item}"
                due.pause(tx, scope, until)
            due.defer(tx, claim, now, until)
        EVALUATIONS.labels("waiting").inc()
        log.warning("waiting", why=str(error), until=until.isoformat())


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures in a row: doubling, at most a quarter of an hour, with jitter."""
    whole = min(FIRST_WAIT * 2.0 ** min(attempts, 20), LONGEST_WAIT)
    return whole * random.uniform(0.5, 1.0)  # noqa: S311  spread, not secrecy


class _Heartbeat:
    """Renews a claim's lease while it is worked on; called, it raises LeaseLostError if the lease does not hold."""

    def __init__(self, context: Context, claim: Claim) -> None:
        self._context = context
        self._claim = claim
        self._until = context.clock()
        self._over = threading.Event()
        self._thread: threading.Timer | None = None

    def __enter__(self) -> Self:
        self._arm()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.cancel()

    def _arm(self) -> None:
        self._thread = threading.Timer(self._context.lease.total_seconds() / 3, self._beat)
        self._thread.daemon = True
        self._thread.start()

    def _beat(self) -> None:
        if self._over.is_set():
            return
        try:
            if self._renew():
                self._arm()
        except TryAgainError:
            self._arm()

    def _renew(self) -> bool:
        with self._context.store.write() as tx:
            return self._renewed(tx)

    def _renewed(self, tx: Tx) -> bool:
        now = self._context.clock()
        held = due.renew(tx, self._claim, now, self._context.lease)
        if held:
            self._until = now + self._context.lease
        return held

    @property
    def token(self) -> str:
        """See `Claim.name`."""
        return self._claim.name

    def __call__(self, tx: Tx | None = None) -> None:
        """Renew, in the caller's transaction or in one of its own; LeaseLostError if another has the subject."""
        if not (self._renew() if tx is None else self._renewed(tx)):
            raise LeaseLostError(f"{self._claim.subject.key} is another worker's now")

    def still(self) -> None:
        """LeaseLostError when the lease has ended since it was last renewed; nothing is written."""
        if self._context.clock() >= self._until:
            raise LeaseLostError(f"{self._claim.subject.key} was held for too long")


def bury(context: Context, is_dead: Callable[[str], bool]) -> None:
    """Go on at once with what workers had in hand who are known to be dead, instead of when their leases end.

    A database that is busy is no reason not to start: the leases end by themselves.
    """
    try:
        with context.store.write() as tx:
            left = due.lapse(tx, is_dead, context.clock())
            for claim in left:
                leases.release_all(tx, claim.name)
    except TryAgainError as error:
        log.warning("not_taken_over", why=str(error))
        return
    if left:
        log.warning("taken_over", claims=len(left), owners=sorted({claim.owner for claim in left}))


def start(context: Context, count: int, bell: Doorbell, name: str) -> "Crew":
    """The workers of this process, `count` of them; they work from `Crew.begin` on."""
    stopping, lookout = threading.Event(), threading.Lock()
    workers = [Worker(context, f"{name}/{index}", bell, stopping, lookout) for index in range(count)]
    threads = [threading.Thread(target=worker.run, name=worker.owner, daemon=True) for worker in workers]
    return Crew(context, workers, threads, stopping, bell)


@dataclass
class Crew:
    """The workers of this process."""

    context: Context
    workers: list[Worker]
    threads: list[threading.Thread]
    stopping: threading.Event
    bell: Doorbell

    def begin(self) -> None:
        """Let them start."""
        for thread in self.threads:
            thread.start()

    def stop(self, patience: float = 20.0) -> None:
        """Let running evaluations end, then give back what could not be ended in time."""
        self.stopping.set()
        for _ in self.threads:
            self.bell.ring()
        deadline = time.monotonic() + patience
        for thread in self.threads:
            while thread.is_alive() and time.monotonic() < deadline:
                self.bell.ring()
                thread.join(0.05)
        for worker in self.workers:
            with self.context.store.write() as tx:
                due.release(tx, worker.owner)
