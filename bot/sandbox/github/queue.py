"""The merge queue: pull requests wait in groups, each group's commit is checked, and then merged or thrown out.

A group is the base with every earlier entry and this one merged; its head is gh-readonly-queue/<base>/pr-<n>-<sha>. It
merges as soon as its required checks pass (`advance` looks), and is destroyed when one of them fails.
"""

from bot.sandbox.github import checks, diffs, merging, protection, pushes
from bot.sandbox.github.errors import Refused
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Issue, QueueEntry, Repository, TimelineItem
from bot.sandbox.github.world import HEADS, World


def entries(world: World, repo: Repository, base: str) -> list[QueueEntry]:
    """Who waits for a branch, in order."""
    return world.store.where(QueueEntry, repo_id=repo.id, base_ref=base)


def entry_of(world: World, pull: Issue) -> QueueEntry | None:
    """Where a pull request waits, if it does."""
    found = world.store.where(QueueEntry, pull_id=pull.id)
    return found[0] if found else None


def enqueue(world: World, actor: Actor, pull: Issue) -> QueueEntry:
    """Put a pull request into the queue, and ask the Apps to check its group."""
    repo = world.repo_of(pull)
    blocked = protection.blockers(world, pull, actor, from_queue=True)
    if blocked:
        raise Refused(405, blocked[0].message)
    if entry_of(world, pull):
        raise Refused(422, "Pull request is already in the queue")
    waiting = entries(world, repo, pull.base_ref)
    base = waiting[-1].head_sha if waiting else repo.refs[HEADS + pull.base_ref]
    if diffs.merged_tree(world, base, pull.head_sha) is None:
        raise Refused(405, "Pull Request is not mergeable")
    commit = merging.merge_commit(world, actor, pull, base, "merge")
    ref = f"gh-readonly-queue/{pull.base_ref}/pr-{pull.number}-{base}"
    entry = world.store.add(
        QueueEntry(
            repo_id=repo.id, pull_id=pull.id, base_ref=pull.base_ref, base_sha=base, head_sha=commit, head_ref=ref,
            enqueuer_id=actor.person.id, enqueued_at=world.clock.tick(),
        )
    )  # fmt: skip
    repo.refs = {**repo.refs, HEADS + ref: commit}
    _note(world, actor, pull, "ADDED_TO_MERGE_QUEUE_EVENT")
    world.tell("pull_request", "enqueued", repo=repo, actor=actor, pull=pull)
    world.tell("merge_group", "checks_requested", repo=repo, actor=actor, entry=entry)
    checks.commit_arrived(world, repo, commit, ref, base, actor)
    return entry


def _note(world: World, actor: Actor, pull: Issue, kind: str, **data: str) -> None:
    now = world.clock.now()
    item = TimelineItem(issue_id=pull.id, kind=kind, actor_id=actor.person.id, created_at=now, data=data)
    world.store.add(item)


def remove(world: World, actor: Actor, entry: QueueEntry, reason: str) -> None:
    """Throw a group out; `reason` is merged, invalidated or dequeued. Those behind it are built anew."""
    repo = world.existing(Repository, entry.repo_id)
    pull = world.existing(Issue, entry.pull_id)
    behind = [other for other in entries(world, repo, entry.base_ref) if other.id > entry.id]
    world.store.remove(entry)
    repo.refs = {name: oid for name, oid in repo.refs.items() if name != HEADS + entry.head_ref}
    world.tell("merge_group", "destroyed", repo=repo, actor=actor, entry=entry, more={"reason": reason})
    if reason == "merged":
        return
    _note(world, actor, pull, "REMOVED_FROM_MERGE_QUEUE_EVENT", reason=reason)
    more = {"reason": "CI_FAILURE" if reason == "invalidated" else "MANUAL"}
    world.tell("pull_request", "dequeued", repo=repo, actor=actor, pull=pull, more=more)
    for other in behind:
        waiting = world.existing(Issue, other.pull_id)
        world.store.remove(other)
        world.tell("merge_group", "destroyed", repo=repo, actor=actor, entry=other, more={"reason": "invalidated"})
        enqueue(world, actor, waiting)


def advance(world: World, actor: Actor, repo: Repository, base: str) -> list[str]:
    """Look at the groups: the first ones that pass are merged, one that failed is thrown out. Says what happened."""
    happened: list[str] = []
    for entry in list(entries(world, repo, base)):
        pull = world.existing(Issue, entry.pull_id)
        bound = protection.rules(world, repo, base)
        missing = protection.missing_checks(world, repo, entry.head_sha, bound)
        runs = {run.name: run for run in checks.latest_runs(world, repo, entry.head_sha)}
        if any(name in runs and runs[name].status == "completed" for name in missing):
            remove(world, actor, entry, "invalidated")
            return [*happened, f"#{pull.number} removed: {', '.join(missing)} failed"]
        if missing:
            return [*happened, f"#{pull.number} waits for {', '.join(missing)}"]
        pull.base_sha = entry.base_sha
        remove(world, actor, entry, "merged")
        pushes.move(world, actor, repo, HEADS + base, entry.head_sha, merging=pull)
        pushes.mark_merged(world, actor, pull, entry.head_sha)
        happened.append(f"#{pull.number} merged")
    return happened
