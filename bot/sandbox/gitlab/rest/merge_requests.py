"""Merge requests: lists, one of them, its commits, files and versions; editing, merging and rebasing."""

from typing import Any

from bot.sandbox.clock import seconds
from bot.sandbox.gitlab import access, diffs, merging, notes, requests
from bot.sandbox.gitlab.errors import Refused, bad_request, not_found
from bot.sandbox.gitlab.records import Happening, Label, MergeRequest, Project, User, Version
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import commits as commit_views
from bot.sandbox.gitlab.views import requests as views
from bot.sandbox.gitlab.views import users as user_views

EXACT = ("source_branch", "target_branch", "author_id", "source_project_id", "draft")
TIMES = {"updated": "updated_at", "created": "created_at"}
ROOT = "/projects/:id/merge_requests"


def _wanted(call: Call, mr: MergeRequest) -> bool:
    params = call.params
    if params.get("state", "all") not in {"all", mr.state}:
        return False
    if any(key in params and getattr(mr, key) != params[key] for key in EXACT):
        return False
    for word, name in TIMES.items():
        if f"{word}_after" in params and seconds(getattr(mr, name)) < seconds(params[f"{word}_after"]):
            return False
        if f"{word}_before" in params and seconds(getattr(mr, name)) > seconds(params[f"{word}_before"]):
            return False
    labels = {call.world.existing(Label, number).name for number in mr.label_ids}
    author = call.world.store.get(User, mr.author_id)
    return (
        set(requests.names(params.get("labels"))) <= labels
        and (not params.get("iids") or mr.iid in params["iids"])
        and params.get("author_username") in {None, author.username if author else None}
        and str(params.get("search", "")).lower() in f"{mr.title} {mr.description}".lower()
        and (params.get("scope") != "created_by_me" or mr.author_id == call.actor.person.id)
    )


def _listed(call: Call, found: list[MergeRequest]) -> Any:
    key = call.params.get("order_by", "created_at")
    found = [mr for mr in found if _wanted(call, mr)]
    found.sort(key=lambda mr: (str(getattr(mr, key, "") or ""), mr.id))
    if call.params.get("sort", "desc") == "desc":
        found.reverse()
    details = bool(call.params.get("with_labels_details"))
    return call.paged(found, lambda mr: views.basic(call.world, mr, details=details))


@operation("GET /merge_requests", None)
def mine(call: Call) -> Any:
    """Merge requests across projects; by default one's own."""
    scope = call.params.setdefault("scope", "created_by_me")
    found = []
    for mr in call.world.store.all(MergeRequest):
        own = access.level(call.world, call.actor.person, call.world.project_of(mr))
        if own and (scope != "assigned_to_me" or call.actor.person.id in mr.assignee_ids):
            found.append(mr)
    return _listed(call, found)


@operation("GET /groups/:id/merge_requests", None)
def of_group(call: Call) -> Any:
    """Those of a group and its subgroups."""
    inside = {
        project.id
        for project in call.world.store.all(Project)
        if call.group.id in [place.id for place in access.chain(call.world, project.group_id)]
    }
    return _listed(call, [mr for mr in call.world.store.all(MergeRequest) if mr.project_id in inside])


@operation(f"GET {ROOT}")
def of_project(call: Call) -> Any:
    """Those of a project, as GitLab sorts them: the newest first."""
    return _listed(call, call.world.store.where(MergeRequest, project_id=call.project.id))


@operation(f"POST {ROOT}", None)
def create(call: Call) -> Any:
    """Open one; the project of the path is the one with the source branch."""
    target_id = call.params.get("target_project_id", call.project.id)
    target = call.world.store.get(Project, target_id)
    if target is None:
        raise not_found("Project")
    access.see(call.world, call.actor, target)
    mr = requests.open_one(call.world, call.actor, call.project, target, call.params)
    return views.full(call.world, mr, call.actor)


@operation(f"GET {ROOT}/:iid")
def one(call: Call) -> Any:
    """One of them."""
    shown = views.full(call.world, call.mr, call.actor)
    if call.params.get("include_diverged_commits_count"):
        shown["diverged_commits_count"] = views.diverged(call.world, call.mr)
    if call.params.get("include_rebase_in_progress"):
        shown["rebase_in_progress"] = False
    return shown


@operation(f"PUT {ROOT}/:iid", None)
def edit(call: Call) -> Any:
    """Edit it."""
    if not call.params:
        raise Refused(400, "at least one parameter must be provided", error=True)
    requests.update(call.world, call.actor, call.mr, call.params)
    return views.full(call.world, call.mr, call.actor)


@operation(f"PUT {ROOT}/:iid/merge", None)
def merge(call: Call) -> Any:
    """Merge it, or let it be merged when its pipeline is through."""
    if "auto_merge" in call.params and not call.world.since("17.11"):
        call.params.pop("auto_merge")
    merging.merge(call.world, call.actor, call.mr, call.params)
    return views.full(call.world, call.mr, call.actor)


@operation(f"POST {ROOT}/:iid/cancel_merge_when_pipeline_succeeds", None)
def cancel(call: Call) -> Any:
    """Not by itself, then."""
    requests.may_update(call.world, call.actor, call.mr)
    if call.mr.auto_merge_by_id is None:
        raise Refused(406, "Can't cancel the automatic merge")
    call.mr.auto_merge_by_id = None
    return {"status": "success"}


@operation(f"PUT {ROOT}/:iid/rebase", None)
def rebase(call: Call) -> Any:
    """Rebase it; whether that went well is told by `merge_error` later."""
    merging.rebase(call.world, call.actor, call.mr)
    return {"rebase_in_progress": True}


@operation(f"GET {ROOT}/:iid/commits")
def commits(call: Call) -> Any:
    """Its commits, the newest first. GitLab keeps no parents with them, and tells none here."""
    found = diffs.commits(call.world, call.mr)[::-1]
    return call.paged(found, lambda oid: commit_views.commit(call.world, call.project, oid) | {"parent_ids": []})


def _files(call: Call) -> tuple[list[Any], bool]:
    every = diffs.files(call.world, call.mr)
    most = call.world.setting("diff_files")
    return list(every[:most]), len(every) > most


@operation(f"GET {ROOT}/:iid/changes")
def changes(call: Call) -> Any:
    """It and its files, in one answer; what is beyond the limit is an overflow."""
    found, overflow = _files(call)
    shown = [commit_views.diff(call.world, change) for change in found]
    return views.full(call.world, call.mr, call.actor) | {"changes": shown, "overflow": overflow}


@operation(f"GET {ROOT}/:iid/diffs")
def files(call: Call) -> Any:
    """Its files. That some are beyond the limit is only seen by `changes_count`."""
    return call.paged(_files(call)[0], lambda change: commit_views.diff(call.world, change))


@operation(f"GET {ROOT}/:iid/versions")
def versions(call: Call) -> Any:
    """Its versions, the newest first."""
    return call.paged(call.world.versions(call.mr)[::-1], views.version)


@operation(f"GET {ROOT}/:iid/versions/:version_id")
def version(call: Call) -> Any:
    """One version, with commits and files."""
    found = call.world.existing(Version, call.number("version_id"))
    if found.mr_id != call.mr.id:
        raise not_found()
    return views.version_full(call.world, call.mr, found)


@operation(f"GET {ROOT}/:iid/participants")
def participants(call: Call) -> Any:
    """Its author and those who spoke."""
    ids = dict.fromkeys([call.mr.author_id, *(note.author_id for note in notes.of(call.world, call.mr))])
    return [user_views.basic(call.world, number) for number in ids]


@operation(f"GET {ROOT}/:iid/reviewers")
def reviewers(call: Call) -> Any:
    """Whom somebody asked to review."""
    shown = [user_views.basic(call.world, number) for number in call.mr.reviewer_ids]
    states = dict.fromkeys(call.mr.objector_ids, "requested_changes")
    return [
        {"user": user, "state": states.get(user["id"], "unreviewed"), "created_at": call.mr.created_at}
        for user in shown
    ]


def _happenings(call: Call, kind: str) -> Any:
    found = call.world.store.where(Happening, mr_id=call.mr.id, kind=kind)
    return call.paged(found, lambda row: views.happening(call.world, call.mr, row))


@operation(f"GET {ROOT}/:iid/resource_label_events")
def label_events(call: Call) -> Any:
    """Who put on and took off which label, and when."""
    return _happenings(call, "label")


@operation(f"GET {ROOT}/:iid/resource_state_events")
def state_events(call: Call) -> Any:
    """Who closed, opened and merged it, and when."""
    return _happenings(call, "state")


@operation("GET /projects/:id/repository/commits/:sha/merge_requests")
def with_commit(call: Call) -> Any:
    """The merge requests that have a commit."""
    sha = call.commit(call.path["sha"])
    found = [
        mr
        for mr in call.world.store.where(MergeRequest, project_id=call.project.id)
        if call.params.get("state", mr.state) == mr.state
        and (sha in diffs.commits(call.world, mr) or sha in {mr.merge_commit_sha, mr.squash_commit_sha})
    ]
    return call.paged(found, lambda mr: views.basic(call.world, mr))


def named(call: Call, name: str) -> str:
    """A parameter that must not be empty."""
    if not str(call.params.get(name) or "").strip():
        raise bad_request(f"{name} is missing")
    return str(call.params[name])
