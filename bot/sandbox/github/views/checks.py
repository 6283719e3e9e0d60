"""Check runs, check suites and commit statuses as JSON."""

from typing import Any

from bot.sandbox.github import checks
from bot.sandbox.github.records import App, CheckRun, CheckSuite, Issue, Repository, Status
from bot.sandbox.github.views.accounts import node_id, user
from bot.sandbox.github.views.apps import integration
from bot.sandbox.github.views.commits import simple_commit
from bot.sandbox.github.views.repositories import html_url, minimal, repo_url
from bot.sandbox.github.world import World


def pull_requests(world: World, repo: Repository, sha: str) -> list[dict[str, Any]]:
    """The open pull requests of a commit, as checks carry them: none of them from forks."""
    found = [
        pull
        for pull in world.store.where(Issue, repo_id=repo.id)
        if pull.is_pull and pull.state == "open" and pull.head_sha == sha and pull.head_repo_id == repo.id
    ]
    end = {"id": repo.id, "url": repo_url(world, repo), "name": repo.name}
    return [
        {
            "url": f"{repo_url(world, repo)}/pulls/{pull.number}",
            "id": pull.id,
            "number": pull.number,
            "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": end},
            "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": end},
        }
        for pull in found
    ]


def run(world: World, found: CheckRun) -> dict[str, Any]:
    """The schema check-run."""
    repo = world.existing(Repository, found.repo_id)
    url = f"{repo_url(world, repo)}/check-runs/{found.id}"
    page = f"{html_url(world, repo)}/runs/{found.id}"
    return {
        "id": found.id,
        "name": found.name,
        "node_id": node_id("CR", found.id),
        "head_sha": found.head_sha,
        "external_id": found.external_id,
        "url": url,
        "html_url": page,
        "details_url": found.details_url or page,
        "status": found.status,
        "conclusion": found.conclusion,
        "started_at": found.started_at,
        "completed_at": found.completed_at,
        "output": {
            "title": found.title,
            "summary": found.summary,
            "text": found.text,
            "annotations_count": len(found.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": found.suite_id},
        "app": integration(world, world.existing(App, found.app_id)),
        "pull_requests": pull_requests(world, repo, found.head_sha),
    }


def suite(world: World, found: CheckSuite) -> dict[str, Any]:
    """The schema check-suite."""
    repo = world.existing(Repository, found.repo_id)
    url = f"{repo_url(world, repo)}/check-suites/{found.id}"
    status, conclusion = checks.suite_state(world, found)
    return {
        "id": found.id,
        "node_id": node_id("CS", found.id),
        "head_branch": found.head_branch,
        "head_sha": found.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": url,
        "before": found.before,
        "after": found.after,
        "pull_requests": pull_requests(world, repo, found.head_sha),
        "app": integration(world, world.existing(App, found.app_id)),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": len(world.store.where(CheckRun, suite_id=found.id)),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": simple_commit(world, found.head_sha),
        "repository": minimal(world, repo),
    }


def simple_status(world: World, repo: Repository, found: Status) -> dict[str, Any]:
    """The schema simple-commit-status."""
    return {
        "url": f"{repo_url(world, repo)}/statuses/{found.sha}",
        "avatar_url": f"{world.base_url}/avatars/u/{found.creator_id}",
        "id": found.id,
        "node_id": node_id("SC", found.id),
        "state": found.state,
        "description": found.description,
        "target_url": found.target_url,
        "context": found.context,
        "created_at": found.created_at,
        "updated_at": found.created_at,
    }


def status(world: World, repo: Repository, found: Status) -> dict[str, Any]:
    """The schema status."""
    return simple_status(world, repo, found) | {"creator": user(world, world.account_by_id(found.creator_id))}
