"""By which name and default branch the rules cover a repository: renaming is no way out of them.

Whoever administers a repository chooses its name and its default branch, and the rules go by both. So the last name by
which it was enforced is kept, and what was its default branch. Where a new name, or another default branch, alone takes
it out of what the rules enforce, that is a finding, and what is merged is judged as before until somebody closes it.
The check itself goes by what the rules say of the repository as it stands.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from bot import gate
from bot.model.change import Change
from bot.model.enforcement import Fact, Grade, Level
from bot.model.policy import Mode, Policy
from bot.model.subject import Repository
from bot.service import watch
from bot.service.context import Context
from bot.store import Tx, findings, records
from bot.store.findings import FindingKind, NewFinding

REPAIR = "Take it back. If it was meant, close this: until then what is merged is judged as before."


@dataclass(frozen=True, slots=True)
class Cover:
    """What merged changes are judged by: a full name, and the branches that are guarded as if they were the default."""

    name: str
    left: frozenset[str] = frozenset()

    def judged(self, change: Change) -> Change:
        """The change as it would be in that repository."""
        default = change.base if change.base in self.left else change.default_branch
        return replace(change, repository=self.name, default_branch=default)


@dataclass(frozen=True, slots=True)
class _Kept:
    """`name` is what it goes by for us, `names` those that took it out of the rules since then; `defaults` the branches
    that were its default. Each of them with the key of the finding that tells of it, empty where none does.
    """

    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)


def look(context: Context, policy: Policy, repository: Repository, branches: Collection[str] = ()) -> Cover:
    """Look at how a repository is covered now; `branches` are some that it has. What took it out is found here."""
    with context.store.read() as tx:
        known = _known(tx, repository)
        kept = _Look(tx, policy, repository, context.clock()).follow(known, branches)
    if kept != known:
        with context.store.write() as tx:
            here = _Look(tx, policy, repository, context.clock())
            kept = here.follow(_known(tx, repository, lock=True), branches)  # two who look at once find it once
            records.put(tx, _record(repository), asdict(kept))
            here.tell()
    left = frozenset(each for each in kept.defaults if _left(policy, each, repository.default_branch))
    return Cover(kept.name, left)


def defaults(context: Context, repository: Repository) -> tuple[str, ...]:
    """The branches that are, or were, its default one and may count as guarded for that."""
    with context.store.read() as tx:
        known = _known(tx, repository)
    return tuple(known.defaults) if known is not None else ()


def covered(tx: Tx, policy: Policy, repository: Repository) -> bool:
    """Whether the rules cover a repository by its name, or did by the one from which it was renamed."""
    if gate.mode_of(policy, repository.name) is not Mode.OFF:
        return True
    known = _known(tx, repository)
    return known is not None and _softer(policy, known.name, repository.name)


def _known(tx: Tx, repository: Repository, *, lock: bool = False) -> _Kept | None:
    found = records.get(tx, _record(repository), lock=lock)
    return None if found is None else _Kept(**found)


def _record(repository: Repository) -> str:
    return f"cover/{repository.forge}/{repository.id}"


def _softer(policy: Policy, before: str, name: str) -> bool:
    """Whether the rules enforce the name before and not this one."""
    if gate.mode_of(policy, before) is not Mode.ENFORCE:
        return False
    return gate.mode_of(policy, name) is not Mode.ENFORCE


def _left(policy: Policy, branch: str, default: str) -> bool:
    """Whether a branch was guarded as the default branch alone, and another one is that now."""
    return bool(default) and gate.is_guarded(policy, branch, branch) and not gate.is_guarded(policy, branch, default)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at a repository by the rules in force. `found` is what has to be told."""

    tx: Tx
    policy: Policy
    repository: Repository
    now: datetime
    found: list[NewFinding] = field(default_factory=list)

    def follow(self, known: _Kept | None, branches: Collection[str]) -> _Kept:
        """What is to be kept from now on."""
        known = known or _Kept(self.repository.name)
        if not self.policy.requirements:  # no usable rules: they say nothing of any name
            return known
        name, names = self._names(known)
        default = self.repository.default_branch
        defaults = known.defaults
        if default and gate.mode_of(self.policy, name) is Mode.ENFORCE:
            defaults = {default: "", **self._defaults(known, branches)}
        elif default:
            defaults = {default: ""}
        return _Kept(name, names, defaults)

    def tell(self) -> None:
        """Enter what took it out of the rules."""
        for each in self.found:
            watch.found(self.tx, each, self.now)

    def _names(self, known: _Kept) -> tuple[str, Mapping[str, str]]:
        """The name it goes by for us, and the names that were told and not closed."""
        name = self.repository.name
        told = {each: key for each, key in known.names.items() if self._stands(key)}
        accepted = name in known.names and name not in told
        if accepted or not _softer(self.policy, known.name, name):
            return name, told
        if name not in told:
            mode = gate.mode_of(self.policy, name).value
            text = f"It was renamed from {known.name}, which the rules enforce, to {name}, which they do not ({mode})."
            told[name] = self._tell("renamed", text)
        return known.name, told

    def _defaults(self, known: _Kept, branches: Collection[str]) -> Mapping[str, str]:
        """The branches that were the default one, without those whose finding was closed."""
        kept, default = {}, self.repository.default_branch
        for branch, key in known.defaults.items():
            stands = bool(key) and self._stands(key)
            if stands or not key or not _left(self.policy, branch, default):
                kept[branch] = key if stands else ""
            if branch in branches and kept.get(branch) == "" and _left(self.policy, branch, default):
                text = f"Its default branch is {default} and was {branch}, which the rules guarded as that alone."
                kept[branch] = self._tell("switched", text)
        return kept

    def _tell(self, how: str, text: str) -> str:
        """Have it told; the key of the finding."""
        fact = Fact(text, Level.OPEN, REPAIR)
        key = f"{how} {self.now.isoformat()} {text}"
        body = {"grade": Grade.ADVISORY.value, "from": None, "facts": [asdict(fact)]}
        forge, number = self.repository.forge, self.repository.id
        self.found.append(NewFinding(forge, number, FindingKind.ENFORCEMENT, key, body))
        return key

    def _stands(self, key: str) -> bool:
        about = (self.repository.forge, self.repository.id)
        return findings.is_open(self.tx, *about, FindingKind.ENFORCEMENT, key)
