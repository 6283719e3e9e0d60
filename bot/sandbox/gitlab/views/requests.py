"""Merge requests and what belongs to them, as the API shows them."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.gitlab import access, diffs, mergeability, notes, pipelines, requests
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import Happening, Job, Label, MergeRequest, Note, Pipeline, Project, Version
from bot.sandbox.gitlab.views import commits, users
from bot.sandbox.gitlab.views.users import at
from bot.sandbox.gitlab.world import ZERO, World


def url(world: World, mr: MergeRequest) -> str:
    """Its page."""
    return f"{world.base_url}/{world.full_path(world.project_of(mr))}/-/merge_requests/{mr.iid}"


def basic(world: World, mr: MergeRequest, *, details: bool = False) -> dict[str, Any]:
    """A merge request in a list; with `details` its labels are objects."""
    project = world.project_of(mr)
    path = world.full_path(project)
    conflicts = mr.state == "opened" and diffs.merged_tree(world, mr) is None
    labels: list[Any] = sorted(requests.label_names(world, mr))
    if details:
        labels = [label(world.existing(Label, number)) for number in mr.label_ids]
    shown = {
        "id": mr.id,
        "iid": mr.iid,
        "project_id": mr.project_id,
        "title": mr.title,
        "description": mr.description,
        "state": mr.state,
        "created_at": at(mr.created_at),
        "updated_at": at(mr.updated_at),
        "merged_by": users.maybe(world, mr.merge_user_id),
        "merge_user": users.maybe(world, mr.merge_user_id or mr.auto_merge_by_id),
        "merged_at": at(mr.merged_at),
        "closed_by": users.maybe(world, mr.closed_by_id),
        "closed_at": at(mr.closed_at),
        "prepared_at": at(mr.prepared_at),
        "target_branch": mr.target_branch,
        "source_branch": mr.source_branch,
        "user_notes_count": len([note for note in notes.of(world, mr) if not note.system]),
        "upvotes": 0,
        "downvotes": 0,
        "author": users.basic(world, mr.author_id),
        "assignees": [users.basic(world, number) for number in mr.assignee_ids],
        "assignee": users.maybe(world, mr.assignee_ids[0] if mr.assignee_ids else None),
        "reviewers": [users.basic(world, number) for number in mr.reviewer_ids],
        "source_project_id": mr.source_project_id,
        "target_project_id": mr.project_id,
        "labels": labels,
        "draft": mr.draft,
        "imported": False,
        "imported_from": "none",
        "work_in_progress": mr.draft,
        "milestone": None,
        "merge_when_pipeline_succeeds": mr.auto_merge_by_id is not None,
        "merge_status": "cannot_be_merged" if conflicts else "can_be_merged",
        "detailed_merge_status": mergeability.status(world, mr),
        "merge_after": None,
        "sha": mr.sha,
        "merge_commit_sha": mr.merge_commit_sha,
        "squash_commit_sha": mr.squash_commit_sha,
        "discussion_locked": mr.discussion_locked,
        "should_remove_source_branch": None,
        "force_remove_source_branch": mr.force_remove_source_branch,
        "reference": f"!{mr.iid}",
        "references": {"short": f"!{mr.iid}", "relative": f"!{mr.iid}", "full": f"{path}!{mr.iid}"},
        "web_url": url(world, mr),
        "time_stats": {"time_estimate": 0, "total_time_spent": 0, "human_time_estimate": None,
                       "human_total_time_spent": None},
        "squash": mr.squash,
        "squash_on_merge": mr.squash,
        "task_completion_status": {"count": 0, "completed_count": 0},
        "has_conflicts": conflicts,
        "blocking_discussions_resolved": notes.all_resolved(world, mr),
    }  # fmt: skip
    if mr.source_project_id != mr.project_id:
        more = {"allow_collaboration": mr.allow_collaboration, "allow_maintainer_to_push": mr.allow_collaboration}
        shown |= more
    if access.paid(world, project):
        shown["approvals_before_merge"] = None
    return shown


def full(world: World, mr: MergeRequest, actor: Actor) -> dict[str, Any]:
    """A merge request by itself. `head_pipeline` is what GitLab remembers, perhaps one of an older commit."""
    version = diffs.latest(world, mr)
    head = pipelines.head(world, mr)
    able = actor.user is not None and access.may_merge(world, actor.user, world.project_of(mr), mr.target_branch)
    return basic(world, mr) | {
        "subscribed": False,
        "changes_count": version.real_size if version.real_size != "0" else None,
        "latest_build_started_at": None,
        "latest_build_finished_at": None,
        "first_deployed_to_production_at": None,
        "pipeline": pipeline_basic(world, head) if head else None,
        "head_pipeline": pipeline(world, head) if head else None,
        "diff_refs": {
            "base_sha": version.base_commit_sha,
            "head_sha": version.head_commit_sha,
            "start_sha": version.start_commit_sha,
        },
        "merge_error": mr.merge_error,
        "first_contribution": False,
        "user": {"can_merge": able},
    }


def diverged(world: World, mr: MergeRequest) -> int:
    """How many commits the target branch has that it has not."""
    tip = diffs.target_tip(world, mr)
    return len(git.range_commits(world.objects, mr.sha, tip)) if tip else 0


def version(found: Version) -> dict[str, Any]:
    """A version in a list."""
    return {
        "id": found.id,
        "head_commit_sha": found.head_commit_sha,
        "base_commit_sha": found.base_commit_sha,
        "start_commit_sha": found.start_commit_sha,
        "created_at": at(found.created_at),
        "merge_request_id": found.mr_id,
        "state": "collected",
        "real_size": found.real_size,
        "patch_id_sha": found.patch_id_sha,
    }


def version_full(world: World, mr: MergeRequest, found: Version) -> dict[str, Any]:
    """A version by itself, with commits (newest first) and files."""
    project = world.project_of(mr)
    oids = diffs.commits_between(world.objects, found.start_commit_sha, found.head_commit_sha)
    changes = diffs.between(world.objects, found.base_commit_sha, found.head_commit_sha)
    return version(found) | {
        "commits": [commits.commit(world, project, oid) for oid in oids[::-1]],
        "diffs": [commits.diff(world, change) for change in changes[: world.setting("diff_files")]],
    }


def label(found: Label) -> dict[str, Any]:
    """A label."""
    return {"id": found.id, "name": found.name, "color": found.color, "description": found.description,
            "text_color": "#FFFFFF", "description_html": ""}  # fmt: skip


def pipeline_basic(world: World, found: Pipeline) -> dict[str, Any]:
    """A pipeline in a list."""
    project = world.existing(Project, found.project_id)
    return {
        "id": found.id,
        "iid": found.iid,
        "project_id": found.project_id,
        "sha": found.sha,
        "ref": found.ref,
        "status": pipelines.status(world, found),
        "source": found.source,
        "created_at": at(found.created_at),
        "updated_at": at(found.updated_at),
        "name": None,
        "web_url": f"{world.base_url}/{world.full_path(project)}/-/pipelines/{found.id}",
    }


def pipeline(world: World, found: Pipeline) -> dict[str, Any]:
    """A pipeline by itself."""
    state = pipelines.status(world, found)
    ended = state in pipelines.ENDED
    return pipeline_basic(world, found) | {
        "before_sha": ZERO,
        "tag": False,
        "yaml_errors": None,
        "user": users.maybe(world, found.user_id),
        "started_at": at(found.created_at),
        "finished_at": at(found.updated_at) if ended else None,
        "committed_at": None,
        "duration": 1 if ended else None,
        "queued_duration": 1,
        "coverage": None,
        "detailed_status": {"icon": f"status_{state}", "text": state, "label": state, "group": state,
                            "tooltip": state, "has_details": True, "details_path": "/", "illustration": None,
                            "favicon": "/"},
    }  # fmt: skip


def status(world: World, job: Job) -> dict[str, Any]:
    """A commit status. That it was retried is not told: `all` alone shows the older ones."""
    return {
        "id": job.id,
        "sha": job.sha,
        "ref": job.ref,
        "status": job.state,
        "name": job.name,
        "target_url": job.target_url,
        "description": job.description,
        "created_at": at(job.created_at),
        "started_at": at(job.started_at),
        "finished_at": at(job.finished_at),
        "allow_failure": job.allow_failure,
        "coverage": job.coverage,
        "pipeline_id": job.pipeline_id,
        "author": users.maybe(world, job.user_id),
    }


def note(world: World, mr: MergeRequest, found: Note) -> dict[str, Any]:
    """A note."""
    threaded = not found.individual and not found.system
    shown = {
        "id": found.id,
        "type": "DiscussionNote" if threaded else None,
        "body": found.body,
        "author": users.basic(world, found.author_id),
        "created_at": at(found.created_at),
        "updated_at": at(found.updated_at),
        "system": found.system,
        "noteable_id": mr.id,
        "noteable_type": "MergeRequest",
        "project_id": mr.project_id,
        "resolvable": threaded,
        "confidential": found.internal,
        "internal": found.internal,
        "imported": False,
        "imported_from": "none",
        "noteable_iid": mr.iid,
        "commands_changes": {},
    }
    if threaded:
        by = users.maybe(world, found.resolved_by_id)
        shown |= {"resolved": found.resolved, "resolved_by": by, "resolved_at": at(found.resolved_at)}
    return shown


def discussion(world: World, mr: MergeRequest, found: list[Note]) -> dict[str, Any]:
    """A thread, or a single note."""
    first = found[0]
    shown = [note(world, mr, one) for one in found]
    return {"id": first.discussion, "individual_note": first.individual or first.system, "notes": shown}


def happening(world: World, mr: MergeRequest, found: Happening) -> dict[str, Any]:
    """A label or state event."""
    shown: dict[str, Any] = {
        "id": found.id,
        "user": users.basic(world, found.user_id),
        "created_at": at(found.created_at),
        "resource_type": "MergeRequest",
        "resource_id": mr.id,
    }
    if found.kind == "state":
        return shown | {"state": found.action, "source_commit": None}
    there = world.store.get(Label, found.label_id)
    return shown | {"label": label(there) if there else None, "action": found.action}
