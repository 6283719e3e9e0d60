"""Moving references, and everything that follows: events, check suites, pull requests that get a new head.

Rights and rules are judged here for every push, whoever asks and by whichever door. Objects are made elsewhere.
"""

from typing import Any

from bot.sandbox import git
from bot.sandbox.github import checks, permissions, protection
from bot.sandbox.github.errors import Refused, forbidden, invalid
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Issue, Push, QueueEntry, Repository, Review, TimelineItem
from bot.sandbox.github.world import HEADS, ZERO, World


def may_push(world: World, actor: Actor, repo: Repository, branch: str) -> bool:
    """A writer may; so may a writer of the base, into a fork's branch whose owner allows maintainers to edit."""
    if permissions.at_least(permissions.actor_role(world, actor, repo), "write"):
        return True
    return any(
        pull.maintainer_can_modify
        and pull.state == "open"
        and permissions.at_least(permissions.actor_role(world, actor, world.repo_of(pull)), "write")
        for pull in heads_at(world, repo, branch)
    )


def heads_at(world: World, repo: Repository, branch: str) -> list[Issue]:
    """The pull requests that come from a branch."""
    return [
        pull
        for pull in world.store.all(Issue)
        if pull.is_pull and pull.head_repo_id == repo.id and pull.head_ref == branch
    ]


def move(  # noqa: PLR0913 - who, where, what, and the two exceptions
    world: World,
    actor: Actor,
    repo: Repository,
    ref: str,
    after: str,
    *,
    force: bool = False,
    rules: bool = True,
    merging: Issue | None = None,
) -> None:
    """Set a reference to a commit; forty zeros delete it. `merging` is the pull request whose merge this is."""
    before = repo.refs.get(ref, ZERO)
    if before == after:
        return
    branch = ref.removeprefix(HEADS)
    if repo.archived:
        raise forbidden("Repository was archived so is read-only.")
    if merging is None and not may_push(world, actor, repo, branch):
        raise forbidden("Resource not accessible by integration" if actor.permissions else "Permission denied")
    forced = ZERO not in {before, after} and not git.is_ancestor(world.objects, before, after)
    if forced and not force:
        raise invalid("Update is not a fast forward")
    if rules and merging is None and ref.startswith(HEADS):
        refusal = protection.refuse_push(world, actor, repo, branch, before, after)
        if refusal:
            raise Refused(422, refusal)
    _set(world, actor, repo, ref, before, after, forced=forced, merging=merging)
    if ref.startswith(HEADS):
        _follow(world, actor, repo, branch, before, after, merging)


def _set(  # noqa: PLR0913, PLR0917 - the same things as above
    world: World, actor: Actor, repo: Repository, ref: str, before: str, after: str, *, forced: bool,
    merging: Issue | None,
) -> None:  # fmt: skip
    refs = dict(repo.refs)
    if after == ZERO:
        del refs[ref]
    else:
        refs[ref] = after
    repo.refs = refs
    now = world.clock.tick()
    repo.pushed_at = repo.updated_at = now
    kinds = {before == ZERO: "branch_creation", after == ZERO: "branch_deletion"}
    kind = kinds.get(True) or ("force_push" if forced else "pr_merge" if merging else "push")
    who = actor.person.id
    world.store.add(Push(repo_id=repo.id, ref=ref, before=before, after=after, actor_id=who, kind=kind, at=now))
    commits = [] if after == ZERO else git.range_commits(world.objects, before if before != ZERO else None, after)
    if before == ZERO and after != ZERO:
        others = [oid for name, oid in refs.items() if name != ref]
        known = git.ancestors(world.objects, *others)
        commits = [oid for oid in commits if oid not in known]
    world.tell("push", None, repo=repo, actor=actor, push={
        "ref": ref, "before": before, "after": after, "forced": forced, "commits": commits[-2048:], "repo": repo,
        "pusher": actor.person,
    })  # fmt: skip


def _follow(  # noqa: PLR0913, PLR0917 - each is a part of what is done
    world: World, actor: Actor, repo: Repository, branch: str, before: str, after: str, merging: Issue | None
) -> None:
    """What a moved branch means for pull requests."""
    pulls = heads_at(world, repo, branch)
    for pull in pulls:
        if pull.state == "open" and after != ZERO:
            synchronize(world, actor, pull, before, after)
        elif pull.state == "open":
            _event(world, actor, pull, "HEAD_REF_DELETED_EVENT")
            _close(world, actor, pull)
    if after != ZERO:
        checks.commit_arrived(world, repo, after, branch, before, actor)
        for pull in pulls:
            target = world.repo_of(pull)
            if pull.state == "open" and target.id != repo.id:
                checks.commit_arrived(world, target, after, branch, before, actor)
    for pull in world.store.where(Issue, repo_id=repo.id, is_pull=True, state="open", base_ref=branch):
        if after == ZERO:
            _event(world, actor, pull, "BASE_REF_DELETED_EVENT")
            _close(world, actor, pull)
        elif pull is not merging and git.is_ancestor(world.objects, pull.head_sha, after):
            pull.base_sha = before
            mark_merged(world, actor, pull, after)


def _close(world: World, actor: Actor, pull: Issue) -> None:
    pull.state = "closed"
    pull.closed_at = pull.updated_at = world.clock.now()
    dequeue(world, pull)
    world.tell("pull_request", "closed", repo=world.repo_of(pull), actor=actor, pull=pull)


def dequeue(world: World, pull: Issue) -> None:
    """Take a pull request out of the merge queue without a word."""
    for entry in world.store.where(QueueEntry, pull_id=pull.id):
        world.store.remove(entry)


def mark_merged(world: World, actor: Actor, pull: Issue, commit: str) -> None:
    """The base branch has it now."""
    now = world.clock.now()
    pull.state, pull.merged_at, pull.closed_at, pull.updated_at = "closed", now, now, now
    pull.merged_by_id, pull.merge_commit_sha = actor.person.id, commit
    dequeue(world, pull)
    _event(world, actor, pull, "MERGED_EVENT", commit=commit, ref=pull.base_ref)
    world.tell("pull_request", "closed", repo=world.repo_of(pull), actor=actor, pull=pull)


def _event(world: World, actor: Actor, pull: Issue, kind: str, **data: Any) -> TimelineItem:
    who = actor.person.id
    return world.store.add(
        TimelineItem(issue_id=pull.id, kind=kind, actor_id=who, created_at=world.clock.now(), data=data)
    )


def synchronize(world: World, actor: Actor, pull: Issue, before: str, after: str) -> None:
    """An open pull request gets a new head."""
    repo = world.repo_of(pull)
    pull.head_sha = after
    pull.base_sha = world.branch(repo, pull.base_ref) or pull.base_sha
    pull.updated_at = world.clock.now()
    forced = not git.is_ancestor(world.objects, before, after)
    if forced:
        _event(world, actor, pull, "HEAD_REF_FORCE_PUSHED_EVENT", before=before, after=after, ref=pull.head_ref)
    reviews = world.store.where(Review, pull_id=pull.id)
    if forced and world.setting("repoint_reviews"):
        for review in reviews:
            review.commit_sha = after
    dequeue(world, pull)
    push = {"before": before, "after": after}
    world.tell("pull_request", "synchronize", repo=repo, actor=actor, pull=pull, more=push)
    bound = protection.rules(world, repo, pull.base_ref)
    native = any(rule.parameters.get("dismiss_stale_reviews_on_push") for rule in bound if rule.type == "pull_request")
    if native or world.setting("dismiss_stale_reviews"):
        for review in reviews:
            if review.state == "APPROVED":
                _dismissed_by_forge(world, actor, pull, review, after)


def _dismissed_by_forge(world: World, actor: Actor, pull: Issue, review: Review, after: str) -> None:
    """GitHub takes an approval back because the head moved; it names the pusher, and the commit, in the event."""
    review.state = "DISMISSED"
    _event(
        world, actor, pull, "REVIEW_DISMISSED_EVENT",
        review=review.id, was="APPROVED", message=None, commit=after,
    )  # fmt: skip
    world.tell("pull_request_review", "dismissed", repo=world.repo_of(pull), actor=actor, pull=pull, review=review)
