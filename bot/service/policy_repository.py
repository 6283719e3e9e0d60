"""Rules and roster from the default branch of one policy repository, pinned by its id.

A version takes force only if it came there through changes that this gate allowed. The first one ever seen, and one
that is accepted on the server, are exceptions on the record. Everything else, a push past the gate above all, leaves
the last good version in force, says so until it is put right, and is entered in the ledger. The forge is asked when a
push is told of and in every period, never for an evaluation.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from bot import gate, rules
from bot.forges.port import Forge, Snapshot
from bot.model.errors import GoneError, NeedsSomebodyError, TryAgainError
from bot.model.policy import Mode
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service import policy_files, policy_record
from bot.service.policy_history import Compared, History
from bot.service.policy_record import Source, State
from bot.service.rulebook import Rules, without_requirements
from bot.store import Store, Tx, ledger, repositories

log = structlog.get_logger()

PUT_RIGHT = "put it right by a reviewed change, or run `signoff rules accept` on the server"


class RepositoryRulebook:
    """Rules and roster from a policy repository; see the module. Safe to share between threads."""

    def __init__(self, forge: Forge, store: Store, clock: Callable[[], datetime], source: Source) -> None:
        self._forge = forge
        self._store = store
        self._clock = clock
        self._source = source
        self._history = History(forge, store, clock)
        self._looking = threading.Lock()
        self._loaded: tuple[str, Rules] | None = None
        self._state: State | None = None

    def current(self) -> Rules:
        """What is in force, as the database has it: another process may have taken a newer version."""
        loaded = self._loaded
        try:
            with self._store.read() as tx:
                state = policy_record.state(tx, self._source)
                if state is not None and (loaded is None or loaded[0] != state.version):
                    loaded = (state.version, _loaded(policy_record.kept_files(tx, self._source, state.version)))
        except TryAgainError:
            if loaded is None:
                raise
            return loaded[1]
        self._state, self._loaded = state, loaded
        if state is None or loaded is None:
            return without_requirements(f"no version of {self._source} was read yet, so nothing can be decided")
        in_force = loaded[1]
        return replace(in_force, fault=state.unreadable or state.fault or in_force.fault)

    def reads(self, repository: Repository) -> bool:
        """Whether rules and roster come from this repository."""
        if repository.forge != self._source.forge:
            return False
        state = self._state or self._stored()
        return repository.id == state.repository if state else _same(repository.name, self._source.name)

    def refresh(self) -> None:
        """Look at the repository and take a newer version that may take force. Raises TryAgainError only."""
        with self._looking:
            try:
                self._look(self._forge.read_files(self._pinned(), policy_files.PATHS))
            except (GoneError, NeedsSomebodyError) as error:
                self._say(f"{self._source} cannot be read: {error}")

    def accept(self, by: str, reason: str) -> str:
        """Take the newest version into force whatever way it came, on the record; its commit.

        BadInputError if it is broken. The name is pinned to the repository that has it now.
        """
        with self._looking:
            before = self._stored()
            found = self._forge.read_files(self._listed(), policy_files.PATHS)
            judged = policy_files.judge(policy_files.bytes_of(found))
            if judged.faults:
                raise rules.FaultsError(judged.faults)
            known = self._as_it_is(found)
            if not self._take("policy_accepted", found, before, known, {"by": by, "reason": reason}):
                raise TryAgainError("another version took force meanwhile: look at it, and try again")
            return found.commit

    # --- which repository

    def _stored(self) -> State | None:
        with self._store.read() as tx:
            return policy_record.state(tx, self._source)

    def _pinned(self) -> Repository:
        """The pinned repository, under the name it has now."""
        state = self._stored()
        with self._store.read() as tx:
            named = repositories.by_name(tx, self._source.forge, self._source.name)
            known = named if state is None else repositories.get(tx, self._source.forge, state.repository)
        if state is not None and named is not None and named.active and named.id != state.repository:
            raise NeedsSomebodyError(
                f"it is another repository now (id {named.id}, not {state.repository}), and nothing of it is taken; "
                "if this is meant, run `signoff rules accept` on the server"
            )
        return known if known is not None and known.active else self._listed(state)

    def _listed(self, state: State | None = None) -> Repository:
        """The repository as the forge lists it, by its id if it is pinned, else by name."""
        for each in self._forge.repositories():
            if each.id == state.repository if state else _same(each.name, self._source.name):
                with self._store.write() as tx:
                    repositories.upsert(tx, each)
                return each
        raise GoneError("the bot is not installed in it, or it is not there")

    # --- what may take force

    def _look(self, found: Snapshot) -> None:
        state, judged = self._stored(), policy_files.judge(policy_files.bytes_of(found))
        if state is None:
            if judged.faults:
                self._log(f"the first version of {self._source} is broken, none is in force:\n{_told(judged.faults)}")
            else:
                self._take("policy_first", found, None, self._as_it_is(found), {})
            return
        with self._store.read() as tx:
            kept = policy_record.kept_files(tx, self._source, state.version)
        same = policy_files.blobs_of(found) == kept.blobs
        looked = self._history.look(found, state, kept.blobs)
        known = self._history.compare(looked, kept.blobs)
        if known.past or not known.came:
            if self._covered(found) and self._history.merges_not_seen(found.repository):
                return  # they are evaluated first; that looks here again
            known = self._history.compare(looked, kept.blobs)  # one may have been put on the record in between
        now = replace(state, tip=found.commit, seen=known.seen, fault=None, unreadable=None)
        if same:
            self._stand(state, now, known, found)
        elif not known.came:
            self._stand(state, replace(now, fault=self._refusal(found, state, known)), known, found)
        elif judged.faults:
            fault = f"{self._source} at {found.commit[:12]} is broken:\n{_told(judged.faults)}"
            self._stand(state, replace(now, fault=fault), known, found)
        else:
            self._take("policy_in_force", found, state, known, {})

    def _covered(self, found: Snapshot) -> bool:
        """Whether the rules in force cover the policy repository, so that its changes are evaluated at all."""
        return gate.mode_of(self.current().policy, found.repository.name) is not Mode.OFF

    def _refusal(self, found: Snapshot, state: State, known: Compared) -> str:
        """Why what was found is not in force; the same as long as nothing moves."""
        if found.commit == state.tip and state.fault is not None:
            return state.fault
        with self._store.read() as tx:
            merge = policy_record.landings(tx, self._source.forge, found.repository.id, [found.commit])
        who = [push.pusher.login or "somebody unknown" for push in known.past if push.after == found.commit]
        told = f"{self._source} at {found.commit[:12]}"
        if who and not merge:
            return f"{told} was pushed past the gate by {who[0]}; {PUT_RIGHT}"
        return (
            f"{told} holds what no allowed change brought: a push before it, or two changes of one file that met in "
            f"a merge; {PUT_RIGHT}"
        )

    def _as_it_is(self, found: Snapshot) -> Compared:
        """What was found, taken without asking how it came: nothing of its past counts a second time."""
        steps = self._history.steps(found.repository, [found.commit])
        return Compared(came=True, steps=steps, seen=self._history.pushes(found, None)[1])

    # --- writing it down

    def _take(
        self, kind: str, found: Snapshot, instead_of: State | None, known: Compared, why: Mapping[str, str]
    ) -> bool:
        """Put a version in force and on the record; False if another process put one in force meanwhile."""
        version = policy_files.version(policy_files.blobs_of(found))
        subject = Subject(self._source.forge, found.repository.id, SubjectKind.REPOSITORY).key
        body = {"commit": found.commit, "version": version, "repository": found.repository.id, **why}
        body |= {"before": instead_of.version if instead_of else None}
        with self._store.write() as tx:
            if policy_record.state(tx, self._source) != instead_of:
                return False
            repositories.upsert(tx, found.repository)
            policy_record.keep_files(tx, self._source, version, policy_files.own(found.files))
            now = State(found.repository.id, version, found.commit, tip=found.commit, seen=known.seen)
            policy_record.keep_state(tx, self._source, now)
            policy_record.spend(tx, self._source.forge, found.repository.id, known.steps)
            self._enter(tx, found, known)
            ledger.append(tx, kind, subject, body, self._clock())
        log.info(kind, source=str(self._source), commit=found.commit, version=version)
        return True

    def _stand(self, before: State, now: State, known: Compared, found: Snapshot) -> None:
        """What is in force stays; what is wrong with the newest version, if anything, is said."""
        if now == before and not known.past:
            return
        with self._store.write() as tx:
            if policy_record.state(tx, self._source) != before:
                return
            policy_record.keep_state(tx, self._source, now)
            self._enter(tx, found, known)
        if now.fault is not None and now.fault != before.fault:
            log.error("rules_not_taken", fault=now.fault, in_force=now.version)

    def _enter(self, tx: Tx, found: Snapshot, known: Compared) -> None:
        """Pushes past the gate into the ledger, each once, with the pusher's account."""
        subject = Subject(self._source.forge, found.repository.id, SubjectKind.REPOSITORY).key
        for push in known.past:
            if push.after is not None and policy_record.first_told(tx, self._source, push.after):
                body = {"commit": push.after, "by": push.pusher.id, "forced": push.forced}
                ledger.append(tx, "policy_push", subject, body, self._clock())
                log.error("policy_pushed", commit=push.after, by=push.pusher.id)

    def _say(self, fault: str) -> None:
        with self._store.write() as tx:
            state = policy_record.state(tx, self._source)
            if state is not None and state.unreadable != fault:
                policy_record.keep_state(tx, self._source, replace(state, unreadable=fault))
        if state is None or state.unreadable != fault:
            self._log(fault)

    def _log(self, fault: str) -> None:
        log.error("rules_not_taken", fault=fault)


def _loaded(kept: policy_record.Kept) -> Rules:
    judged = policy_files.judge(kept.files)
    if judged.policy is None or judged.roster is None or judged.faults:
        return without_requirements(f"the version in force cannot be read any more:\n{_told(judged.faults)}")
    people = {path: data for path, data in kept.files.items() if path != policy_files.RULES}
    return Rules(judged.policy, judged.roster, people)


def _told(faults: tuple[rules.Fault, ...]) -> str:
    return "\n".join(map(str, faults))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
