"""How the newest version of a policy repository came about: what was pushed since the last look, and through what gate.

It asks the forge and the record of allowed merges, and judges by `bot.service.provenance`. It writes nothing but marks
of what must be evaluated first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.forges.port import Forge, Snapshot, Step
from bot.model.change import Account
from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.event import PushSeen
from bot.model.ids import BlobId, Sha
from bot.model.subject import Repository, Subject
from bot.service import policy_files, policy_record, provenance
from bot.service.policy_record import State
from bot.store import Store, changes, due

log = structlog.get_logger()

MOST_PUSHES = 20
"""How many of the pushes since the last look are looked at one by one, the newest ones."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Whether the newest version came through the gate, and what did not come through it since the last look.

    `seen` names the newest push that was looked at.
    """

    came: bool
    past: tuple[PushSeen, ...] = ()
    steps: Mapping[Sha, Step] = field(default_factory=dict)
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the forge told at one look: the newest version, the pushes since the last look, and the commits of both."""

    found: Snapshot
    pushes: Mapping[Sha, PushSeen]
    seen: str
    steps: Mapping[Sha, Step]


@dataclass(frozen=True, slots=True)
class History:
    """The policy repository's history, as far as the forge shows it."""

    forge: Forge
    store: Store
    clock: Callable[[], datetime]

    def look(self, found: Snapshot, state: State, in_force: Mapping[str, BlobId]) -> Looked:
        """What the forge tells of how it came about; it is asked no further where nothing moved."""
        pushes, seen = self.pushes(found, state)
        blobs = policy_files.blobs_of(found)
        if not pushes and blobs == in_force:
            return Looked(found, pushes, seen, {found.commit: Step(found.commit, (), blobs)})
        steps = self.steps(found.repository, [found.commit])
        steps |= self.steps(found.repository, [sha for sha in pushes if sha not in steps], depth=1)
        return Looked(found, pushes, seen, steps)

    def compare(self, looked: Looked, in_force: Mapping[str, BlobId]) -> Compared:
        """Whether it came through the gate, and what did not, by the merges that are on the record now."""
        repository = looked.found.repository
        if not looked.pushes and policy_files.blobs_of(looked.found) == in_force:
            return Compared(came=True, seen=looked.seen)
        with self.store.read() as tx:
            landings = policy_record.landings(tx, self.forge.name, repository.id, looked.steps)
        beside = {sha for each in landings.values() for sha in (each.head, *each.outside)} - looked.steps.keys()
        every = {**looked.steps, **self.steps(repository, sorted(beside)[:100], depth=1)}

        def came(sha: Sha) -> bool:
            return provenance.entered(sha, in_force, every, landings)

        past = tuple(push for sha, push in looked.pushes.items() if not came(sha))
        return Compared(came(looked.found.commit), past, looked.steps, looked.seen)

    def steps(self, repository: Repository, starts: list[Sha], depth: int = 100) -> dict[Sha, Step]:
        """So many commits back from each start, with what they hold of rules and roster."""
        if not starts:
            return {}
        steps = self.forge.fetch_history(repository, starts, policy_files.PATHS, depth)
        return {sha: replace(step, blobs=policy_files.own(step.blobs)) for sha, step in steps.items()}

    def pushes(self, found: Snapshot, state: State | None) -> tuple[dict[Sha, PushSeen], str]:
        """The pushes since the last look by the commit they brought, and the name of the newest.

        A newest commit that was not there at the last look is among them, whether the forge remembers a push or not.
        """
        repository = found.repository
        try:
            told = self.forge.fetch_pushes(repository, repository.default_branch)
        except (GoneError, NeedsSomebodyError) as error:
            log.warning("pushers_unknown", why=str(error))
            told = ()
        named = {f"{push.at.isoformat()} {push.after}": push for push in told}
        seen = "" if state is None else state.seen
        fresh = list(named)[list(named).index(seen) + 1 :] if seen in named else [each for each in named if each > seen]
        recent = {push.after: push for push in map(named.__getitem__, fresh[-MOST_PUSHES:]) if push.after}
        if state is not None and found.commit != state.tip and found.commit not in recent:
            nobody = Account(None, None)
            at = self.clock()
            recent[found.commit] = PushSeen(repository.default_branch, None, found.commit, nobody, forced=False, at=at)
        return recent, next(reversed(named), seen)

    def merges_not_seen(self, repository: Repository) -> bool:
        """Whether a change that we know as open is open no more: it may be what brought the newest version.

        Such changes are made due; once their merge is on the record, the repository is looked at again.
        """
        listed = {each.number for each in self.forge.open_changes(repository)}
        with self.store.write() as tx:
            gone = sorted(changes.known(tx, repository.forge, repository.id).keys() - listed)
            due.mark(tx, [Subject.change(repository.forge, repository.id, number) for number in gone], self.clock())
        return bool(gone)
