"""Merging, auto-merge and rebasing. Refused while anything is in the way, in GitLab's words."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.gitlab import access, commits, diffs, mergeability, pipelines, pushes, requests
from bot.sandbox.gitlab.errors import Refused, forbidden, unauthorized
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import MergeRequest, Project, User
from bot.sandbox.gitlab.world import HEADS, ZERO, World


def merge(world: World, actor: Actor, mr: MergeRequest, body: dict[str, Any]) -> None:
    """Merge, or with `auto_merge` as soon as the pipeline is through.

    401 for who may not merge into the branch, 405 while something is in the way, 409 for another head than `sha`.
    """
    if not access.may_merge(world, actor.person, world.project_of(mr), mr.target_branch):
        raise unauthorized()
    found = mergeability.blockers(world, mr)
    later = bool(body.get("auto_merge") or body.get("merge_when_pipeline_succeeds"))
    running = pipelines.actual_head(world, mr)
    busy = running is not None and pipelines.status(world, running) in mergeability.RUNNING
    waits = later and busy and set(found) <= {"ci_still_running", "not_approved", "discussions_not_resolved"}
    if found and not waits:
        raise Refused(405, "405 Method Not Allowed")
    if body.get("sha") not in {None, mr.sha}:
        raise Refused(409, f"SHA does not match HEAD of source branch: {mr.sha}")
    options = {key: body[key] for key in OPTIONS if key in body}
    if waits:
        mr.auto_merge_by_id, mr.auto_merge_options = actor.person.id, options
        mr.updated_at = world.clock.tick()
        world.tell("merge_request", project=world.project_of(mr), user=actor.person, mr=mr, action="update")
        return
    _merge(world, actor.person, mr, options)


def now(world: World, user: User, mr: MergeRequest) -> None:
    """Merge, whoever has looked whether it may be."""
    _merge(world, user, mr, mr.auto_merge_options)


OPTIONS = ("merge_commit_message", "squash_commit_message", "squash", "should_remove_source_branch")


def _merge(world: World, user: User, mr: MergeRequest, options: dict[str, Any]) -> None:
    project = world.project_of(mr)
    commit = _commit(world, user, mr, project, options)
    pushes.move(world, Actor(user), project, HEADS + mr.target_branch, commit, merging=mr)
    requests.merged(world, user, mr, commit)
    source = world.source_of(mr)
    remove = options.get("should_remove_source_branch", mr.force_remove_source_branch)
    if remove and source is not None and access.may_push(world, user, source, mr.source_branch, force=True):
        pushes.move(world, Actor(user), source, HEADS + mr.source_branch, ZERO, merging=mr)


def _commit(world: World, user: User, mr: MergeRequest, project: Project, options: dict[str, Any]) -> str:
    tree, tip = diffs.merged_tree(world, mr), diffs.target_tip(world, mr)
    if tree is None or tip is None:
        raise Refused(422, "Branch cannot be merged")
    files = world.objects.snapshot(tree)
    head = mr.sha
    if options.get("squash", mr.squash) and len(diffs.commits(world, mr)) > 1:
        # GitLab's squash message has the title alone: the trailers of the single commits are lost
        base = diffs.latest(world, mr).base_commit_sha
        words = options.get("squash_commit_message") or mr.title
        author = world.existing(User, mr.author_id)
        at = iso(world.clock.seconds())
        who, by = commits.signature(None, author, at), commits.signature(None, user, at)
        head = commits.write(world, world.objects.files(mr.sha), (base,), words, who, by)
        mr.squash_commit_sha = head
    if project.merge_method == "ff" and git.is_ancestor(world.objects, tip, head):
        return head
    path = world.full_path(project)
    words = f"Merge branch '{mr.source_branch}' into '{mr.target_branch}'\n\n{mr.title}"
    words += f"\n\nSee merge request {path}!{mr.iid}"
    return commits.on_the_web(world, user, files, (tip, head), options.get("merge_commit_message") or words)


def after_pipelines(world: World) -> None:
    """Merge what waits for its pipeline, where nothing is in the way any more."""
    for mr in world.store.where(MergeRequest, state="opened"):
        if mr.auto_merge_by_id is not None and not mergeability.blockers(world, mr):
            pipeline = pipelines.actual_head(world, mr)
            if pipeline is None or pipelines.status(world, pipeline) == "success":
                _merge(world, world.existing(User, mr.auto_merge_by_id), mr, mr.auto_merge_options)


def rebase(world: World, actor: Actor, mr: MergeRequest) -> None:
    """Put its commits on top of the target branch and force-push them. 403 for who may not push to the source."""
    source, tip = world.source_of(mr), diffs.target_tip(world, mr)
    if source is None or tip is None or not access.may_push(world, actor.person, source, mr.source_branch):
        raise forbidden("Cannot push to source branch")
    onto = tip
    who = commits.signature(None, actor.user, iso(world.clock.seconds()))
    for oid in diffs.commits(world, mr):
        found = world.objects.commit(oid)
        if len(found.parents) != 1:
            continue
        before = world.objects.files(found.parents[0])
        try:
            files = git.merge_trees(world.objects, before, world.objects.files(onto), world.objects.files(oid))
        except git.Conflict:
            mr.merge_error = "Rebase failed: Rebase locally, resolve all conflicts, then push the branch."
            return
        onto = commits.write(world, files, (onto,), found.message, found.author, who)
    mr.merge_error = None
    pushes.move(world, actor, source, HEADS + mr.source_branch, onto, force=True)
