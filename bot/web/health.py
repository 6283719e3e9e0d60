"""How the service is: `/healthz` (this process answers), `/readyz` (it can do its work), `/metrics` (Prometheus).

The last two look into the database, so an address that asks too often gets the last answer again. None is turned away:
behind a proxy or a network that hides addresses a stranger and a probe look alike, and a probe that gets no answer
takes the service down.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock

from flask import Blueprint, Response, jsonify, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from bot.model.errors import SignoffError
from bot.service import proof, rounds
from bot.service.context import Context
from bot.service.figures import REGISTRY
from bot.store import changes, due, findings, ledger
from bot.web.access import is_local
from bot.web.limits import Limiter

MOST_LOOKS = 120
"""How often a minute one address gets a new answer; requests from this machine always do."""
OLDEST = 5.0
"""How many seconds old an answer may be that is given again."""


@dataclass
class _Sparing:
    """Answers that cost something: made anew for whoever asks at a usual pace, else at most every few seconds."""

    context: Context
    _limiter: Limiter = field(default_factory=lambda: Limiter(MOST_LOOKS))
    _last: dict[str, tuple[float, Response]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, name: str, make: Callable[[], Response]) -> Response:
        """The answer of a name."""
        now = self.context.clock().timestamp()
        if is_local(request) or self._limiter.allows(request.remote_addr or "", now):
            return self._made(name, make, now)
        with self._lock:  # of many at once, one looks
            at, last = self._last.get(name, (now - OLDEST - 1, None))
            if last is None or not 0 <= now - at <= OLDEST:
                return self._made(name, make, now)
        return _again(last)

    def _made(self, name: str, make: Callable[[], Response], now: float) -> Response:
        answer = make()
        self._last[name] = (now, _again(answer))
        return answer


def _again(answer: Response) -> Response:
    return Response(answer.get_data(), answer.status_code, content_type=answer.content_type)


def blueprint(context: Context) -> Blueprint:
    """The routes of health and metrics."""
    routes = Blueprint("health", __name__)
    registry = CollectorRegistry()
    registry.register(_StoredCollector(context))
    sparing = _Sparing(context)

    @routes.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @routes.get("/readyz")
    def readyz() -> Response:
        return sparing("readyz", lambda: _ready(context))

    @routes.get("/metrics")
    def metrics() -> Response:
        return sparing("metrics", lambda: _metrics(registry))

    return routes


def _ready(context: Context) -> Response:
    faults = _faults(context)
    answer = jsonify(status="not ready" if faults else "ready", faults=faults)
    answer.status_code = 503 if faults else 200
    return answer


def _metrics(registry: CollectorRegistry) -> Response:
    return Response(generate_latest(registry) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _faults(context: Context) -> list[str]:
    faults = []
    try:
        with context.store.read() as tx:
            parked, broken = due.stats(tx, context.clock()).parked, proof.broken(tx)
        if parked:
            faults.append(f"{parked} changes are parked after repeated failures")
        if broken is not None:
            faults.append(f"the ledger does not verify: {broken['text']}")
        rules_fault = context.rulebook.current().fault
    except SignoffError:
        return [*faults, "the database does not answer"]
    if rules_fault:
        faults.append("the newest rules or roster are broken; the last good version is in force")
    return faults


class _StoredCollector(Collector):
    """Reads what the database knows when metrics are asked for, so that every process tells the same."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def collect(self) -> Iterator[Metric]:
        """The gauges of what is due, published, found and proven."""
        try:
            told = [self._rules(), *self._stored()]
        except SignoffError:  # what this process counts by itself is shown all the same
            told = []
        yield GaugeMetricFamily("signoff_database_up", "1 while the database answers.", value=1 if told else 0)
        yield from told

    def _rules(self) -> Metric:
        unusable = 1 if self._context.rulebook.current().fault else 0
        return GaugeMetricFamily("signoff_rules_broken", "1 while the newest rules are not usable.", value=unusable)

    def _stored(self) -> Iterator[Metric]:
        now = self._context.clock()
        with self._context.store.read() as tx:
            stats = due.stats(tx, now)
            unpublished = changes.unpublished(tx)
            open_findings = findings.count(tx)
            grades = rounds.grades(tx)
            entries, broken = ledger.head(tx)[0], proof.broken(tx)
        oldest = (now - stats.oldest_due_at).total_seconds() if stats.oldest_due_at else 0.0
        yield GaugeMetricFamily("signoff_due", "Changes due now.", value=stats.due)
        yield GaugeMetricFamily("signoff_running", "Changes under evaluation.", value=stats.running)
        yield GaugeMetricFamily("signoff_parked", "Changes parked after repeated failures.", value=stats.parked)
        yield GaugeMetricFamily("signoff_oldest_due_seconds", "How long the oldest due change waits.", value=oldest)
        yield GaugeMetricFamily(
            "signoff_unpublished", "Open changes whose newest decision is not on the forge.", value=unpublished
        )
        listed = GaugeMetricFamily(
            "signoff_findings_open", "Findings of the watch that nobody closed yet.", labels=["kind"]
        )
        for kind, number in sorted(open_findings.items()):
            listed.add_metric([kind], number)
        yield listed
        graded = GaugeMetricFamily("signoff_repositories", "Repositories by how hard their gate is.", labels=["grade"])
        for grade, number in sorted(grades.items()):
            graded.add_metric([grade], number)
        yield graded
        yield GaugeMetricFamily("signoff_ledger_entries", "Entries of the ledger.", value=entries)
        yield GaugeMetricFamily(
            "signoff_ledger_broken", "1 while the ledger is not as it was written.", value=0 if broken is None else 1
        )
