"""Git's own objects and references: blobs, trees, commits, refs."""

import base64
from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.git.objects import DIRECTORY, SUBMODULE
from bot.sandbox.github import commits, pushes
from bot.sandbox.github.errors import Refused, invalid, not_found
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import commits as views
from bot.sandbox.github.views.accounts import node_id
from bot.sandbox.github.views.repositories import repo_url
from bot.sandbox.serving import Answer

KINDS = {DIRECTORY: "tree", SUBMODULE: "commit"}


def _ref(call: Call, name: str) -> dict[str, Any]:
    sha = call.repo.refs[name]
    url = repo_url(call.world, call.repo)
    return {
        "ref": name,
        "node_id": node_id("REF", int(sha[:8], 16)),
        "url": f"{url}/git/{name}",
        "object": {"type": "commit", "sha": sha, "url": f"{url}/git/commits/{sha}"},
    }


@operation("git/get-ref", "contents:read")
def get_ref(call: Call) -> Any:
    """One reference."""
    name = "refs/" + call.params["ref"].removeprefix("refs/")
    if name not in call.repo.refs:
        raise not_found()
    return _ref(call, name)


@operation("git/list-matching-refs", "contents:read")
def matching_refs(call: Call) -> Any:
    """The references that begin so."""
    names = sorted(name for name in call.repo.refs if name.startswith("refs/" + call.params["ref"]))
    return [_ref(call, name) for name in names]


@operation("git/create-ref", "contents:write", "write")
def create_ref(call: Call) -> Any:
    """A new branch or tag."""
    name, sha = call.body["ref"], call.body["sha"]
    if name in call.repo.refs:
        raise invalid("Reference already exists")
    if not call.world.objects.has_commit(sha) or not name.startswith("refs/"):
        raise invalid("Object does not exist")
    pushes.move(call.world, call.actor, call.repo, name, sha)
    return _ref(call, name)


@operation("git/update-ref", "contents:write", "write")
def update_ref(call: Call) -> Any:
    """Move a branch, forward or (with force) anywhere."""
    name = "refs/" + call.params["ref"].removeprefix("refs/")
    if name not in call.repo.refs:
        raise invalid("Reference does not exist")
    if not call.world.objects.has_commit(call.body["sha"]):
        raise invalid("Object does not exist")
    pushes.move(call.world, call.actor, call.repo, name, call.body["sha"], force=bool(call.body.get("force")))
    return _ref(call, name)


@operation("git/get-commit", "contents:read")
def get_commit(call: Call) -> Any:
    """A commit as git has it."""
    if not call.world.objects.has_commit(call.params["commit_sha"]):
        raise not_found()
    return views.git_commit(call.world, call.repo, call.params["commit_sha"])


@operation("git/create-commit", "contents:write", "write")
def create_commit(call: Call) -> Any:
    """A commit over a tree. Whoever may push can claim any author."""
    body = call.body
    at = iso(call.world.clock.seconds())
    author = commits.signature(body.get("author"), call.actor.person, at)
    committer = commits.signature(body.get("committer") or body.get("author"), call.actor.person, at)
    if call.world.objects.kind(body["tree"]) != "tree":
        raise invalid("Tree SHA does not exist")
    parents = tuple(body.get("parents", ()))
    oid = call.world.objects.write_commit(
        body["tree"], parents, author, committer, body["message"], body.get("signature")
    )
    return views.git_commit(call.world, call.repo, oid)


@operation("git/get-tree", "contents:read")
def get_tree(call: Call) -> Any:
    """One level of a tree, or with recursive all of it. A commit or branch names its tree."""
    oid = call.params["tree_sha"]
    if call.world.objects.kind(oid) != "tree":
        commit = call.world.resolve(call.repo, oid)
        if commit is None:
            raise not_found()
        oid = call.world.objects.commit(commit).tree
    return _tree(call, oid, recursive="recursive" in call.query)


def _tree(call: Call, oid: str, *, recursive: bool) -> dict[str, Any]:
    url = f"{repo_url(call.world, call.repo)}/git"

    def entries(tree: str, prefix: str) -> list[dict[str, Any]]:
        found = []
        for name, entry in call.world.objects.entries(tree).items():
            kind = KINDS.get(entry.mode, "blob")
            item: dict[str, Any] = {"path": prefix + name, "mode": entry.mode, "type": kind, "sha": entry.oid}
            if kind == "blob":
                item["size"] = len(call.world.objects.data(entry.oid))
            if kind != "commit":
                item["url"] = f"{url}/{kind}s/{entry.oid}"
            found.append(item)
            if recursive and kind == "tree":
                found += entries(entry.oid, f"{prefix}{name}/")
        return found

    return {"sha": oid, "url": f"{url}/trees/{oid}", "tree": entries(oid, ""), "truncated": False}


@operation("git/create-tree", "contents:write", "write")
def create_tree(call: Call) -> Any:
    """A tree from entries, on top of another one or of nothing."""
    base = call.body.get("base_tree")
    if base and call.world.objects.has_commit(base):
        base = call.world.objects.commit(base).tree
    files = dict(call.world.objects.snapshot(base)) if base else {}
    for entry in call.body["tree"]:
        path, mode = entry["path"], entry.get("mode", "100644")
        if mode == DIRECTORY:
            inner = call.world.objects.snapshot(entry["sha"])
            files |= {f"{path}/{name}": found for name, found in inner.items()}
        elif "content" in entry:
            files[path] = git.Entry(mode, call.world.objects.blob(entry["content"].encode()))
        elif entry.get("sha") is None:
            files.pop(path, None)
        else:
            files[path] = git.Entry(mode, entry["sha"])
    return Answer(201, _tree(call, call.world.objects.write_tree(files), recursive=False))


@operation("git/get-blob", "contents:read")
def get_blob(call: Call) -> Any:
    """A file's content by its id."""
    oid = call.params["file_sha"]
    if call.world.objects.kind(oid) != "blob":
        raise not_found()
    data = call.world.objects.data(oid)
    return {
        "sha": oid,
        "node_id": node_id("B", int(oid[:8], 16)),
        "size": len(data),
        "url": f"{repo_url(call.world, call.repo)}/git/blobs/{oid}",
        "content": base64.encodebytes(data).decode(),
        "encoding": "base64",
    }


@operation("git/create-blob", "contents:write", "write")
def create_blob(call: Call) -> Any:
    """Store a file's content."""
    text = call.body["content"]
    encoded = call.body.get("encoding") == "base64"
    try:
        data = base64.b64decode(text, validate=False) if encoded else text.encode()
    except ValueError:
        raise Refused(422, "content is not valid Base64") from None
    oid = call.world.objects.blob(data)
    return {"sha": oid, "url": f"{repo_url(call.world, call.repo)}/git/blobs/{oid}"}
