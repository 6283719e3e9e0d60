"""Commands that show what there is, also what GitLab itself tells nobody."""

from typing import Any

from bot.sandbox.control import Body
from bot.sandbox.gitlab import approvals, mergeability, notes, pipelines, rules
from bot.sandbox.gitlab.control.command import actor, command, merge_request
from bot.sandbox.gitlab.records import Job, User
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.world import World


def _name(world: World, user_id: int | None) -> str:
    found = world.store.get(User, user_id)
    return found.username if found else "ghost"


def _job(world: World, job: Job) -> dict[str, Any]:
    keys = ("id", "name", "state", "sha", "ref", "pipeline_id", "description", "target_url", "retried", "stage")
    return {key: getattr(job, key) for key in keys} | {"by": _name(world, job.user_id)}


@command("state", "project", "iid")
def state(service: Service, body: Body) -> Any:
    """A merge request from the inside: head, versions, approvals with the head they were given for, every status with
    who posted it and whether a newer one hides it, notes, pipelines, rules, and everything in the way of merging.
    """
    with service.world.lock:
        world, mr = service.world, merge_request(service.world, body)
        every = pipelines.candidates(world, mr)
        return {
            "state": mr.state,
            "sha": mr.sha,
            "draft": mr.draft,
            "merge_commit_sha": mr.merge_commit_sha,
            "blockers": mergeability.blockers(world, mr),
            "detailed_merge_status": mergeability.status(world, mr),
            "auto_merge_by": _name(world, mr.auto_merge_by_id) if mr.auto_merge_by_id else None,
            "versions": [version.model_dump() for version in world.versions(mr)],
            "approvals": [
                {"by": _name(world, row.user_id), "given_for": row.given_for, "created_at": row.created_at}
                for row in approvals.of(world, mr)
            ],
            "rules": [
                rule.model_dump() | {"satisfied": rules.satisfied(world, mr, rule)}
                for rule in rules.standing(world, mr)
            ],
            "head_pipeline": mr.head_pipeline_id,
            "pipelines": [row.model_dump() | {"status": pipelines.status(world, row)} for row in every],
            "statuses": [
                _job(world, job) for job in world.store.all(Job) if job.sha == mr.sha or job.pipeline_id in
                {row.id for row in every}
            ],
            "notes": [
                {"id": note.id, "by": _name(world, note.author_id), "body": note.body, "system": note.system,
                 "edited": note.last_edited_at is not None}
                for note in notes.of(world, mr)
            ],
        }  # fmt: skip


@command("reader", "project")
def reader(service: Service, body: Body) -> Any:
    """Somebody who may read a project: an owner of it."""
    with service.world.lock:
        return {"username": actor(service.world, body).username}
