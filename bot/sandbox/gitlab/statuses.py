"""Commit statuses: jobs that somebody posts into a pipeline, and the pipeline that is made where there is none.

A running or pending status is updated when name, ref and user are the same. Otherwise a new job hides the old one: any
Developer who posts `success` under the bot's name hides the bot's status, which `all=true` still shows. A hidden one of
the same user is found all the same: `pending` upon a hidden `pending` is refused with 400, although nothing of it
shows, and what moves a hidden one on leaves it hidden. Whoever wants theirs seen again has to end it first, and post a
new one. (GitLab, app/services/ci/create_commit_status_service.rb: the search for the job to update knows no `latest`.)
"""

from typing import Any

from bot.sandbox import git
from bot.sandbox.gitlab import access, pipelines
from bot.sandbox.gitlab.errors import Refused, bad_request, forbidden, not_found
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import DEVELOPER, Job, MergeRequest, Pipeline, Project, User
from bot.sandbox.gitlab.world import HEADS, World

LONGEST = 255


def post(world: World, actor: Actor, project: Project, sha: str, body: dict[str, Any]) -> Job:
    """Post a status. 400 for a move to the state it is in, 403 on a protected ref, 404 for a pipeline of another ref,
    422 for a full pipeline.
    """
    access.require(world, actor, project, DEVELOPER)
    if len(sha) != 40 or not world.objects.has_commit(sha) or not _reaches(world, project, sha):  # noqa: PLR2004
        raise not_found("Commit")
    pipeline = _matching(world, project, sha, body)
    ref = body.get("ref") or (pipeline.ref if pipeline else _branch_with(world, project, sha))
    if ref is None:
        raise not_found("References for commit")
    if body.get("pipeline_id") and pipeline is None:
        raise not_found("Pipeline for pipeline_id, sha and ref")
    _check_texts(body)
    branch = ref.removeprefix(HEADS)
    if not access.may_merge(world, actor.person, project, branch):
        raise forbidden()
    job = _job(world, actor.person, project, sha, ref, pipeline, body)
    pipelines.changed(world, world.existing(Pipeline, job.pipeline_id), actor.person)
    return job


def _reaches(world: World, project: Project, sha: str) -> bool:
    """A project has the commits of its branches, and those of its pipelines and merge requests."""
    if world.store.where(Pipeline, project_id=project.id, sha=sha):
        return True
    return sha in git.ancestors(world.objects, *project.refs.values()) or _from_fork(world, project, sha)


def _from_fork(world: World, project: Project, sha: str) -> bool:
    return any(mr.sha == sha for mr in world.store.where(MergeRequest, project_id=project.id))


def _branch_with(world: World, project: Project, sha: str) -> str | None:
    for ref, tip in sorted(project.refs.items()):
        if ref.startswith(HEADS) and git.is_ancestor(world.objects, sha, tip):
            return ref.removeprefix(HEADS)
    return None


def _matching(world: World, project: Project, sha: str, body: dict[str, Any]) -> Pipeline | None:
    found = [row for row in world.store.where(Pipeline, project_id=project.id, sha=sha) if not row.archived]
    if body.get("ref"):
        found = [row for row in found if row.ref == body["ref"]]
    if body.get("pipeline_id"):
        found = [row for row in found if row.id == int(body["pipeline_id"])]
    return max(found, key=lambda row: row.id, default=None)


def _check_texts(body: dict[str, Any]) -> None:
    for key in ("name", "context", "description", "target_url"):
        if len(str(body.get(key) or "")) > LONGEST:
            raise bad_request({key: [f"is too long (maximum is {LONGEST} characters)"]})
    url = body.get("target_url")
    if url and not str(url).startswith(("http://", "https://")):
        raise bad_request({"target_url": ["is blocked: Only allowed schemes are http, https"]})


def _job(  # noqa: PLR0913, PLR0917 - a status has these parts
    world: World, user: User, project: Project, sha: str, ref: str, pipeline: Pipeline | None, body: dict[str, Any]
) -> Job:
    name = body.get("name") or body.get("context") or "default"
    state = body["state"]
    old = None
    if pipeline is not None:
        same = world.store.where(Job, pipeline_id=pipeline.id, name=name, user_id=user.id, ref=ref, stage="external")
        old = next((job for job in same if job.state in {"running", "pending"}), None)
        most = world.setting("pipeline_size")
        if most and old is None and len(world.jobs(pipeline)) >= most:
            if body.get("pipeline_id"):
                raise Refused(422, "The number of jobs has exceeded the limit")
            pipeline = None
    if pipeline is None:
        pipelines.limit(world, project, user, sha)
        pipeline = pipelines.create(world, project, sha, ref, "external", user)
    texts = {key: body[key] for key in ("description", "target_url", "coverage") if key in body}
    if old is None:
        old = Job(
            pipeline_id=pipeline.id, project_id=project.id, sha=sha, ref=ref, name=name, state="created",
            stage="external", user_id=user.id, created_at=world.clock.now(), **texts,
        )  # fmt: skip
        world.store.add(old)
    _move(world, old, state)
    for key, value in texts.items():
        setattr(old, key, value)
    pipelines.hide_older(world, old)
    return old


def _move(world: World, job: Job, state: str) -> None:
    if state == "pending" and job.state != "created":
        raise bad_request(f"Cannot transition status via :enqueue from :{job.state} (Reason(s): Status cannot"
                          f' transition via "enqueue")')  # fmt: skip
    if state == "running" and job.state == "running":
        raise bad_request("Cannot transition status via :run from :running (Reason(s): Status cannot transition via"
                          ' "run")')  # fmt: skip
    now = world.clock.now()
    job.state = state
    if state == "running":
        job.started_at = now
    if state in pipelines.ENDED:
        job.started_at, job.finished_at = job.started_at or now, now
