"""Commit statuses and pipelines."""

from typing import Any

from bot.sandbox.gitlab import access, pipelines, statuses
from bot.sandbox.gitlab.errors import forbidden, not_found
from bot.sandbox.gitlab.records import DEVELOPER, Job, Pipeline, User
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import requests as views


@operation("POST /projects/:id/statuses/:sha", None)
def post(call: Call) -> Any:
    """Post a commit status: any Developer may, under any name."""
    return views.status(call.world, statuses.post(call.world, call.actor, call.project, call.path["sha"], call.params))


@operation("GET /projects/:id/repository/commits/:sha/statuses")
def listed(call: Call) -> Any:
    """The statuses and jobs of a commit; with `all` also those that newer ones hide."""
    sha = call.commit(call.path["sha"])
    found = [job for job in call.world.store.where(Job, sha=sha) if job.project_id == call.project.id]
    if not call.params.get("all"):
        found = [job for job in found if not job.retried]
    for key in ("ref", "stage", "name", "pipeline_id"):
        if key in call.params:
            found = [job for job in found if getattr(job, key) == call.params[key]]
    key = call.params.get("order_by", "id")
    found.sort(key=lambda job: getattr(job, key), reverse=call.params.get("sort") == "desc")
    return call.paged(found, lambda job: views.status(call.world, job))


@operation("GET /projects/:id/pipelines")
def project_pipelines(call: Call) -> Any:
    """The pipelines of a project, the newest first."""
    found = call.world.store.where(Pipeline, project_id=call.project.id)
    for key in ("ref", "sha", "source"):
        if key in call.params:
            found = [row for row in found if getattr(row, key) == call.params[key]]
    if "status" in call.params:
        found = [row for row in found if pipelines.status(call.world, row) == call.params["status"]]
    found.sort(key=lambda row: row.id, reverse=call.params.get("sort", "desc") == "desc")
    return call.paged(found, lambda row: views.pipeline_basic(call.world, row))


@operation("GET /projects/:id/pipelines/:pipeline_id")
def one(call: Call) -> Any:
    """One pipeline."""
    found = call.world.store.get(Pipeline, call.number("pipeline_id"))
    if found is None or found.project_id != call.project.id:
        raise not_found()
    return views.pipeline(call.world, found)


@operation("GET /projects/:id/merge_requests/:iid/pipelines")
def mr_pipelines(call: Call) -> Any:
    """Those of a merge request, the one that counts first."""
    return call.paged(pipelines.candidates(call.world, call.mr), lambda row: views.pipeline_basic(call.world, row))


@operation("POST /projects/:id/merge_requests/:iid/pipelines", None)
def run(call: Call) -> Any:
    """The button "Run pipeline": by a Developer, as the project's `ci` says."""
    user: User = call.actor.person
    if access.level(call.world, user, call.project) < DEVELOPER:
        raise forbidden()
    kind = call.project.ci if call.project.ci in {"detached", "merged"} else "detached"
    made = pipelines.run(call.world, call.mr, kind, user)
    pipelines.add_jobs(call.world, made, {"test": call.project.ci_result}, user)
    return views.pipeline(call.world, made)
