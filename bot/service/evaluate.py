"""One change, from reading to published check: the only path there is.

Read the whole change, remember what is new, answer commands, decide, enter it in the ledger, publish to the evaluated
commit. Whatever fails on the way leaves the change due; nothing is decided from part of the data.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot import gate
from bot.forges.port import CheckState, Lifecycle, Reading
from bot.model.decision import Verdict
from bot.model.errors import GoneError, TryAgainError
from bot.model.policy import GOVERNANCE, Mode, Zone
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service import (
    announce,
    commands,
    covering,
    echoes,
    kinds,
    local,
    moved,
    policy_files,
    policy_record,
    proposal,
    publish,
    recollect,
    watch,
    witness,
    written,
)
from bot.service import merged as merges
from bot.service.context import Context
from bot.service.covering import Cover
from bot.service.figures import DECISIONS
from bot.service.provenance import Landing
from bot.service.rulebook import Rules
from bot.service.task import Task
from bot.store import ChangeRow, Tx, changes, due, memory, repositories

log = structlog.get_logger()

GROUP_WAIT = timedelta(seconds=3)
NEXT_ROUND = timedelta(seconds=1)
"""After this, an evaluation that had not looked at everything goes on."""


@dataclass(frozen=True, slots=True)
class Evaluator:
    """Evaluates changes and merge groups for one context."""

    context: Context

    def change(self, subject: Subject, alive: publish.Alive) -> datetime | None:
        """Evaluate one change and publish; `alive` raises LeaseLostError when another worker has it by then.

        Returns when it must be evaluated again if nothing happens before.
        """
        in_force = self.context.rulebook.current()
        repository = self._repository(subject, in_force)
        if repository is None:
            return None
        try:
            before = written.last(self.context, subject)
            reading = self.context.forges[subject.forge].fetch_change(repository, subject.number, before)
        except GoneError:
            self._gone(subject)
            raise
        if reading.repository != repository:
            with self.context.store.write() as tx:
                repositories.upsert(tx, reading.repository)
        try:
            return self._evaluate(subject, reading, in_force, alive)
        except GoneError as error:  # the change is there: whatever else is not found is no reason to drop it
            raise TryAgainError(str(error)) from error

    def _evaluate(self, subject: Subject, reading: Reading, in_force: Rules, alive: publish.Alive) -> datetime | None:
        cover = covering.look(self.context, in_force.policy, reading.repository, (reading.change.base,))
        if gate.mode_of(in_force.policy, cover.name) is Mode.OFF:
            return None
        if reading.lifecycle is Lifecycle.OPEN and gate.mode_of(in_force.policy, reading.repository.name) is Mode.OFF:
            return None
        witness.held(self.context, subject, reading.published)  # before anything else is written there
        task = self._task(subject, reading, in_force)
        if reading.lifecycle is not Lifecycle.OPEN:
            self._closed(task, cover, alive)
            self._follow_ups(task)
            announce.everything(self.context, reading.repository)
            return echoes.look_again(self.context, subject, reading)
        outcome, answers = self._decide(task, listen=True)
        look_at = publish.decision(self.context, outcome, alive)
        commands.answer(task.forge, reading, answers)
        if reading.foreign:
            watch.forged(self.context, subject, reading)
            announce.everything(self.context, reading.repository)
        moved.told(self.context, in_force)  # first: what is taken back after that is noticed by whoever marks
        if self.context.rulebook.current().version != in_force.version:
            return self.context.clock()  # others took force meanwhile, and this one was not there to be marked
        more_at = self.context.clock() + NEXT_ROUND if outcome.unread else None
        shown_at = echoes.look_again(self.context, subject, reading)
        whole_at = echoes.whole_at(self.context.clock(), reading)
        held = outcome.decision.verdict is not Verdict.ALLOW and outcome.decision.mode is Mode.ENFORCE
        doubt_at = echoes.doubt_ends(reading, passes=not held)
        moments = (outcome.decision.recheck_at, look_at, more_at, shown_at, whole_at, doubt_at)
        return min(filter(None, moments), default=None)

    def group(self, subject: Subject, alive: publish.Alive, *, last: bool = False) -> datetime | None:
        """Decide every change of a merge group again and publish to the group's commit, naming the one that fails.

        A queue stalls on a pending check, so here anything but `allow` is a failure; also, at the `last` try, a group
        that the queue does not list (any more), or a change of it that cannot be found.
        """
        in_force = self.context.rulebook.current()
        repository = self._repository(subject, in_force)
        if repository is None:
            return None
        forge = self.context.forges[subject.forge]
        numbers = forge.fetch_group(repository, subject)
        if not numbers:
            if not last:
                raise TryAgainError(f"the forge does not know the merge group {subject.item} yet", after=GROUP_WAIT)
            publish.group_gone(self.context, subject, repository, alive)
            return None
        publish.remember_group(self.context, subject, numbers)
        failing = []
        for number in numbers:
            member = Subject.change(subject.forge, subject.repository, number)
            title = self._failing(member, repository, in_force, last=last)
            if title is not None:
                failing.append((number, title))
        publish.group(self.context, subject, repository, failing, alive)
        return None

    def _failing(self, member: Subject, repository: Repository, in_force: Rules, *, last: bool) -> str | None:
        """Why a change of a merge group may not be merged; None when it may."""
        try:
            reading = self.context.forges[member.forge].fetch_change(repository, member.number)
        except GoneError as error:
            if last:
                return str(error)
            raise
        decision = self._decide(self._task(member, reading, in_force), listen=False)[0].decision
        held = decision.verdict is not Verdict.ALLOW and decision.mode is Mode.ENFORCE
        return decision.title if held else None

    def _repository(self, subject: Subject, in_force: Rules) -> Repository | None:
        """The subject's repository, None when the bot is not there any more or the rules do not cover it."""
        with self.context.store.read() as tx:
            repository = repositories.get(tx, subject.forge, subject.repository)
            if repository is None or not repository.active:
                return None
            return repository if covering.covered(tx, in_force.policy, repository) else None

    def _decide(self, task: Task, *, listen: bool) -> tuple[publish.Outcome, tuple[str, ...]]:
        """Remember what was read, judge its commands if asked to `listen`, and decide; with the answers to give."""
        task = kinds.filled(task)
        known = recollect.gather(task)
        heard = commands.run(task, known) if listen else commands.Heard()
        if heard.any:
            known = recollect.again(task, known)
        rules = task.rules
        decision = gate.decide(known.change, known.evidence, known.memory, rules.policy, rules.roster, task.now)
        DECISIONS.labels(decision.verdict.value).inc()
        log.info("decided", verdict=decision.verdict.value, head=decision.head, title=decision.title)
        told = (decision, proposal.proposed(task), known.memory.unread)
        return publish.Outcome(task.subject, task.reading, known.change, *told), heard.answers

    def _task(self, subject: Subject, reading: Reading, in_force: Rules) -> Task:
        """One reading, to be judged by the rules in force with what its repository adds."""
        context = self.context
        if context.rulebook.reads(reading.repository):
            in_force = _governing(in_force)
        rules = local.with_local(context, in_force, reading)
        return Task(context, context.forges[subject.forge], subject, reading, rules, context.clock())

    def _gone(self, subject: Subject) -> None:
        with self.context.store.write() as tx:
            changes.close(tx, subject, self.context.clock())

    def _closed(self, task: Task, cover: Cover, alive: publish.Alive) -> None:
        """What is left to do for a change that is open no more: a success must not stay behind for another change."""
        subject, reading = task.subject, task.reading
        merged = reading.lifecycle is Lifecycle.MERGED
        if merged:
            with self.context.store.read() as tx:
                before = changes.get(tx, subject)
            merges.look(task, before, cover)
            watch.forged(self.context, subject, reading)
        with self.context.store.write() as tx:
            row = changes.get(tx, subject)
            head = reading.change.head.sha
            if merged and row is not None and row.head == head and row.verdict == Verdict.ALLOW.value:
                self._landed(tx, row, reading)
                self._landed_rules(tx, row, reading)
            changes.close(tx, subject, self.context.clock(), reading.lifecycle.value)
            others = changes.with_head(tx, subject.forge, subject.repository, head, but=subject)
            due.mark(tx, [other.subject for other in others], self.context.clock())
        passed = reading.published is not None and reading.published.state is CheckState.PASSED
        if passed and not others and not (merged and _merged_as_it_is(reading)):
            publish.withdrawn(self.context, subject, reading, alive)

    def _follow_ups(self, task: Task) -> None:
        """What was left to be looked at may be closed long after the change itself."""
        if commands.follow_ups(task):
            commands.answer(task.forge, task.reading, commands.run_follow_ups(task, recollect.gather(task)))

    def _landed(self, tx: Tx, row: ChangeRow, reading: Reading) -> None:
        """Remember what an allowed change brought into the branch it was allowed for, if the forge itself merged it.

        A merge made by hand may hold anything. After a squash the branch's own commits are nowhere.
        """
        change, merge = reading.change, reading.merge
        if merge is None or not merge.made_by_forge or row.base != change.base:
            return
        forge, repository = reading.repository.forge, reading.repository.id
        if _merged_as_it_is(reading):
            memory.landed_add(tx, forge, repository, [commit.sha for commit in change.commits], change.head.sha)
        memory.landed_add(tx, forge, repository, [merge.sha], merge.sha)

    def _landed_rules(self, tx: Tx, row: ChangeRow, reading: Reading) -> None:
        """Remember an allowed merge into the branch that the rules come from, and have that looked at.

        Whatever way it was made: what it may bring into force is proven by contents (`provenance`).
        """
        change, repository = reading.change, reading.repository
        into_default = row.base == change.base == change.default_branch
        if reading.merge is None or not into_default or not self.context.rulebook.reads(repository):
            return
        inside = {commit.sha for commit in change.commits}
        outside = dict.fromkeys(parent for each in change.commits for parent in each.parent_shas)
        upon = tuple(sha for sha in outside if sha not in inside)
        landing = Landing(change.number, reading.merge.sha, change.head.sha, len(change.commits), upon)
        policy_record.keep_landing(tx, repository.forge, repository.id, landing)
        due.mark(tx, [Subject(repository.forge, repository.id, SubjectKind.REPOSITORY)], self.context.clock())


def _governing(in_force: Rules) -> Rules:
    """The rules for the repository that they come from: all files that make the roster are the gate's own."""
    folder = Zone(GOVERNANCE, paths=(f"/{policy_files.FOLDER}/**",))
    policy = replace(in_force.policy, zones=(*in_force.policy.zones, folder))
    return replace(in_force, policy=policy)


def _merged_as_it_is(reading: Reading) -> bool:
    """Whether the merge has the head itself among its parents, and not a copy of it."""
    return reading.merge is not None and reading.change.head.sha in reading.merge.parent_shas[1:]
