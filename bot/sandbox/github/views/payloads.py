"""The subject of each webhook as JSON; what all webhooks share is added by whoever announces them."""

from typing import Any

from bot.sandbox.clock import seconds
from bot.sandbox.github import protection
from bot.sandbox.github.records import Repository
from bot.sandbox.github.views import accounts, apps, checks, commits, pulls, repositories, rules
from bot.sandbox.github.world import HEADS, ZERO, World

label = pulls.label


def repository(world: World, repo: Repository, event: str) -> dict[str, Any]:
    """The repository; push events write its times as numbers."""
    view = repositories.repository(world, repo)
    if event == "push":
        view |= {
            "created_at": int(seconds(repo.created_at)),
            "pushed_at": int(seconds(repo.pushed_at)),
            "master_branch": repo.default_branch,
        }
    return view


def build(world: World, event: str, subject: dict[str, Any]) -> dict[str, Any]:
    """What an event is about."""
    body: dict[str, Any] = {}
    if "pull" in subject:
        pull = subject["pull"]
        if event == "pull_request":
            state = protection.merge_state(world, pull)
            body |= {"number": pull.number, "pull_request": pulls.full(world, pull, state)}
        else:
            body["pull_request"] = pulls.simple(world, pull)
    if "review" in subject:
        body["review"] = pulls.review(world, subject["review"], event=True)
    if "issue" in subject:
        body["issue"] = pulls.issue(world, subject["issue"])
    if "comment" in subject:
        body["comment"] = pulls.comment(world, subject["comment"])
    if "run" in subject:
        body["check_run"] = checks.run(world, subject["run"])
    if "suite" in subject:
        body["check_suite"] = checks.suite(world, subject["suite"])
    return body | _rest(world, subject)


def _rest(world: World, subject: dict[str, Any]) -> dict[str, Any]:  # noqa: C901 - a flat table of cases
    body: dict[str, Any] = {}
    if "installation" in subject:
        body["installation"] = apps.installation(world, subject["installation"])
        for name in ("repositories", "repositories_added", "repositories_removed"):
            if name in subject:
                body[name] = [_short(world, repo) for repo in subject[name]]
    if "push" in subject:
        body |= _push(world, subject["push"])
    if "status" in subject:
        found = subject["status"]
        names = ("id", "sha", "context", "state", "description", "target_url", "created_at")
        body |= {name: getattr(found, name) for name in names} | {"name": "", "branches": []}
    if "entry" in subject:
        body["merge_group"] = merge_group(world, subject["entry"])
    if "ruleset" in subject:
        body["repository_ruleset"] = rules.ruleset(world, subject["ruleset"])
    if "team" in subject:
        body["team"] = accounts.team(world, subject["team"])
    if "member" in subject:
        body["member"] = accounts.user(world, subject["member"])
    if "org" in subject:
        body["organization"] = accounts.organization_simple(world, subject["org"])
    return body


def _short(world: World, repo: Repository) -> dict[str, Any]:
    return {
        "id": repo.id,
        "node_id": accounts.node_id("R", repo.id),
        "name": repo.name,
        "full_name": world.full_name(repo),
        "private": repo.private,
    }


def _push(world: World, push: dict[str, Any]) -> dict[str, Any]:
    repo: Repository = push["repo"]
    shown = [commits.payload_commit(world, repo, oid) for oid in push["commits"]]
    after = push["after"]
    pusher = push["pusher"]
    return {
        "ref": push["ref"],
        "before": push["before"],
        "after": after,
        "created": push["before"] == ZERO,
        "deleted": after == ZERO,
        "forced": push["forced"],
        "base_ref": None,
        "compare": f"{repositories.html_url(world, repo)}/compare/{push['before'][:12]}...{after[:12]}",
        "commits": shown,
        "head_commit": commits.payload_commit(world, repo, after) if after != ZERO else None,
        "pusher": {"name": pusher.login, "email": pusher.email},
    }


def merge_group(world: World, entry: Any) -> dict[str, Any]:
    """What the queue wants checked."""
    return {
        "head_sha": entry.head_sha,
        "head_ref": HEADS + entry.head_ref,
        "base_sha": entry.base_sha,
        "base_ref": HEADS + entry.base_ref,
        "head_commit": commits.simple_commit(world, entry.head_sha),
    }
