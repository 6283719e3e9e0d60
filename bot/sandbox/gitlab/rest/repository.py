"""Commits, comparisons, trees and files."""

import base64
import hashlib
from typing import Any

from bot.sandbox import git
from bot.sandbox.gitlab import diffs
from bot.sandbox.gitlab.access import level
from bot.sandbox.gitlab.errors import bad_request, not_found
from bot.sandbox.gitlab.records import REPORTER, Project
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import commits as views
from bot.sandbox.gitlab.world import HEADS, TAGS
from bot.sandbox.serving import Answer

ROOT = "/projects/:id/repository"
COMPARED_AT_MOST = 1000


def _shown(call: Call, oid: str) -> Any:
    return views.commit(call.world, call.project, oid)


@operation(f"GET {ROOT}/commits")
def commits(call: Call) -> Any:
    """The commits of a branch, the newest first; with `path` those that touched it."""
    ref = call.params.get("ref_name", call.project.default_branch)
    if ".." in ref:
        older, newer = ref.split("..", 1)
        found = diffs.commits_between(call.world.objects, call.commit(older), call.commit(newer))[::-1]
    elif call.params.get("all"):
        found = tuple(git.ancestors(call.world.objects, *call.project.refs.values()))
    else:
        found = diffs.commits_between(call.world.objects, None, call.commit(ref))[::-1]
    if call.params.get("first_parent"):
        found = _first_parents(call, call.commit(ref))
    path = call.params.get("path")
    if path:
        found = tuple(oid for oid in found if _touches(call, oid, path))
    for key, keep in (("since", "__ge__"), ("until", "__le__")):
        if key in call.params:
            wanted = call.params[key]
            found = tuple(oid for oid in found if getattr(_shown(call, oid)["committed_date"], keep)(wanted))
    return call.paged(found, lambda oid: _shown(call, oid))


def _first_parents(call: Call, oid: str) -> tuple[str, ...]:
    found = [oid]
    while parents := call.world.objects.commit(found[-1]).parents:
        found.append(parents[0])
    return tuple(found)


def _touches(call: Call, oid: str, path: str) -> bool:
    objects = call.world.objects
    parents = objects.commit(oid).parents
    before = [_below(objects.files(parent), path) for parent in parents] or [{}]
    return all(_below(objects.files(oid), path) != one for one in before)


def _below(files: git.Snapshot, path: str) -> dict[str, git.Entry]:
    return {name: entry for name, entry in files.items() if name == path or name.startswith(path.rstrip("/") + "/")}


@operation(f"GET {ROOT}/commits/:sha")
def commit(call: Call) -> Any:
    """One commit, by id or by branch."""
    return views.commit(call.world, call.project, call.commit(call.path["sha"]), stats=call.params.get("stats", True))


@operation(f"GET {ROOT}/commits/:sha/signature")
def signature(call: Call) -> Any:
    """Who vouches for a commit: GitLab for those that its buttons made; 404 for one that is not signed."""
    if call.world.objects.commit(call.commit(call.path["sha"])).signature is None:
        raise not_found("Signature")
    return {"signature_type": "SSH", "verification_status": "verified_system", "commit_source": "gitaly", "key": None}


@operation(f"GET {ROOT}/commits/:sha/diff")
def diff(call: Call) -> Any:
    """What a commit changed, against its first parent."""
    oid = call.commit(call.path["sha"])
    parents = call.world.objects.commit(oid).parents
    found = diffs.between(call.world.objects, parents[0] if parents else None, oid)
    return call.paged(found[: call.world.setting("diff_files")], lambda change: views.diff(call.world, change))


@operation(f"GET {ROOT}/commits/:sha/refs")
def refs(call: Call) -> Any:
    """The branches and tags that contain a commit."""
    oid, wanted = call.commit(call.path["sha"]), call.params.get("type", "all")
    found = []
    for ref, tip in sorted(call.project.refs.items()):
        kind = "branch" if ref.startswith(HEADS) else "tag"
        if wanted in {"all", kind} and git.is_ancestor(call.world.objects, oid, tip):
            found.append({"type": kind, "name": ref.removeprefix(HEADS).removeprefix(TAGS)})
    return call.paged(found, lambda row: row)


@operation(f"GET {ROOT}/merge_base")
def merge_base(call: Call) -> Any:
    """The best common ancestor of two or more commits."""
    names = call.params["refs"]
    if len(names) < 2:  # noqa: PLR2004 - of one commit there is none
        raise bad_request("Provide at least 2 refs")
    base: str | None = call.commit(names[0])
    for name in names[1:]:
        base = diffs.merge_base(call.world.objects, base, call.commit(name)) if base else None
    if base is None:
        raise not_found("Merge Base")
    return _shown(call, base)


@operation(f"GET {ROOT}/compare")
def compare(call: Call) -> Any:
    """What `to` has that `from` has not; with `straight` the plain difference of the two."""
    source: Project = call.project
    if "from_project_id" in call.params:
        source = call.world.existing(Project, call.params["from_project_id"])
    old, new = call.world.resolve(source, call.params["from"]), call.commit(call.params["to"])
    if old is None:
        raise not_found("Ref")
    base = old if call.params.get("straight") else diffs.merge_base(call.world.objects, old, new)
    made = diffs.commits_between(call.world.objects, old, new)
    found = diffs.between(call.world.objects, base, new)[: call.world.setting("diff_files")]
    return {
        "commit": _shown(call, made[-1]) if made else None,
        "commits": [_shown(call, oid) for oid in made[-COMPARED_AT_MOST:]],
        "diffs": [views.diff(call.world, change) for change in found],
        "compare_timeout": False,
        "compare_same_ref": old == new,
        "web_url": f"{call.world.base_url}/{call.world.full_path(call.project)}/-/compare/{old}...{new}",
    }


@operation(f"GET {ROOT}/tree")
def tree(call: Call) -> Any:
    """A folder, or with `recursive` everything below it: modes and blob ids; no sizes."""
    oid = call.commit(call.params.get("ref", call.project.default_branch))
    path = str(call.params.get("path", "")).strip("/")
    found = _entries(call, call.world.objects.commit(oid).tree, path, recursive=bool(call.params.get("recursive")))
    if path and not found:
        raise not_found("invalid revision or path")
    if call.params.get("pagination") == "keyset":
        return call.keyset(found, lambda row: row, lambda row: str(row["id"]) + row["path"], "page_token")
    return call.paged(found, lambda row: row)


def _entries(call: Call, root: str, path: str, *, recursive: bool) -> list[dict[str, Any]]:
    objects, at = call.world.objects, root
    for step in path.split("/") if path else []:
        entry = objects.entries(at).get(step)
        if entry is None or entry.kind != "tree":
            return []
        at = entry.oid
    here = objects.entries(at)
    rows = []
    for name in sorted(here, key=lambda name: (here[name].kind != "tree", name)):
        full = f"{path}/{name}" if path else name
        entry = here[name]
        rows.append({"id": entry.oid, "name": name, "type": entry.kind, "path": full, "mode": entry.mode})
        if recursive and entry.kind == "tree":
            rows += _entries(call, root, full, recursive=True)
    return rows


def _file(call: Call) -> tuple[str, str, git.Entry]:
    oid = call.commit(call.params.get("ref", "HEAD"))
    path = call.path["file_path"]
    entry = call.world.objects.files(oid).get(path)
    if entry is None or entry.kind != "blob":
        raise not_found("File")
    return oid, path, entry


def _headers(call: Call, oid: str, path: str, entry: git.Entry) -> dict[str, str]:
    data = call.world.objects.data(entry.oid)
    return {
        "X-Gitlab-Blob-Id": entry.oid,
        "X-Gitlab-Commit-Id": oid,
        "X-Gitlab-Content-Sha256": hashlib.sha256(data).hexdigest(),
        "X-Gitlab-Encoding": "base64",
        "X-Gitlab-Execute-Filemode": str(entry.mode == "100755").lower(),
        "X-Gitlab-File-Name": path.rpartition("/")[2],
        "X-Gitlab-File-Path": path,
        "X-Gitlab-Last-Commit-Id": _last(call, oid, path),
        "X-Gitlab-Ref": str(call.params.get("ref", "HEAD")),
        "X-Gitlab-Size": str(len(data)),
    }


def _last(call: Call, oid: str, path: str) -> str:
    found = diffs.commits_between(call.world.objects, None, oid)[::-1]
    return next((one for one in found if _touches(call, one, path)), oid)


@operation(f"GET {ROOT}/files/:file_path")
def file(call: Call) -> Any:
    """A file at a commit, with its ids."""
    oid, path, entry = _file(call)
    data = call.world.objects.data(entry.oid)
    call.headers |= _headers(call, oid, path, entry)
    return {
        "file_name": path.rpartition("/")[2],
        "file_path": path,
        "size": len(data),
        "encoding": "base64",
        "content_sha256": hashlib.sha256(data).hexdigest(),
        "ref": call.params["ref"],
        "blob_id": entry.oid,
        "commit_id": oid,
        "last_commit_id": _last(call, oid, path),
        "execute_filemode": entry.mode == "100755",
        "content": base64.b64encode(data).decode(),
    }


@operation(f"HEAD {ROOT}/files/:file_path")
def file_head(call: Call) -> Any:
    """Its ids alone."""
    return Answer(200, None, _headers(call, *_file(call)))


@operation(f"GET {ROOT}/files/:file_path/raw")
def raw(call: Call) -> Any:
    """Its bytes."""
    oid, path, entry = _file(call)
    data = call.world.objects.data(entry.oid)
    return Answer(200, None, _headers(call, oid, path, entry), data)


@operation(f"GET {ROOT}/blobs/:sha/raw")
def blob(call: Call) -> Any:
    """The bytes of a blob. It must be known to somebody who may read code."""
    oid = call.path["sha"]
    public = call.project.visibility == "public"
    if call.world.objects.kind(oid) != "blob" or not (
        public or level(call.world, call.actor.user, call.project) >= REPORTER
    ):
        raise not_found("Blob")
    return Answer(200, None, {}, call.world.objects.data(oid))
