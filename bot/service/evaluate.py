"""One change, from reading to published check: the only path there is.

Read the whole change, remember what is new, answer commands, decide, enter it in the ledger, publish to the evaluated
commit. Whatever fails on the way leaves the change due; nothing is decided from part of the data.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot import gate
from bot import rules as rules_floor
from bot.forges.port import CheckState, Lifecycle, Reading
from bot.model.change import Change
from bot.model.decision import Decision, Verdict
from bot.model.errors import GoneError
from bot.model.policy import Mode
from bot.model.subject import Repository, Subject
from bot.service import commands, publish, recollect
from bot.service.context import Context
from bot.service.figures import DECISIONS
from bot.service.rulebook import Rules
from bot.service.task import Task
from bot.store import changes, due, memory, repositories

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates changes and merge groups for one context."""

    context: Context

    def change(self, subject: Subject, alive: Callable[[], None]) -> datetime | None:
        """Evaluate one change and publish; `alive` raises LeaseLostError when another worker has it by then.

        Returns when it must be evaluated again if nothing happens before.
        """
        repository = self._repository(subject)
        if repository is None:
            return None
        try:
            reading = self.context.forges[subject.forge].fetch_change(repository, subject.number)
        except GoneError:
            self._gone(subject)
            raise
        if gate.mode_of(self.context.rulebook.current().policy, reading.repository.name) is Mode.OFF:
            return None
        if reading.lifecycle is not Lifecycle.OPEN:
            self._closed(subject, reading, alive)
            return None
        change, decision = self._decide(subject, reading)
        publish.decision(self.context, publish.Outcome(subject, reading, change, decision), alive)
        return decision.recheck_at

    def group(self, subject: Subject, alive: Callable[[], None]) -> datetime | None:
        """Decide every change of a merge group again and publish to the group's commit, naming the one that fails.

        A queue stalls on a pending check, so here anything but `allow` is a failure.
        """
        repository = self._repository(subject)
        if repository is None:
            return None
        forge = self.context.forges[subject.forge]
        numbers = forge.fetch_group(repository, subject)
        if not numbers:
            return None
        failing = []
        for number in numbers:
            member = Subject.change(subject.forge, subject.repository, number)
            reading = forge.fetch_change(repository, number)
            _, decision = self._decide(member, reading)
            if decision.verdict is not Verdict.ALLOW and decision.mode is Mode.ENFORCE:
                failing.append((number, decision))
        publish.group(self.context, subject, repository, failing, alive)
        return None

    def _repository(self, subject: Subject) -> Repository | None:
        """The subject's repository, None when the bot is not there any more or the rules do not cover it."""
        with self.context.store.read() as tx:
            repository = repositories.get(tx, subject.forge, subject.repository)
        if repository is None or not repository.active:
            return None
        if gate.mode_of(self.context.rulebook.current().policy, repository.name) is Mode.OFF:
            return None
        return repository

    def _decide(self, subject: Subject, reading: Reading) -> tuple[Change, Decision]:
        """Read is what it is; remember, answer commands, decide."""
        rules, now = _with_local(self.context.rulebook.current(), reading), self.context.clock()
        forge = self.context.forges[subject.forge]
        task = Task(self.context, forge, subject, reading, rules, now)
        known = recollect.gather(task)
        if commands.run(task, known):
            known = recollect.again(task, known)
        decision = gate.decide(known.change, known.evidence, known.memory, rules.policy, rules.roster, now)
        DECISIONS.labels(decision.verdict.value).inc()
        log.info("decided", verdict=decision.verdict.value, head=decision.head, title=decision.title)
        return known.change, decision

    def _gone(self, subject: Subject) -> None:
        with self.context.store.write() as tx:
            changes.close(tx, subject, self.context.clock())

    def _closed(self, subject: Subject, reading: Reading, alive: Callable[[], None]) -> None:
        """What is left to do for a change that is open no more: a success must not stay behind for another change."""
        merged = reading.lifecycle is Lifecycle.MERGED
        with self.context.store.write() as tx:
            row = changes.get(tx, subject)
            head = reading.change.head.sha
            if merged and row is not None and row.head == head and row.verdict == Verdict.ALLOW.value:
                shas = [commit.sha for commit in reading.change.commits]
                landed = [*shas, *([reading.merged_sha] if reading.merged_sha else ())]
                memory.landed_add(tx, subject.forge, subject.repository, landed)
            changes.close(tx, subject, self.context.clock(), reading.lifecycle.value)
            others = changes.with_head(tx, subject.forge, subject.repository, head, but=subject)
            due.mark(tx, [other.subject for other in others], self.context.clock())
        passed = reading.published is not None and reading.published.state is CheckState.PASSED
        if passed and not merged and not others:
            publish.withdrawn(self.context, subject, reading, alive)


def _with_local(in_force: Rules, reading: Reading) -> Rules:
    """The rules in force with what the repository's own file adds; what it may not add is refused, the rest stands."""
    if reading.local_rules is None:
        return in_force
    name = f"{reading.repository.name}/.signoff.yaml"
    policy, faults = rules_floor.add_local(in_force.policy, reading.local_rules, name)
    for fault in faults:
        log.warning("local_rules_refused", fault=str(fault))
    return replace(in_force, policy=policy)
