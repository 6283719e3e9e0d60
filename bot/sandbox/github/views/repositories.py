"""Repositories as JSON, with the many addresses that clients follow."""

from typing import Any

from bot.sandbox.github.records import Issue, Repository
from bot.sandbox.github.views.accounts import node_id, user
from bot.sandbox.github.world import World

URLS = {
    "archive": "/{archive_format}{/ref}", "assignees": "/assignees{/user}", "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}", "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}", "commits": "/commits{/sha}", "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}", "contributors": "/contributors", "deployments": "/deployments",
    "downloads": "/downloads", "events": "/events", "forks": "/forks", "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}", "git_tags": "/git/tags{/sha}", "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}", "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}", "keys": "/keys{/key_id}", "labels": "/labels{/name}", "languages": "/languages",
    "merges": "/merges", "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}", "pulls": "/pulls{/number}",
    "releases": "/releases{/id}", "stargazers": "/stargazers", "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers", "subscription": "/subscription", "tags": "/tags", "teams": "/teams",
    "trees": "/git/trees{/sha}",
}  # fmt: skip


def minimal(world: World, repo: Repository) -> dict[str, Any]:
    """The schema minimal-repository."""
    url = repo_url(world, repo)
    return {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": world.full_name(repo),
        "private": repo.private,
        "owner": user(world, world.owner(repo)),
        "html_url": html_url(world, repo),
        "description": repo.description,
        "fork": repo.fork_of is not None,
        "url": url,
        **{f"{name}_url": url + path for name, path in URLS.items()},
        "default_branch": repo.default_branch,
        "archived": repo.archived,
        "disabled": False,
        "visibility": "private" if repo.private else "public",
        "created_at": repo.created_at,
        "updated_at": repo.updated_at,
        "pushed_at": repo.pushed_at,
    }


def repository(world: World, repo: Repository) -> dict[str, Any]:
    """The schema repository, which pull requests carry for head and base."""
    opened = sum(issue.state == "open" for issue in world.store.where(Issue, repo_id=repo.id))
    page = html_url(world, repo)
    forks = len(world.store.where(Repository, fork_of=repo.id))
    return minimal(world, repo) | {
        "git_url": f"git:{page.split(':', 1)[1]}.git",
        "ssh_url": f"git@sandbox.example.com:{world.full_name(repo)}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "size": 1,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "language": None,
        "has_issues": True,
        "has_projects": False,
        "has_downloads": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": forks,
        "forks": forks,
        "open_issues_count": opened,
        "open_issues": opened,
        "license": None,
        "is_template": False,
        "topics": [],
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "allow_merge_commit": repo.allow_merge_commit,
        "allow_squash_merge": repo.allow_squash_merge,
        "allow_rebase_merge": repo.allow_rebase_merge,
    }


def full(world: World, repo: Repository) -> dict[str, Any]:
    """The schema full-repository."""
    parent = world.store.get(Repository, repo.fork_of)
    related = {"parent": repository(world, parent), "source": repository(world, parent)} if parent else {}
    owner = world.owner(repo)
    organization = {"organization": user(world, owner)} if owner.kind == "Organization" else {}
    return repository(world, repo) | {"network_count": 0, "subscribers_count": 0} | organization | related


def repo_url(world: World, repo: Repository) -> str:
    """Its address in the REST API."""
    return f"{world.api_url}/repos/{world.full_name(repo)}"


def html_url(world: World, repo: Repository) -> str:
    """The address of its page."""
    return f"{world.base_url}/{world.full_name(repo)}"
