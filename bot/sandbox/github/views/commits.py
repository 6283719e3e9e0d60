"""Commits, trees, blobs and differences as JSON."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso, seconds
from bot.sandbox.github.records import Repository
from bot.sandbox.github.views.accounts import node_id, user
from bot.sandbox.github.views.repositories import html_url, repo_url
from bot.sandbox.github.world import World

LARGEST_PATCH = 100_000


def person(signature: git.Signature) -> dict[str, str]:
    """Name, mailbox, and the date in UTC."""
    return {"name": signature.name, "email": signature.email, "date": iso(seconds(signature.date))}


def verification(found: git.Commit) -> dict[str, Any]:
    """Whether the forge could check the signature: only its own are verified here."""
    ours = found.signature is not None
    return {
        "verified": ours,
        "reason": "valid" if ours else "unsigned",
        "signature": found.signature,
        "payload": f"tree {found.tree}\n" if ours else None,
        "verified_at": iso(seconds(found.committer.date)) if ours else None,
    }


def parents(world: World, repo: Repository, found: git.Commit) -> list[dict[str, str]]:
    """The commits it was made from."""
    return [
        {
            "sha": oid,
            "url": f"{repo_url(world, repo)}/commits/{oid}",
            "html_url": f"{html_url(world, repo)}/commit/{oid}",
        }
        for oid in found.parents
    ]


def git_commit(world: World, repo: Repository, oid: str) -> dict[str, Any]:
    """The schema git-commit."""
    found = world.objects.commit(oid)
    return {
        "sha": oid,
        "node_id": node_id("C", int(oid[:8], 16)),
        "url": f"{repo_url(world, repo)}/git/commits/{oid}",
        "html_url": f"{html_url(world, repo)}/commit/{oid}",
        "author": person(found.author),
        "committer": person(found.committer),
        "tree": {"sha": found.tree, "url": f"{repo_url(world, repo)}/git/trees/{found.tree}"},
        "message": found.message,
        "parents": parents(world, repo, found),
        "verification": verification(found),
    }


def commit(world: World, repo: Repository, oid: str) -> dict[str, Any]:
    """The schema commit, without its files."""
    found = world.objects.commit(oid)
    inner = git_commit(world, repo, oid)
    url = f"{repo_url(world, repo)}/commits/{oid}"
    return {
        "sha": oid,
        "node_id": inner["node_id"],
        "commit": {key: inner[key] for key in ("author", "committer", "message", "tree", "url", "verification")}
        | {"comment_count": 0},
        "url": url,
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "author": user(world, world.account_by_email(found.author.email)),
        "committer": user(world, world.account_by_email(found.committer.email)),
        "parents": inner["parents"],
    }


def commit_changes(world: World, oid: str) -> list[git.FileChange]:
    """What a commit changed against its first parent."""
    found = world.objects.commit(oid)
    before = world.objects.files(found.parents[0]) if found.parents else {}
    return git.changes(world.objects, before, world.objects.files(oid))


def full_commit(world: World, repo: Repository, oid: str, page: slice) -> dict[str, Any]:
    """The schema commit, with statistics and the files of one page."""
    changed = commit_changes(world, oid)
    additions, deletions = sum(file.additions for file in changed), sum(file.deletions for file in changed)
    return commit(world, repo, oid) | {
        "stats": {"total": additions + deletions, "additions": additions, "deletions": deletions},
        "files": [diff_entry(world, repo, oid, file) for file in changed[page]],
    }


def diff_entry(world: World, repo: Repository, oid: str, change: git.FileChange) -> dict[str, Any]:
    """The schema diff-entry."""
    page, url = html_url(world, repo), repo_url(world, repo)
    entry = change.new or change.old
    view: dict[str, Any] = {
        "sha": entry.oid if entry else None,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{page}/blob/{oid}/{change.path}",
        "raw_url": f"{page}/raw/{oid}/{change.path}",
        "contents_url": f"{url}/contents/{change.path}?ref={oid}",
    }
    if change.previous_path:
        view["previous_filename"] = change.previous_path
    patch = git.patch_text(world.objects, change)
    if patch is not None and len(patch) <= LARGEST_PATCH:
        view["patch"] = patch
    return view


def payload_commit(world: World, repo: Repository, oid: str) -> dict[str, Any]:
    """A commit as push events carry it, with the paths it touched."""
    found = world.objects.commit(oid)
    changed = commit_changes(world, oid)

    def who(signature: git.Signature) -> dict[str, str]:
        account = world.account_by_email(signature.email)
        login = {"username": account.login} if account else {}
        return {"name": signature.name, "email": signature.email, "date": signature.date, **login}

    renamed = [file for file in changed if file.previous_path]
    return {
        "id": oid,
        "tree_id": found.tree,
        "distinct": True,
        "message": found.message,
        "timestamp": found.committer.date,
        "url": f"{html_url(world, repo)}/commit/{oid}",
        "author": who(found.author),
        "committer": who(found.committer),
        "added": [file.path for file in changed if file.status == "added"] + [file.path for file in renamed],
        "removed": [file.path for file in changed if file.status == "removed"]
        + [file.previous_path for file in renamed],
        "modified": [file.path for file in changed if file.status in {"modified", "changed"}],
    }


def simple_commit(world: World, oid: str) -> dict[str, Any]:
    """The schema simple-commit, which check suites carry."""
    found = world.objects.commit(oid)
    return {
        "id": oid,
        "tree_id": found.tree,
        "message": found.message,
        "timestamp": iso(seconds(found.committer.date)),
        "author": {"name": found.author.name, "email": found.author.email},
        "committer": {"name": found.committer.name, "email": found.committer.email},
    }
