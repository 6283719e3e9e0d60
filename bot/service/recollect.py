"""What was seen before, brought together with what was just read: the memory that a decision is made with.

New evidence is remembered before anything is decided, so that nobody can take it away again. The forge is asked
further only where it must be: an abandoned head, a head whose arrival nobody told, an approval that may carry over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot import detect, gate
from bot.forges.port import PatchQuestion
from bot.model.change import Account, AccountKind, Change, Commit, Head, ReviewState
from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.event import HeadSeen, PushSeen, ReviewSeen
from bot.model.evidence import Evidence
from bot.model.ids import AccountId, PatchId, Sha
from bot.model.memory import Memory, Sighting
from bot.service import contents, membership, signals
from bot.service.rulebook import Rules
from bot.service.task import Task
from bot.store import Tx, due, heads, memory, people, sightings, teams

log = structlog.get_logger()

UNREADABLE_LIFE = timedelta(minutes=2)
"""How long a team that could not be read is not asked for again: it would cost every evaluation a request."""
MOST_LEFT = 10
"""How many abandoned heads one evaluation reads, at a request each; the next evaluations read the others."""
NOT_COMPARED = PatchId("")
"""Stands for a head that cannot be compared: it is not asked for again, and equals no other."""


@dataclass(frozen=True, slots=True)
class Recollection:
    """The change with the arrival of its head as we know it, what it shows now, and what is remembered of it."""

    change: Change
    evidence: tuple[Evidence, ...]
    memory: Memory


def gather(task: Task) -> Recollection:
    """Remember what is new of a change and bring everything known of it together."""
    change = task.reading.change
    with task.context.store.read() as tx:
        seen = sightings.moved_at(tx, task.subject, change.head.sha)
        behind = _left_behind(tx, task)
        described = heads.described(tx, task.subject, change.head.sha)
        given = sightings.of_change(tx, task.subject)
        comparable = heads.patches(tx, task.subject).get(change.head.sha) != NOT_COMPARED
    left = behind[:MOST_LEFT]
    pushes = _pushes(task) if seen is None else ()
    old_commits = {sha: _abandoned_commits(task, sha) for sha in left}
    shifted = described is not None and _facts(task) != replace(described, since=None)
    unsigned = shifted and any(each.sha == change.head.sha and each.patch is None for each in given)
    old = _past(change.head.sha, described)
    before = _compare(task, [old]) if unsigned and comparable and old.merge_base is not None else {}
    shown = signals.examine(task, [commit for commits in old_commits.values() for commit in commits])
    found = (*shown.now, *shown.before)
    with task.context.store.write() as tx:
        _keep_seen(tx, task)
        if seen is None:
            _arrival(tx, task, pushes)
        signals.keep(tx, task, shown)
        _keep_patches(tx, task, before)
        heads.describe(
            tx, task.subject, change.head.sha, replace(_facts(task), since=_since(task, described if shifted else None))
        )
        if change.files_truncated:  # files that are not listed may be other ones: it equals no head, not even itself
            heads.patch(tx, task.subject, change.head.sha, NOT_COMPARED)
        memory.remember(tx, task.subject, change.branch, change.author.id, found, (), task.now)
        if _counts(found, task.rules):
            memory.promise(tx, task.subject, change.head.sha, contents.files_of(change), task.now)
    known, remembered = _named(task, *_recall(task), old_commits, new=described is None)
    if len(behind) > len(left):
        return Recollection(known, shown.now, replace(remembered, unread=len(behind) - len(left)))
    if not _counts(_standing((*found, *remembered.evidence), remembered), task.rules):
        inherited = contents.inherited(task)
        remembered = replace(remembered, evidence=(*remembered.evidence, *inherited))
    return Recollection(known, shown.now, remembered)


def _counts(evidence: Iterable[Evidence], rules: Rules) -> bool:
    """Whether any of it makes the change AI-assisted by the rules; a mere mention must not keep us from looking on."""
    return bool(detect.counting(evidence, rules.policy.detection))


def _standing(evidence: Iterable[Evidence], remembered: Memory) -> tuple[Evidence, ...]:
    """The evidence that nothing can take away: none that landed, and where something was cleared, none at all."""
    if remembered.clearances:
        return ()
    return tuple(each for each in evidence if each.commit is None or each.commit not in remembered.landed)


def _recall(task: Task) -> tuple[Change, Memory]:
    change = task.reading.change
    known_teams = _teams(task)
    with task.context.store.read() as tx:
        arrived = sightings.moved_at(tx, task.subject, change.head.sha)
        facts = heads.described(tx, task.subject, change.head.sha)
        remembered = _memory(tx, task, known_teams)
        stood = sightings.heads(tx, task.subject)
    moves = [change.head.moved_at, arrived, facts.since if facts else None]
    head = replace(change.head, moved_at=max(moment for moment in moves if moment is not None))
    if head.turned_at is not None:
        head = _told_apart(head, change.head, stood, facts.since if facts else None, task.reading.created_at)
    change = replace(change, head=head)
    questions = _to_compare(task, remembered)
    if questions:
        answers = _compare(task, questions)
        with task.context.store.write() as tx:
            _keep_patches(tx, task, answers)
            remembered = _memory(tx, task, known_teams)
    return change, remembered


def _told_apart(
    head: Head, read: Head, stood: Sequence[tuple[Sha, datetime]], since: datetime | None, created: datetime | None
) -> Head:
    """When the head moved, by what a forge that dates in whole seconds tells of it. `read` is the head as it was read,
    `stood` the heads on which the change is known to have stood, `since` when that was last known to be as it is.

    What stands as it was opened moved before all that was said of it, also in the second of its opening.
    """
    shifted = since if since not in {read.moved_at, created} else None  # under it, and no event says so
    turned = max(each for each in (read.turned_at, shifted) if each)
    as_opened = (
        created is not None and turned < created and [(head.sha, True)] == [(sha, at <= created) for sha, at in stood]
    )
    moved = created - timedelta.resolution if created is not None and as_opened else head.moved_at
    return replace(head, moved_at=moved, turned_at=turned)


def _memory(tx: Tx, task: Task, known_teams: Mapping[str, frozenset[AccountId]]) -> Memory:
    change, subject = task.reading.change, task.subject
    shas = [commit.sha for commit in change.commits]
    said = memory.said(tx, subject)
    return Memory(
        evidence=memory.recall(tx, subject, change.branch, change.author.id, shas),
        sightings=_exact(task, sightings.of_change(tx, subject)),
        patches=heads.patches(tx, subject),
        declarations=said.declarations,
        clearances=said.clearances,
        overrides=said.overrides,
        not_mine=said.not_mine,
        landed=memory.landed(tx, subject.forge, subject.repository, shas),
        teams=known_teams,
        pushes=sightings.pushes(tx, subject, task.branch),
        objected=said.objected,
        elsewhere=heads.elsewhere(tx, subject, change.base),
        named=memory.named(tx, subject, said, shas),
    )


def _named(
    task: Task, change: Change, remembered: Memory, left: Mapping[Sha, tuple[Commit, ...]], *, new: bool
) -> tuple[Change, Memory]:
    """Remember whom the commits name, of the head, be it `new`, and of heads that were left, which with that are read.

    Whoever moves a branch of their own to this head brings the commits that branch held before into nobody's change.
    """
    rules = task.rules
    own = {*task.reading.abandoned, *(push.before for push in remembered.pushes)}
    here = {change.head.sha: change.commits} | {sha: commits for sha, commits in left.items() if sha in own}
    found = {
        sha: gate.named(
            gate.matter(replace(change, commits=commits), (), remembered, rules.policy, rules.roster, task.now)
        )
        for sha, commits in here.items()
    }
    fresh = {sha: names for sha, names in found.items() if names}
    if not left and not new:
        with task.context.store.read() as tx:
            kept = all(memory.was_named(tx, task.subject, sha, names) for sha, names in fresh.items())
        fresh = {} if kept else fresh
    if not fresh and not left:
        return change, remembered
    with task.context.store.write(durable=False) as tx:  # undone, the evaluation is undone with it, and made again
        for sha, names in fresh.items():
            memory.name(tx, task.subject, sha, names)
            for each in names:
                if each.account.id is not None and each.account.login is not None:
                    people.remember(tx, task.subject.forge, each.account.id, each.account.login, task.now)
        for sha in left:
            sightings.abandoned_read(tx, task.subject, sha)
        said = memory.said(tx, task.subject)
        known = memory.named(tx, task.subject, said, [commit.sha for commit in change.commits])
    return change, replace(remembered, named=known)


def _exact(task: Task, seen: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
    """The sightings, without those that the forge's own memory belies: an event may be made long after what it tells,
    and then names a newer head.
    """
    told = {each.review: each.sha for each in task.reading.seen if isinstance(each, ReviewSeen)}
    return tuple(each for each in seen if told.get(each.review, each.sha) == each.sha)


def again(task: Task, recollection: Recollection) -> Recollection:
    """The same with what people have said since: their commands were just put on the record."""
    with task.context.store.read() as tx:
        fresh = _memory(tx, task, recollection.memory.teams)
    kept = recollection.memory
    return replace(recollection, memory=replace(fresh, evidence=kept.evidence, unread=kept.unread))


# --- abandoned heads


def _left_behind(tx: Tx, task: Task) -> tuple[Sha, ...]:
    """The heads that the change stood on and left, and whose commits were not read yet."""
    inside = {commit.sha for commit in task.reading.change.commits}
    told = sightings.unread(tx, task.subject, task.reading.abandoned)
    left = dict.fromkeys((*sightings.abandoned(tx, task.subject), *told))
    return tuple(sha for sha in left if sha not in inside)


def _abandoned_commits(task: Task, sha: Sha) -> tuple[Commit, ...]:
    try:
        return task.forge.fetch_commits(task.reading.repository, task.reading.change.base, sha)
    except GoneError as error:
        log.warning("abandoned_head_gone", sha=sha, why=str(error))
        return ()


# --- arrivals and pushers


def _pushes(task: Task) -> tuple[PushSeen, ...]:
    """Who moved the branch, asked of the forge because no event told of this head."""
    if task.reading.from_fork:
        return ()
    try:
        return task.forge.fetch_pushes(task.reading.repository, task.reading.change.branch)
    except (GoneError, NeedsSomebodyError) as error:
        log.warning("pushers_unknown", why=str(error))
        return ()


def _keep_seen(tx: Tx, task: Task) -> None:
    """What the forge remembers as if we had seen it: as good as an event of it, which may have been lost."""
    known = set(sightings.heads(tx, task.subject)) if task.reading.seen else set()
    for each in task.reading.seen:
        if isinstance(each, ReviewSeen):
            sightings.review(tx, (task.subject.forge, task.subject.repository), each)
        elif (each.sha, each.at) not in known:
            sightings.head(tx, task.subject.forge, task.subject.repository, each)


def _arrival(tx: Tx, task: Task, pushes: tuple[PushSeen, ...]) -> None:
    """A head that no event told of: first seen now, by whoever the forge says pushed it, else by somebody unknown."""
    head = task.reading.change.head.sha
    for push in pushes:
        sightings.push(tx, task.subject.forge, task.subject.repository, push)
    told = any(push.after == head for push in pushes) or sightings.was_pushed(tx, task.subject, task.branch, head)
    unknown = None if told else Account(None, None, AccountKind.USER)
    seen = HeadSeen(task.subject.number, head, task.now_there, pusher=unknown)
    sightings.head(tx, task.subject.forge, task.subject.repository, seen)


# --- patches


def _facts(task: Task) -> heads.HeadFacts:
    """What the reading shows of the head, but for since when."""
    change = task.reading.change
    paths = tuple(sorted({path for file in change.files for path in file.changed_paths}))
    return heads.HeadFacts(change.base, task.reading.merge_base, paths)


def _since(task: Task, before: heads.HeadFacts | None) -> datetime:
    """Since when the head stands as it does, and not as `before`. Where its base moved under it and no event said so:
    since now.

    Now is by the forge's clock as far as the reading tells it: reviews are dated by that. A turn is over when its whole
    second is: what was said in it may have been said of another base.
    """
    head = task.reading.change.head
    turned = None if head.turned_at is None else head.turned_at + timedelta.resolution
    if before is None:
        return head.moved_at if turned is None else max(head.moved_at, turned)
    told = turned if before.base != task.reading.change.base else None
    return told if told is not None and before.since is not None and told > before.since else task.now_there


def _to_compare(task: Task, remembered: Memory) -> list[PatchQuestion]:
    """The heads whose patches must be known to tell whether an approval of another head carries over."""
    head = task.reading.change.head.sha
    seen = {sighting.review: sighting.sha for sighting in remembered.sightings}
    wanted = {
        seen.get(review.id) or review.sha
        for review in task.reading.change.reviews
        if review.reviewer.kind is AccountKind.USER
        and (review.state is ReviewState.APPROVED or review.dismissed_by_forge)
    } - {head, None}
    pairs = {sha for sha in wanted if sha is not None}
    pairs |= _updates(task.reading.change, remembered) | _rebases(task.reading.change, remembered)
    if not pairs:
        return []
    unknown = sorted(sha for sha in pairs - {head} if sha not in remembered.patches)
    with task.context.store.read() as tx:
        questions = [_past(sha, heads.described(tx, task.subject, sha)) for sha in unknown]
    if head not in remembered.patches:
        facts = _facts(task)
        paths = facts.paths if facts.merge_base else ()
        questions.append(PatchQuestion(head, task.reading.change.base, facts.merge_base, paths))
    return questions


def _updates(change: Change, remembered: Memory) -> set[Sha]:
    """Both sides of each "Update branch": whether it brought nothing of its own decides if its presser may sign."""
    merges = {commit.sha for commit in change.commits if commit.made_by_forge and len(commit.parent_shas) > 1}
    pairs = ((push.before, push.head) for push in remembered.pushes if push.head in merges and push.before)
    return {sha for pair in pairs for sha in pair}


def _rebases(change: Change, remembered: Memory) -> set[Sha]:
    """Both sides of each push by somebody else than the author that left a head behind: whether it brought nothing of
    its own decides if its maker may sign.
    """
    here = {commit.sha for commit in change.commits}
    pairs = (
        (push.before, push.head)
        for push in remembered.pushes
        if push.head in here and push.before and push.before not in here
        if push.by.id not in {None, change.author.id} and push.by.kind is AccountKind.USER
    )
    return {sha for pair in pairs for sha in pair}


def _past(sha: Sha, described: heads.HeadFacts | None) -> PatchQuestion:
    """A head as it stood when it was read. One whose base is not known from then is compared with nothing: today's
    base may be another than the reviewer saw.
    """
    if described is None:
        return PatchQuestion(sha, "")
    return PatchQuestion(sha, described.base or "", described.merge_base, described.paths)


def _compare(task: Task, questions: list[PatchQuestion]) -> dict[Sha, PatchId]:
    """Patch identities of heads; one that the forge cannot compare, or has lost, stands as not comparable."""
    head = task.reading.change.head.sha
    asked = [each for each in questions if each.merge_base is not None or each.head == head]
    try:
        found = task.forge.fetch_patches(task.reading.repository, asked) if asked else {}
    except GoneError:
        return {}
    return {each.head: found[each.head].identity if each.head in found else NOT_COMPARED for each in questions}


def _keep_patches(tx: Tx, task: Task, answers: Mapping[Sha, PatchId]) -> None:
    for sha, identity in answers.items():
        heads.patch(tx, task.subject, sha, identity)


# --- teams


def _teams(task: Task) -> dict[str, frozenset[AccountId]]:
    """The members of the roster's teams on this forge, from the cache while it is fresh; an unreadable one has none."""
    wanted = sorted({grant.team for grant in task.rules.roster.teams if grant.forge == task.forge.name})
    read = ((team, _team(task, team)) for team in wanted)
    return {team: members for team, members in read if members is not None}


def _team(task: Task, team: str) -> frozenset[AccountId] | None:
    with task.context.store.read() as tx:
        cached = teams.get(tx, task.forge.name, team)
    if cached is not None:
        members, read_at = cached
        if read_at > task.now - (UNREADABLE_LIFE if members is None else membership.TEAM_LIFE):
            return members
    try:
        listed = task.forge.team_members(task.reading.repository, team)
    except (GoneError, NeedsSomebodyError) as error:
        log.warning("team_unreadable", team=team, why=str(error))
        with task.context.store.write() as tx:
            teams.put_unreadable(tx, task.forge.name, team, task.now)
            due.mark_at(tx, task.subject, task.now + UNREADABLE_LIFE)  # one change goes on trying, for all of them
        return None
    members = frozenset(each.id for each in listed if each.id is not None)
    with task.context.store.write() as tx:
        teams.put(tx, task.forge.name, team, members, task.now)
        if cached is not None:
            membership.moved(tx, task.forge.name, cached[0], members, task.now)
    return members
