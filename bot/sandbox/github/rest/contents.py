"""Files by path: read, and written with a commit of their own."""

import base64
from typing import Any

from bot.sandbox import git
from bot.sandbox.git.objects import DIRECTORY, SUBMODULE, SYMLINK
from bot.sandbox.github import commits, pushes
from bot.sandbox.github.errors import Refused, invalid, not_found
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import commits as views
from bot.sandbox.github.views.repositories import html_url, repo_url
from bot.sandbox.github.world import HEADS
from bot.sandbox.serving import Answer

LARGEST_INLINE = 1_000_000


def _item(call: Call, path: str, entry: git.Entry, ref: str) -> dict[str, Any]:
    kinds = {DIRECTORY: "dir", SUBMODULE: "submodule", SYMLINK: "symlink"}
    kind = kinds.get(entry.mode, "file")
    url = f"{repo_url(call.world, call.repo)}/contents/{path}?ref={ref}"
    page = f"{html_url(call.world, call.repo)}/{'tree' if kind == 'dir' else 'blob'}/{ref}/{path}"
    where = f"{repo_url(call.world, call.repo)}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.oid}"
    download = f"{html_url(call.world, call.repo)}/raw/{ref}/{path}" if kind in {"file", "symlink"} else None
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.oid,
        "size": len(call.world.objects.data(entry.oid)) if kind in {"file", "symlink"} else 0,
        "url": url,
        "html_url": page,
        "git_url": where,
        "download_url": download,
        "type": kind,
        "_links": {"self": url, "git": where, "html": page},
    }


@operation("repos/get-content", "contents:read")
def get(call: Call) -> Any:
    """A file, a directory's listing, a symlink or a submodule."""
    ref = call.query.get("ref", call.repo.default_branch)
    sha = call.world.resolve(call.repo, ref)
    if sha is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    path = call.params.get("path", "").strip("/")
    files = call.world.objects.files(sha)
    if path not in files:
        return _listing(call, path, files, ref)
    entry = files[path]
    item = _item(call, path, entry, ref)
    data = call.world.objects.data(entry.oid)
    if item["type"] == "submodule":
        return item | {"submodule_git_url": "https://example.com/module.git"}
    if item["type"] == "symlink":
        return item | {"target": data.decode("utf-8", "replace")}
    if len(data) > LARGEST_INLINE:
        return item | {"content": "", "encoding": "none"}
    return item | {"content": base64.encodebytes(data).decode(), "encoding": "base64"}


def _listing(call: Call, path: str, files: dict[str, git.Entry], ref: str) -> Any:
    prefix = f"{path}/" if path else ""
    found: dict[str, git.Entry] = {}
    for name, entry in files.items():
        if name.startswith(prefix):
            first, slash, _ = name.removeprefix(prefix).partition("/")
            found.setdefault(first, git.Entry(DIRECTORY, "0" * 40) if slash else entry)
    if not found:
        raise not_found()
    return [_item(call, prefix + name, entry, ref) for name, entry in sorted(found.items())]


def _commit(call: Call, change: dict[str, Any]) -> dict[str, Any]:
    body = call.body
    branch = body.get("branch", call.repo.default_branch)
    tip = call.world.branch(call.repo, branch)
    if tip is None:
        raise Refused(404, f"Branch {branch} not found")
    before = call.world.objects.files(tip)
    old = before.get(call.params["path"])
    if old and body.get("sha") != old.oid:
        raise (
            Refused(409, f"{call.params['path']} does not match {body.get('sha')}")
            if body.get("sha")
            else invalid('Invalid request.\n\n"sha" wasn\'t supplied.')
        )
    files = commits.applied(call.world, before, [change])
    author = body.get("author")
    commit = commits.on_the_web(call.world, call.actor.person, files, (tip,), body["message"], author)
    pushes.move(call.world, call.actor, call.repo, HEADS + branch, commit)
    view = views.git_commit(call.world, call.repo, commit)
    entry = files.get(call.params["path"])
    return {"content": _item(call, call.params["path"], entry, branch) if entry else None, "commit": view}


@operation("repos/create-or-update-file-contents", "contents:write", "write")
def put(call: Call) -> Any:
    """Write a file."""
    tip = call.world.branch(call.repo, call.body.get("branch", call.repo.default_branch))
    there = tip is not None and call.params["path"] in call.world.objects.files(tip)
    view = _commit(call, {"path": call.params["path"], "base64": call.body["content"]})
    return Answer(200 if there else 201, view)


@operation("repos/delete-file", "contents:write", "write")
def delete(call: Call) -> Any:
    """Delete a file."""
    return _commit(call, {"path": call.params["path"], "delete": True})
