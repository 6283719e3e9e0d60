"""Moving references, and everything that follows: webhooks, new versions, lost approvals, pipelines, merges by push."""

from bot.sandbox import git
from bot.sandbox.gitlab import access, approvals, diffs, pipelines, requests
from bot.sandbox.gitlab.errors import Refused, bad_request, forbidden
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.notes import tell_in_history
from bot.sandbox.gitlab.records import DEVELOPER, MergeRequest, Project, Push
from bot.sandbox.gitlab.world import HEADS, ZERO, World


def move(  # noqa: PLR0913 - who, where, what, and the exceptions
    world: World,
    actor: Actor,
    project: Project,
    ref: str,
    after: str,
    *,
    force: bool = False,
    rules: bool = True,
    merging: MergeRequest | None = None,
) -> None:
    """Set a reference to a commit; forty zeros delete it. `merging` is the merge request whose merge this is."""
    before = project.refs.get(ref, ZERO)
    if before == after:
        return
    branch = ref.removeprefix(HEADS)
    forced = ZERO not in {before, after} and not git.is_ancestor(world.objects, before, after)
    if forced and not force:
        raise bad_request("Update is not a fast forward")
    if rules and merging is None:
        _refuse(world, actor, project, branch, forced=forced or after == ZERO)
    refs = {name: oid for name, oid in project.refs.items() if name != ref}
    project.refs = refs if after == ZERO else refs | {ref: after}
    project.last_activity_at = world.clock.tick()
    _tell(world, actor, project, ref, before, after)
    if ref.startswith(HEADS):
        _follow(world, actor, project, branch, before, after, merging)


def _refuse(world: World, actor: Actor, project: Project, branch: str, *, forced: bool) -> None:
    if project.archived:
        raise forbidden("The repository is archived and read-only.")
    if access.may_push(world, actor.person, project, branch, force=forced):
        return
    if access.level(world, actor.user, project) < DEVELOPER:
        raise Refused(403, "You are not allowed to push code to this project.")
    words = "force push code to a protected branch" if forced else "push code to protected branches"
    raise Refused(403, f"You are not allowed to {words} on this project.")


def _tell(  # noqa: PLR0913, PLR0917 - a push has these parts
    world: World, actor: Actor, project: Project, ref: str, before: str, after: str
) -> None:
    made: list[str] = []
    if after != ZERO:
        others = [oid for name, oid in project.refs.items() if name != ref] if before == ZERO else [before]
        known = git.ancestors(world.objects, *others)
        made = [oid for oid in git.range_commits(world.objects, None, after) if oid not in known]
    push = {"ref": ref, "before": before, "after": after, "commits": made}
    world.store.add(
        Push(
            project_id=project.id, user_id=actor.person.id, ref=ref, before=before, after=after, commits=len(made),
            created_at=world.clock.now(),
        )
    )  # fmt: skip
    world.tell("push", project=project, user=actor.person, push=push)


def _follow(  # noqa: PLR0913, PLR0917 - each is a part of what is done
    world: World, actor: Actor, project: Project, branch: str, before: str, after: str, merging: MergeRequest | None
) -> None:
    """What a moved branch means for merge requests."""
    every = [mr for mr in world.store.where(MergeRequest, state="opened") if mr is not merging]
    out = [mr for mr in every if mr.source_project_id == project.id and mr.source_branch == branch]
    if after == ZERO:
        for mr in out:
            if mr.project_id == project.id:
                requests.close(world, Actor(actor.person), mr) if _may_close(world, actor, mr) else None
        return
    for mr in out:
        _new_head(world, actor, mr, before, after)
    known = git.ancestors(world.objects, before) if before != ZERO else set()
    fresh = git.ancestors(world.objects, after) - known
    for mr in every:
        if mr.project_id == project.id and mr.target_branch == branch and mr.state == "opened":
            if mr.sha in fresh:
                requests.merged(world, actor.person, mr, None)
            elif fresh.intersection(diffs.commits(world, mr)):
                requests.add_version(world, mr)
    pipelines.automatic(world, project, branch, after, actor.person, [mr for mr in out if mr.state == "opened"])


def _may_close(world: World, actor: Actor, mr: MergeRequest) -> bool:
    return access.level(world, actor.user, world.project_of(mr)) >= DEVELOPER


def _new_head(world: World, actor: Actor, mr: MergeRequest, before: str, after: str) -> None:
    """An open merge request gets a new head: auto-merge is off, and approvals may go."""
    mr.sha = after
    mr.auto_merge_by_id = None
    changes = requests.touch(world, mr, actor.person)
    requests.add_version(world, mr)
    count = len(diffs.commits_between(world.objects, before, after))
    tell_in_history(world, mr, actor.user, f"added {count} commit{'s' if count != 1 else ''}")
    world.tell(
        "merge_request",
        project=world.project_of(mr),
        user=actor.person,
        mr=mr,
        action="update",
        oldrev=before,
        changes=changes,
    )
    approvals.pushed(world, mr, actor.person)
    pipelines.choose_head(world, mr)
