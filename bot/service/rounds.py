"""A round of the watch through one repository: what came to its guarded branches, what was merged, what guards it.

A push has one branch looked at; all of it is looked at once a period, and after a start. It reads little: one or two
requests for the tips, one for the merges, and for each guarded branch those that tell what protects it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

import structlog

from bot import gate
from bot.forges.port import Stranger, Tips
from bot.model.enforcement import Fact, Grade, Graded, Level, Protection
from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.policy import Mode, Policy
from bot.model.subject import Repository, Subject
from bot.service import announce, branches, covering, watch
from bot.service.context import Context
from bot.store import Tx, changes, due, ledger, records, repositories
from bot.store.findings import FindingKind, NewFinding

log = structlog.get_logger()

SLACK = timedelta(minutes=5)
"""How far a look reaches back behind the one before it: clocks differ."""
MOST_BRANCHES = 10
"""What guards so many branches of a repository is read, the default branch first."""
MOST_STRANGERS = 100
"""How many checks of our name by other programs one round tells of."""
GRADES = "grade/"


def due_for(tx: Tx, context: Context, repository: Repository, since: datetime | None) -> bool:
    """Whether a repository is to be looked at: the period is over, or it was not since that time."""
    last = records.get(tx, _name(repository))
    if last is None:
        return True
    looked, bound = datetime.fromisoformat(str(last)), context.clock() - context.watch
    return looked < (bound if since is None else max(since, bound))


def look(context: Context, subject: Subject) -> None:
    """Look at one branch, or at everything."""
    policy = context.rulebook.current().policy
    with context.store.read() as tx:
        repository = repositories.get(tx, subject.forge, subject.repository)
        if repository is None or not repository.active:
            return
        if not covering.covered(tx, policy, repository):
            return
    began = context.clock()
    read = branches.guarded(context, repository, subject.item, covering.defaults(context, repository))
    left = covering.look(context, policy, repository, read.found).left
    guarded = replace(
        read, found={name: tip for name, tip in read.found.items() if _counts(policy, repository, name, left)}
    )
    branches.look(context, repository, guarded.found)
    if not subject.item:
        _merged(context, repository)
        _enforcement(context, repository, guarded)
    announce.everything(context, repository)
    if not subject.item:
        with context.store.write() as tx:
            records.put(tx, _name(repository), began.isoformat())


def grades(tx: Tx) -> dict[str, int]:
    """How many repositories there are of each grade, as last seen."""
    counted = Counter(str(each["grade"]) for each in records.under(tx, GRADES).values())
    return {grade.value: counted[grade.value] for grade in Grade}


def examined(context: Context, repository: Repository) -> Graded:
    """How hard the gate of a repository is, as the forge shows it now; and the checks of our name by other programs,
    where such a check counts.
    """
    graded, protections = _graded(context, repository, None)
    facts = [
        Fact(
            f"#{each.number} carries a check {context.check_name} of the App {each.app} ({each.state.value}), and a "
            "check of that name counts whoever sets it.",
            Level.OPEN,
            gate.enforcement.PIN,
        )
        for each in islice(_strangers(context, repository, protections), MOST_STRANGERS)
    ]
    return replace(graded, facts=(*graded.facts, *facts))


def _graded(context: Context, repository: Repository, guarded: Tips | None) -> tuple[Graded, tuple[Protection, ...]]:
    forge = context.forges[repository.forge]
    mode = _mode(context, repository)
    if mode is Mode.OFF or not repository.active:
        return gate.graded(Mode.OFF, (), context.check_name), ()
    guarded = guarded or branches.guarded(context, repository)
    protections = tuple(forge.protection(repository, name) for name in islice(guarded.found, MOST_BRANCHES))
    graded = gate.graded(mode, protections, context.check_name)
    return replace(graded, facts=(*graded.facts, *_not_read(guarded))), protections


def _not_read(guarded: Tips) -> Iterator[Fact]:
    """Where the look at guarded branches stopped."""
    for start in guarded.beyond:
        text = (
            f"More branches begin with {start!a} than can be read; those beyond, if not seen before, are not watched."
        )
        repair = "Delete branches, or name those that are guarded more closely (guarded_branches in rules.yaml)."
        yield Fact(text, Level.OPEN, repair)
    if len(guarded.found) > MOST_BRANCHES:
        yield Fact(f"What guards them was read of the first {MOST_BRANCHES} guarded branches only.", Level.UNKNOWN)


def _strangers(context: Context, repository: Repository, protections: Iterable[Protection]) -> Iterator[Stranger]:
    """Asked for only where they count: elsewhere anybody may call a check as they like."""
    if any(map(gate.takes_others, protections)):
        yield from context.forges[repository.forge].strangers(repository)


def not_told(why: str) -> Graded:
    """The grade of a repository that could not be read: nothing is claimed of it."""
    return Graded(Grade.ADVISORY, (Fact(why, Level.UNKNOWN, "Try again later."),))


def _mode(context: Context, repository: Repository) -> Mode:
    return gate.mode_of(context.rulebook.current().policy, repository.name)


def _counts(policy: Policy, repository: Repository, branch: str, left: Collection[str]) -> bool:
    """Whether a branch is guarded, or was until another became the default one."""
    return branch in left or gate.is_guarded(policy, branch, repository.default_branch)


def _merged(context: Context, repository: Repository) -> None:
    """Have the changes looked at that were merged since the last look and that we do not know to be."""
    with context.store.read() as tx:
        last = records.get(tx, _name(repository))
    if last is None:
        return  # what was merged before we were here is nobody's bypass
    since = datetime.fromisoformat(str(last)) - SLACK
    numbers = list(context.forges[repository.forge].merged_since(repository, since))
    with context.store.write() as tx:
        subjects = [Subject.change(repository.forge, repository.id, number) for number in numbers]
        rows = ((each, changes.get(tx, each)) for each in subjects)
        due.mark(tx, [each for each, row in rows if row is None or row.state != "merged"], context.clock())


def _enforcement(context: Context, repository: Repository, guarded: Tips) -> None:
    """Put on record how hard the gate is when that changed; a gate that does not hold is a finding."""
    try:
        now, protections = _graded(context, repository, guarded)
        strangers = list(islice(_strangers(context, repository, protections), MOST_STRANGERS))
    except (GoneError, NeedsSomebodyError) as error:
        log.warning("enforcement_unreadable", repository=repository.name, why=str(error))
        return
    for each in strangers:
        watch.strange(context, repository, each)
    at, name = context.clock(), f"{GRADES}{repository.forge}/{repository.id}"
    body = {"grade": now.grade.value, "facts": [asdict(fact) for fact in now.facts]}
    with context.store.write() as tx:
        before = records.get(tx, name)
        if before is not None and _same(before, body):
            return
        records.put(tx, name, {**body, "name": repository.name, "since": at.isoformat()})
        was = None if before is None else before["grade"]
        whole = Subject(repository.forge, repository.id, watch.WHOLE).key
        ledger.append(tx, "enforcement", whole, {"from": was, "to": now.grade.value, "facts": body["facts"]}, at)
        weak = [fact for fact in now.facts if fact.level is Level.OPEN]
        if weak:
            found = {"grade": now.grade.value, "from": was, "facts": [asdict(fact) for fact in weak]}
            key = sha256(f"{at.isoformat()}{found}".encode()).hexdigest()[:32]
            watch.found(tx, NewFinding(repository.forge, repository.id, FindingKind.ENFORCEMENT, key, found), at)


def _same(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return all(before.get(name) == value for name, value in now.items())


def _name(repository: Repository) -> str:
    return f"watch/{repository.forge}/{repository.id}"
