"""Commits that came to a guarded branch: AI-assisted ones that came through no change are a finding.

Branches are compared by their tips with those seen last, so that nothing depends on a delivery. A commit that a merged
change brought is that change's business: it is looked at, if it was not yet. They are asked for by their names, so that
nobody hides one behind many others; of a pattern that is met by more than can be read, those seen before are.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot import detect, gate
from bot.forges.port import Forge, Tips
from bot.model.change import Account, AccountKind, Change, Commit, Head
from bot.model.errors import GoneError, TryAgainError
from bot.model.evidence import Evidence
from bot.model.ids import Sha
from bot.model.policy import Mode, Policy
from bot.model.subject import Repository, Subject
from bot.service import watch
from bot.service.context import Context
from bot.store import Tx, changes, due, memory, records, sightings
from bot.store.findings import FindingKind, NewFinding

log = structlog.get_logger()

LOST = "lost/"
LOST_FOR = timedelta(minutes=2)
"""How long the forge may deny a comparison before it is believed."""
MOST_ASKED = 20
"""Of how many AI-assisted commits of one push it is asked which change brought them; the rest count as pushed."""
MOST_MISSED = 100
"""How many branches seen before are asked for by name where more match a pattern than can be read."""


class _DeniedError(TryAgainError):
    """The forge compares a branch with where it stood not, or not yet."""


def guards(context: Context) -> Callable[[Repository, str], bool]:
    """A function that tells whether the rules in force now guard a branch of a repository."""
    return partial(_is_guarded, context.rulebook.current().policy)


def _is_guarded(policy: Policy, repository: Repository, branch: str) -> bool:
    if gate.mode_of(policy, repository.name) is not Mode.ENFORCE:
        return False
    return gate.is_guarded(policy, branch, repository.default_branch)


def guarded(context: Context, repository: Repository, only: str = "", also: Collection[str] = ()) -> Tips:
    """The branches that the rules guard, the default branch first, and `also` these; or `only` one of them."""
    forge, policy, default = (
        context.forges[repository.forge],
        context.rulebook.current().policy,
        repository.default_branch,
    )
    names, starts = ((only,), ()) if only else gate.asked(policy, default)
    read = forge.tips(repository, names if only else tuple(dict.fromkeys((*names, *also))), starts)
    found = dict(read.found)
    if read.beyond:
        prefix = _tip(repository, "")
        with context.store.read() as tx:
            seen = {name.removeprefix(prefix) for name in records.under(tx, prefix)}
        missed = sorted(name for name in seen - found.keys() if gate.is_guarded(policy, name, default))
        found |= forge.tips(repository, missed[:MOST_MISSED]).found
    kept = sorted(name for name in found if name in also or gate.is_guarded(policy, name, default))
    return Tips({name: found[name] for name in sorted(kept, key=lambda name: name != default)}, read.beyond)


def look(context: Context, repository: Repository, branches: Mapping[str, Sha]) -> None:
    """Look at guarded branches, each with its newest commit. With one that is new to us, what is known begins.

    TryAgainError, after all of them, where one cannot be compared with where it stood.
    """
    denied: TryAgainError | None = None
    for branch, tip in branches.items():
        name = _tip(repository, branch)
        with context.store.read() as tx:
            last = records.get(tx, name) or sightings.before_push(tx, repository.forge, repository.id, branch, tip)
        if last == tip:
            continue
        if last is not None:
            try:
                _look(context, repository, branch, Sha(str(last)), tip)
            except _DeniedError as error:
                denied = error
                continue
        with context.store.write() as tx:
            records.put(tx, name, tip)
            lost = _lost_name(repository, branch)
            records.drop(tx, lost, records.get(tx, lost))
    if denied is not None:
        raise denied


def _tip(repository: Repository, branch: str) -> str:
    return f"tip/{repository.forge}/{repository.id}/{branch}"


def _look(context: Context, repository: Repository, branch: str, last: Sha, tip: Sha) -> None:
    forge, now = context.forges[repository.forge], context.clock()
    try:
        brought = forge.fetch_commits(repository, last, tip)
    except GoneError as error:
        _lost(context, repository, branch, (last, tip), str(error))
        return
    with context.store.read() as tx:
        landed = memory.landed(tx, repository.forge, repository.id, [each.sha for each in brought])
    suspects = [each for each in brought if each.sha not in landed]
    counted = _counted(context, repository, branch, suspects)
    if not counted:
        return
    alone, through = _sorted(forge, repository, branch, list(dict.fromkeys(each.commit for each in counted)))
    with context.store.write() as tx:
        _have_looked(tx, repository, through, now)
        pushed = [each for each in counted if each.commit in alone]
        if pushed:
            watch.found(tx, _finding(tx, repository, branch, (last, tip), pushed), now)


def _lost_name(repository: Repository, branch: str) -> str:
    return f"{LOST}{repository.forge}/{repository.id}/{branch}"


def _lost(context: Context, repository: Repository, branch: str, span: tuple[Sha, Sha], why: str) -> None:
    """A branch that cannot be compared with where it stood, which was forced away: that is asked again for a while, and
    then is a finding, since nobody can tell what came. Whoever forces it on meanwhile gains no more time.
    """
    now, name = context.clock(), _lost_name(repository, branch)
    with context.store.write() as tx:
        since = records.get(tx, name)
        if since is None:
            records.put(tx, name, now.isoformat(), now)
        elif now - datetime.fromisoformat(since) >= LOST_FOR:
            watch.found(tx, _finding(tx, repository, branch, span, []), now)
            log.warning("tip_gone", repository=repository.name, branch=branch, why=why)
            return
    raise _DeniedError(f"{repository.name}: {branch} cannot be compared with where it stood: {why}", after=LOST_FOR / 4)


def _counted(context: Context, repository: Repository, branch: str, commits: list[Commit]) -> tuple[Evidence, ...]:
    """The evidence in commits that makes them count as AI-assisted by the rules in force."""
    if not commits:
        return ()
    wanted = context.rulebook.current().policy.detection
    nobody = Account(None, None, AccountKind.USER)
    seen = Change(
        forge=repository.forge,
        repository=repository.name,
        number=0,
        title="",
        body="",
        base=branch,
        default_branch=repository.default_branch,
        branch="",
        author=nobody,
        head=Head(commits[-1].sha, datetime.min),  # noqa: DTZ901  of no change, and not looked at
        commits=tuple(commits),
    )
    return tuple(each for each in detect.counting(detect.examine(seen, wanted), wanted) if each.commit is not None)


def _sorted(
    forge: Forge, repository: Repository, branch: str, commits: list[Sha | None]
) -> tuple[set[Sha | None], set[int]]:
    """The commits that no merged change brought, and the numbers of the changes that brought the others."""
    alone, through = set(commits[MOST_ASKED:]), set[int]()
    for sha in commits[:MOST_ASKED]:
        origins = () if sha is None else forge.origins(repository, sha)
        merged = {each.number for each in origins if each.merged_at is not None and each.base == branch}
        through |= merged
        if not merged:
            alone.add(sha)
    return alone, through


def _have_looked(tx: Tx, repository: Repository, numbers: set[int], now: datetime) -> None:
    """Have the merged changes looked at that we do not know to be merged."""
    for number in sorted(numbers):
        subject = Subject.change(repository.forge, repository.id, number)
        row = changes.get(tx, subject)
        if row is None or row.state != "merged":
            due.mark(tx, [subject], now)


def _finding(
    tx: Tx, repository: Repository, branch: str, span: tuple[Sha, Sha], evidence: list[Evidence]
) -> NewFinding:
    """What came to a branch; without evidence, that nobody can tell."""
    last, tip = span
    pusher = sightings.pusher_of(tx, repository.forge, repository.id, branch, tip)
    body = {
        "branch": branch,
        "from": last,
        "commits": list(dict.fromkeys(each.commit for each in evidence))[:100],
        "tools": sorted({each.tool for each in evidence}),
        "by": pusher,
    }
    return NewFinding(repository.forge, repository.id, FindingKind.PUSHED, f"{branch}@{tip}", body, None, tip)
