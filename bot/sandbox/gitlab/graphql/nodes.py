"""Objects of the graph, from records: a dict for each, with the fields of the schema; what is costly is a function.

Times are whole seconds here, where REST has milliseconds.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bot.sandbox import git
from bot.sandbox.gitlab import access, approvals, diffs, notes, pipelines, requests, rules
from bot.sandbox.gitlab.errors import Refused, bad_request
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import REPORTER, Happening, Label, MergeRequest, Note, Pipeline, Project, User
from bot.sandbox.gitlab.views import requests as views
from bot.sandbox.gitlab.views import users
from bot.sandbox.gitlab.world import World

T = TypeVar("T")
Node = dict[str, Any]
MOST = 100


def gid(kind: str, number: int) -> str:
    """A global id."""
    return f"gid://gitlab/{kind}/{number}"


def pages(rows: Sequence[T], show: Callable[[T], Node]) -> Callable[..., Node]:
    """A list, cut as `first` and `after` say: at most a hundred at once."""

    def cut(_info: object, first: int | None = None, after: str | None = None, **_: Any) -> Node:
        start = _place(after) if after else 0
        stop = min(len(rows), start + min(MOST if first is None else first, MOST))
        some = stop > start
        return {
            "nodes": [show(row) for row in rows[start:stop]],
            "pageInfo": {
                "hasNextPage": stop < len(rows),
                "hasPreviousPage": start > 0,
                "startCursor": _cursor(start + 1) if some else None,
                "endCursor": _cursor(stop) if some else None,
            },
        }

    return cut


def _cursor(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode()


def _place(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor, validate=True))
    except ValueError:
        raise bad_request("Please provide a valid cursor") from None


def user(world: World, number: int | None, kind: str = "UserCore") -> Node | None:
    """Somebody; the ghost for those who were deleted."""
    if number is None:
        return None
    shown = users.basic(world, number)
    found = world.store.get(User, number)
    bot = found is not None and found.bot
    return {
        "__typename": kind,
        "id": gid("User", shown["id"]),
        "username": shown["username"],
        "name": shown["name"],
        "bot": bot,
    }


def project(world: World, actor: Actor, found: Project) -> Node:
    """A project."""

    def merge_request_(_info: object, iid: str) -> Node | None:
        rows = world.store.where(MergeRequest, project_id=found.id, iid=int(iid)) if iid.isdigit() else []
        return merge_request(world, actor, rows[0]) if rows else None

    return {
        "id": gid("Project", found.id),
        "fullPath": world.full_path(found),
        "archived": found.archived,
        "mergeRequest": merge_request_,
        "repository": {
            "rootRef": found.default_branch or None,
            "blobs": lambda info, paths, ref=None, **window: _blobs(world, found, paths, ref)(info, **window),
        },
    }


def _blobs(world: World, found: Project, paths: list[str], ref: str | None) -> Callable[..., Node]:
    tip = world.resolve(found, ref or "HEAD")
    files = world.objects.files(tip) if tip else {}
    there = [(path, files[path]) for path in paths if path in files]
    return pages(there, lambda row: {"path": row[0], "oid": row[1].oid, "mode": row[1].mode})


def merge_request(world: World, actor: Actor, mr: MergeRequest) -> Node:
    """A merge request, as much as the schema has of it."""
    version = diffs.latest(world, mr)
    inside = access.level(world, actor.user, world.project_of(mr)) >= REPORTER
    said = [note for note in notes.of(world, mr) if inside or not note.internal]
    said.sort(key=lambda note: (note.created_at, note.id))
    labelled = world.store.where(Happening, mr_id=mr.id, kind="label")
    head = pipelines.actual_head(world, mr)
    return {
        "id": gid("MergeRequest", mr.id),
        "iid": str(mr.iid),
        "title": mr.title,
        "description": mr.description,
        "state": mr.state,
        "draft": mr.draft,
        "createdAt": mr.created_at,
        "updatedAt": mr.updated_at,
        "mergedAt": mr.merged_at,
        "sourceBranch": mr.source_branch,
        "targetBranch": mr.target_branch,
        "sourceProjectId": mr.source_project_id,
        "targetProjectId": mr.project_id,
        "webUrl": views.url(world, mr),
        "diffHeadSha": mr.sha or None,
        "diffRefs": {
            "baseSha": version.base_commit_sha,
            "headSha": version.head_commit_sha,
            "startSha": version.start_commit_sha,
        },
        "diffStats": lambda _info: [_stats(world, change) for change in diffs.files(world, mr)],
        "author": user(world, mr.author_id, "MergeRequestAuthor"),
        "approvalsRequired": sum(rule.approvals_required for rule in rules.standing(world, mr)),
        "approvedBy": pages(approvals.of(world, mr), lambda row: user(world, row.user_id) or {}),
        "reviewers": pages(mr.reviewer_ids, lambda number: _reviewer(world, mr, number)),
        "labels": pages(requests.label_names(world, mr), lambda name: {"title": name}),
        "commits": pages(diffs.commits(world, mr)[::-1], lambda oid: _commit(world, oid)),
        "notes": pages(said, lambda row: _note(world, row)),
        "resourceLabelEvents": pages(labelled, lambda row: _label_event(world, row)),
        "headPipeline": _pipeline(world, actor, head) if head else None,
    }


def _stats(world: World, change: git.FileChange) -> Node:
    """How many lines a file gained and lost, also one whose diff is left out."""
    lines = (git.patch_text(world.objects, change) or "").split("\n")
    gained, lost = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return {"path": change.path, "additions": gained, "deletions": lost}


def _reviewer(world: World, mr: MergeRequest, number: int) -> Node:
    state = "REQUESTED_CHANGES" if number in mr.objector_ids else "UNREVIEWED"
    found = user(world, number, "MergeRequestReviewer") or {}
    return found | {"mergeRequestInteraction": {"reviewState": state}}


def _commit(world: World, oid: str) -> Node:
    found = world.objects.commit(oid)
    return {
        "sha": oid,
        "message": found.message,
        "authorName": found.author.name,
        "authorEmail": found.author.email,
        "committerName": found.committer.name,
        "committerEmail": found.committer.email,
    }


def _note(world: World, row: Note) -> Node:
    return {
        "id": gid("Note" if row.individual else "DiscussionNote", row.id),
        "body": row.body,
        "system": row.system,
        "internal": row.internal,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
        "lastEditedAt": row.last_edited_at,
        "author": user(world, row.author_id),
    }


def _label_event(world: World, row: Happening) -> Node:
    there = world.store.get(Label, row.label_id)
    return {
        "action": row.action.upper(),
        "createdAt": row.created_at,
        "label": {"title": there.name} if there else None,
        "user": user(world, row.user_id),
    }


def _pipeline(world: World, actor: Actor, found: Pipeline) -> Node:
    home = world.existing(Project, found.project_id)

    def job(_info: object, name: str | None = None, **_: Any) -> Node | None:
        """The one of a name that no newer one hides, whoever's it is."""
        for row in world.jobs(found):
            if row.name == name and not row.retried:
                kind = "GenericCommitStatus" if row.stage == "external" else "Ci::Build"
                return {"id": gid(kind, row.id), "name": row.name, "status": row.state.upper(), "retried": False}
        return None

    def shown(_info: object) -> Node | None:
        try:
            access.see(world, actor, home)
        except Refused:
            return None
        return project(world, actor, home)

    return {
        "id": gid("Ci::Pipeline", found.id),
        "sha": found.sha,
        "ref": found.ref,
        "project": shown,
        "job": job,
    }
