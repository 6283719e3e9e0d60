"""Pipelines, their jobs, and which of them is a merge request's head pipeline.

Branch pipelines are looked for in the source project only; those made for the merge request go before all others. The
head pipeline is remembered: after a push without a new one it is still the old one, of the old commit.
"""

from typing import Any

from bot.sandbox.clock import iso
from bot.sandbox.gitlab import commits, diffs
from bot.sandbox.gitlab.errors import Refused, bad_request
from bot.sandbox.gitlab.records import Job, MergeRequest, Pipeline, Project, User
from bot.sandbox.gitlab.world import World

ENDED = ("success", "failed", "canceled", "skipped")
EVENT = "merge_request_event"


def status(world: World, pipeline: Pipeline) -> str:
    """What its newest jobs amount to."""
    if pipeline.skipped:
        return "skipped"
    states = {
        "success" if job.allow_failure and job.state == "failed" else job.state
        for job in world.jobs(pipeline)
        if not job.retried
    }
    if not states or states == {"created"}:
        return "created"
    if states == {"skipped"}:
        return "skipped"
    if states <= {"success", "skipped"}:
        return "success"
    if states <= {"created", "pending", "skipped"}:
        return "pending"
    if states & {"running", "pending", "created"}:
        return "running"
    return "failed" if "failed" in states else "canceled"


def create(  # noqa: PLR0913, PLR0917 - a pipeline has these parts
    world: World, project: Project, sha: str, ref: str, source: str, user: User | None,
    mr: MergeRequest | None = None, source_sha: str | None = None,
) -> Pipeline:  # fmt: skip
    """A pipeline without jobs. It becomes the head pipeline of the merge requests that it is for."""
    project.last_pipeline_iid += 1
    now = world.clock.tick()
    pipeline = world.store.add(
        Pipeline(
            project_id=project.id, iid=project.last_pipeline_iid, sha=sha, ref=ref, source=source,
            mr_id=mr.id if mr else None, source_sha=source_sha, user_id=user.id if user else None, created_at=now,
            updated_at=now,
        )
    )  # fmt: skip
    for found in world.store.where(MergeRequest, state="opened"):
        choose_head(world, found)
    return pipeline


def candidates(world: World, mr: MergeRequest) -> list[Pipeline]:
    """Every pipeline of a merge request, the one that counts first."""
    found = world.store.where(Pipeline, mr_id=mr.id)
    heads = {version.head_commit_sha for version in world.versions(mr)}
    for pipeline in world.store.where(Pipeline, project_id=mr.source_project_id, ref=mr.source_branch):
        if pipeline.mr_id is None and pipeline.sha in heads:
            found.append(pipeline)
    return sorted(found, key=lambda pipeline: (pipeline.source != EVENT, -pipeline.id))


def choose_head(world: World, mr: MergeRequest) -> None:
    """Remember the newest pipeline of the present head, if there is one."""
    for pipeline in candidates(world, mr):
        if mr.sha in {pipeline.sha, pipeline.source_sha}:
            mr.head_pipeline_id = pipeline.id
            return


def head(world: World, mr: MergeRequest) -> Pipeline | None:
    """The head pipeline that is remembered; perhaps that of an older commit."""
    return world.store.get(Pipeline, mr.head_pipeline_id)


def actual_head(world: World, mr: MergeRequest) -> Pipeline | None:
    """The head pipeline, if it is of the present head."""
    found = head(world, mr)
    return found if found is not None and mr.sha in {found.sha, found.source_sha} else None


def run(world: World, mr: MergeRequest, kind: str, user: User | None, where: Project | None = None) -> Pipeline:
    """A pipeline of a kind for a merge request: branch, detached, merged (results); by default where GitLab runs it."""
    target, source = world.project_of(mr), world.source_of(mr)
    project = where or (source if kind == "branch" else target)
    if project is None:
        raise bad_request("The source project is gone")
    if kind == "branch":
        return create(world, project, mr.sha, mr.source_branch, "push", user)
    if kind == "detached":
        return create(world, project, mr.sha, f"refs/merge-requests/{mr.iid}/head", EVENT, user, mr)
    if kind != "merged":
        raise bad_request(f"unknown kind of pipeline {kind!r}; there are branch, detached, merged")
    tree, tip = diffs.merged_tree(world, mr), diffs.target_tip(world, mr)
    if tree is None or tip is None:
        raise bad_request("it does not merge, so there is no pipeline for the result")
    who = commits.signature(None, user, iso(world.clock.seconds()))
    files = world.objects.snapshot(tree)
    sha = commits.write(world, files, (tip, mr.sha), f"Merge {mr.sha} into {tip}", who, who)
    return create(world, project, sha, f"refs/merge-requests/{mr.iid}/merge", EVENT, user, mr, mr.sha)


def add_jobs(world: World, pipeline: Pipeline, jobs: dict[str, str], user: User | None) -> None:
    """Jobs by name and state; a job of that name that is there already is retried."""
    for name, state in jobs.items():
        now = world.clock.now()
        job = Job(
            pipeline_id=pipeline.id, project_id=pipeline.project_id, sha=pipeline.sha, ref=pipeline.ref, name=name,
            state=state, user_id=user.id if user else None, created_at=now, started_at=now,
            finished_at=now if state in ENDED else None,
        )  # fmt: skip
        hide_older(world, world.store.add(job))
    changed(world, pipeline, user)


def hide_older(world: World, job: Job) -> None:
    """A new job of a name hides the older ones, whoever's they are."""
    for other in world.store.where(Job, pipeline_id=job.pipeline_id, name=job.name):
        if other.id != job.id:
            other.retried = True


def changed(world: World, pipeline: Pipeline, user: User | None) -> None:
    """Something about it is new: webhooks hear of it."""
    pipeline.updated_at = world.clock.tick()
    project = world.existing(Project, pipeline.project_id)
    world.tell("pipeline", project=project, user=user, pipeline=pipeline, action=status(world, pipeline))


def automatic(  # noqa: PLR0913, PLR0917 - what was pushed where, by whom, and for which merge requests
    world: World, project: Project, branch: str, sha: str, user: User, requests: list[MergeRequest]
) -> None:
    """What a push runs by itself, as the project's `ci` says. `[skip ci]` in the message skips it."""
    if project.ci == "none":
        return
    kinds: list[tuple[str, MergeRequest | None]] = [("branch", None)]
    if project.ci != "branch":
        kinds = [(project.ci, mr) for mr in requests]
    for kind, mr in kinds:
        made = run(world, mr, kind, user) if mr else create(world, project, sha, branch, "push", user)
        message = world.objects.commit(sha).message.lower()
        made.skipped = "[skip ci]" in message or "[ci skip]" in message
        add_jobs(world, made, {} if made.skipped else {"test": project.ci_result}, user)


def limit(world: World, project: Project, user: User, sha: str) -> None:
    """The limit on new pipelines, where it is switched on. Raises 429."""
    most = world.setting("pipelines_limit")
    since = iso(world.clock.seconds() - 60)
    rows: list[Any] = world.store.where(Pipeline, project_id=project.id, sha=sha, user_id=user.id)
    if most and len([row for row in rows if row.created_at > since]) >= most:
        words = "This endpoint has been requested too many times. Try again later."
        raise Refused(429, {"error": words}, Retry_After="60")
