"""The bodies of webhooks. Times are written as "2026-11-20 10:00:00 UTC" here, and mailboxes are [REDACTED]."""

from typing import Any

from bot.sandbox.gitlab import diffs, mergeability, notes, pipelines, requests
from bot.sandbox.gitlab.records import Job, Label, MergeRequest, Note, Pipeline, Project, User
from bot.sandbox.gitlab.views import requests as views
from bot.sandbox.gitlab.world import HEADS, ZERO, World

VISIBILITY = {"private": 0, "internal": 10, "public": 20}
COMMITS_TOLD = 20
KEPT = ("git_http_url", "git_ssh_url", "visibility_level")


def at(text: str | None) -> str | None:
    """A time as webhooks write it."""
    return text.replace("T", " ").replace("Z", " UTC") if text else None


def user(found: User | None) -> dict[str, Any]:
    """Who did it."""
    if found is None:
        return {"id": 0, "name": "Ghost User", "username": "ghost", "avatar_url": None, "email": "[REDACTED]"}
    return {"id": found.id, "name": found.name, "username": found.username, "avatar_url": None,
            "email": "[REDACTED]"}  # fmt: skip


def project(world: World, found: Project) -> dict[str, Any]:
    """A project, as webhooks show it."""
    path = world.full_path(found)
    web, space = f"{world.base_url}/{path}", world.namespace(found)
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "web_url": web,
        "avatar_url": None,
        "git_ssh_url": f"git@sandbox:{path}.git",
        "git_http_url": f"{web}.git",
        "namespace": space.name,
        "visibility_level": VISIBILITY[found.visibility],
        "path_with_namespace": path,
        "default_branch": found.default_branch,
        "ci_config_path": None,
        "homepage": web,
        "url": f"git@sandbox:{path}.git",
        "ssh_url": f"git@sandbox:{path}.git",
        "http_url": f"{web}.git",
    }


def _repository(world: World, found: Project) -> dict[str, Any]:
    shown = project(world, found)
    return {"name": found.name, "url": shown["url"], "description": found.description, "homepage": shown["homepage"]}


def _label(world: World, number: int) -> dict[str, Any]:
    found = world.existing(Label, number)
    return {
        "id": found.id,
        "title": found.name,
        "color": found.color,
        "project_id": found.project_id,
        "created_at": None,
        "updated_at": None,
        "template": False,
        "description": found.description,
        "type": "ProjectLabel",
        "group_id": None,
    }


def _commit(world: World, found: Project, oid: str) -> dict[str, Any]:
    commit = world.objects.commit(oid)
    return {
        "id": oid,
        "message": commit.message,
        "title": commit.headline,
        "timestamp": commit.committer.date,
        "url": f"{world.base_url}/{world.full_path(found)}/-/commit/{oid}",
        "author": {"name": commit.author.name, "email": "[REDACTED]"},
    }


def _request(world: World, mr: MergeRequest) -> dict[str, Any]:
    """A merge request as every webhook shows it: without description of who approved, and only its newest commit."""
    target, source = world.project_of(mr), world.source_of(mr)
    shown_target = project(world, target)
    return {
        "id": mr.id,
        "iid": mr.iid,
        "assignee_id": mr.assignee_ids[0] if mr.assignee_ids else None,
        "assignee_ids": list(mr.assignee_ids),
        "author_id": mr.author_id,
        "reviewer_ids": list(mr.reviewer_ids),
        "created_at": at(mr.created_at),
        "updated_at": at(mr.updated_at),
        "prepared_at": at(mr.prepared_at),
        "description": mr.description,
        "draft": mr.draft,
        "work_in_progress": mr.draft,
        "head_pipeline_id": mr.head_pipeline_id,
        "labels": [_label(world, number) for number in mr.label_ids],
        "last_commit": _commit(world, target, mr.sha),
        "last_edited_at": at(mr.last_edited_at),
        "last_edited_by_id": mr.last_edited_by_id,
        "merge_commit_sha": mr.merge_commit_sha,
        "merge_error": mr.merge_error,
        "merge_params": {},
        "merge_status": "can_be_merged" if diffs.merged_tree(world, mr) else "cannot_be_merged",
        "detailed_merge_status": mergeability.status(world, mr),
        "merge_user_id": mr.merge_user_id,
        "merge_when_pipeline_succeeds": mr.auto_merge_by_id is not None,
        "milestone_id": None,
        "source": project(world, source) if source else None,
        "source_branch": mr.source_branch,
        "source_project_id": mr.source_project_id,
        "state": mr.state,
        "state_id": requests.STATES[mr.state],
        "target": shown_target,
        "target_branch": mr.target_branch,
        "target_project_id": mr.project_id,
        "time_estimate": 0,
        "time_change": 0,
        "total_time_spent": 0,
        "human_time_change": None,
        "human_time_estimate": None,
        "human_total_time_spent": None,
        "title": mr.title,
        "updated_by_id": mr.updated_by_id,
        "url": views.url(world, mr),
        "blocking_discussions_resolved": notes.all_resolved(world, mr),
        "first_contribution": False,
    }


def merge_request(  # noqa: PLR0913 - what happened has these parts
    world: World, mr: MergeRequest, by: User | None, action: str, *, changes: dict[str, Any] | None = None,
    oldrev: str | None = None, system_action: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Merge Request Hook. `oldrev` is there when code changed; `system` and its action from 18.6 on."""
    found = _request(world, mr) | {"action": action}
    if oldrev is not None:
        found["oldrev"] = oldrev
    if world.since("18.6"):
        found["system"] = system_action is not None
        if system_action is not None:
            found["system_action"] = system_action
    told = dict(changes or {})
    if "updated_at" in told:
        told["updated_at"] = {side: at(text) for side, text in told["updated_at"].items()}
    if "labels" in told:
        told["labels"] = {side: [_label(world, one) for one in ids] for side, ids in told["labels"].items()}
    for kind in ("assignees", "reviewers"):
        if kind in told:
            told[kind] = [[user(world.store.get(User, one)) for one in ids] for ids in told[kind]]
    body = {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": user(by),
        "project": project(world, world.project_of(mr)),
        "object_attributes": found,
        "labels": found["labels"],
        "changes": told,
        "repository": _repository(world, world.project_of(mr)),
    }
    people = (("assignees", mr.assignee_ids), ("reviewers", mr.reviewer_ids))
    return body | {key: [user(world.store.get(User, one)) for one in ids] for key, ids in people if ids}


def note(world: World, mr: MergeRequest, found: Note, by: User, action: str) -> dict[str, Any]:
    """Note Hook. `action` is there from 16.11 on."""
    shown = {
        "attachment": None,
        "author_id": found.author_id,
        "change_position": None,
        "commit_id": None,
        "created_at": at(found.created_at),
        "discussion_id": found.discussion,
        "id": found.id,
        "internal": found.internal,
        "line_code": None,
        "note": found.body,
        "noteable_id": mr.id,
        "noteable_type": "MergeRequest",
        "original_position": None,
        "position": None,
        "project_id": mr.project_id,
        "resolved_at": at(found.resolved_at),
        "resolved_by_id": found.resolved_by_id,
        "resolved_by_push": None,
        "st_diff": None,
        "system": found.system,
        "type": None if found.individual else "DiscussionNote",
        "updated_at": at(found.updated_at),
        "updated_by_id": by.id if found.last_edited_at else None,
        "description": found.body,
        "url": f"{views.url(world, mr)}#note_{found.id}",
    }
    if world.since("16.11"):
        shown["action"] = action
    return {
        "object_kind": "note",
        "event_type": "confidential_note" if found.internal else "note",
        "user": user(by),
        "project_id": mr.project_id,
        "project": project(world, world.project_of(mr)),
        "object_attributes": shown,
        "repository": _repository(world, world.project_of(mr)),
        "merge_request": _request(world, mr),
    }


def push(world: World, found: Project, by: User, told: dict[str, Any]) -> dict[str, Any]:
    """Push Hook: the twenty newest commits, the oldest of them first, with the paths that each touched."""
    before, after, made = told["before"], told["after"], told["commits"]
    shown = project(world, found)
    return {
        "object_kind": "push",
        "event_name": "push",
        "before": before,
        "after": after,
        "ref": told["ref"],
        "ref_protected": False,
        "checkout_sha": after if after != ZERO else None,
        "message": None,
        "user_id": by.id,
        "user_name": by.name,
        "user_username": by.username,
        "user_email": None,
        "user_avatar": None,
        "project_id": found.id,
        "project": shown,
        "commits": [_commit(world, found, oid) | _touched(world, oid) for oid in made[-COMMITS_TOLD:]],
        "total_commits_count": len(made),
        "push_options": {},
        "repository": _repository(world, found) | {key: shown[key] for key in KEPT},
    }


def _touched(world: World, oid: str) -> dict[str, list[str]]:
    parents = world.objects.commit(oid).parents
    shown: dict[str, list[str]] = {"added": [], "modified": [], "removed": []}
    for change in diffs.between(world.objects, parents[0] if parents else None, oid):
        kind = {"added": "added", "removed": "removed"}.get(change.status, "modified")
        shown[kind].append(change.path)
    return shown


def pipeline(world: World, found: Pipeline, by: User | None) -> dict[str, Any]:
    """Pipeline Hook."""
    home = world.existing(Project, found.project_id)
    mr = world.store.get(MergeRequest, found.mr_id)
    state = pipelines.status(world, found)
    jobs = [job for job in world.jobs(found) if not job.retried]
    return {
        "object_kind": "pipeline",
        "object_attributes": {
            "id": found.id,
            "iid": found.iid,
            "name": None,
            "ref": mr.source_branch if mr else found.ref.removeprefix(HEADS),
            "tag": False,
            "sha": found.sha,
            "before_sha": ZERO,
            "source": found.source,
            "status": state,
            "detailed_status": "passed" if state == "success" else state,
            "stages": list(dict.fromkeys(job.stage for job in jobs)),
            "created_at": at(found.created_at),
            "finished_at": at(found.updated_at) if state in pipelines.ENDED else None,
            "duration": None,
            "queued_duration": None,
            "protected_ref": False,
            "variables": [],
            "url": f"{world.base_url}/{world.full_path(home)}/-/pipelines/{found.id}",
        },
        "merge_request": _mr_of_pipeline(world, mr) if mr else None,
        "user": user(by),
        "project": project(world, home),
        "commit": _commit(world, home, found.sha),
        "builds": [_job(world, job) for job in jobs],
    }


def _mr_of_pipeline(world: World, mr: MergeRequest) -> dict[str, Any]:
    found = _request(world, mr)
    keys = ("id", "iid", "title", "source_branch", "source_project_id", "target_branch", "target_project_id", "state",
            "merge_status", "detailed_merge_status", "url")  # fmt: skip
    return {key: found[key] for key in keys}


def _job(world: World, job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "stage": job.stage,
        "name": job.name,
        "status": job.state,
        "created_at": at(job.created_at),
        "started_at": at(job.started_at),
        "finished_at": at(job.finished_at),
        "duration": None,
        "queued_duration": None,
        "failure_reason": None,
        "when": "on_success",
        "manual": False,
        "allow_failure": job.allow_failure,
        "user": user(world.store.get(User, job.user_id)),
        "runner": None,
        "artifacts_file": {"filename": None, "size": None},
        "environment": None,
    }
