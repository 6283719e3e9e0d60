"""Pull requests, issues, their reviews, comments and labels as JSON."""

from typing import Any

from bot.sandbox.github import diffs, permissions
from bot.sandbox.github.records import Account, App, Comment, Issue, Label, Repository, Review
from bot.sandbox.github.views.accounts import node_id, user
from bot.sandbox.github.views.apps import integration
from bot.sandbox.github.views.repositories import html_url, repo_url, repository
from bot.sandbox.github.world import World


def label(world: World, repo: Repository, found: Label) -> dict[str, Any]:
    """The schema label."""
    return {
        "id": found.id,
        "node_id": node_id("LA", found.id),
        "url": f"{repo_url(world, repo)}/labels/{found.name}",
        "name": found.name,
        "color": found.color,
        "default": False,
        "description": found.description or "",
    }


def labels(world: World, issue: Issue) -> list[dict[str, Any]]:
    """The labels an issue carries."""
    repo = world.repo_of(issue)
    return [label(world, repo, world.existing(Label, label_id)) for label_id in issue.label_ids]


def _end(world: World, repo: Repository | None, ref: str, sha: str, author: Account | None) -> dict[str, Any]:
    owner = world.owner(repo) if repo else author
    return {
        "label": f"{owner.login if owner else 'unknown'}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(world, owner),
        "repo": repository(world, repo) if repo else None,
    }


def simple(world: World, pull: Issue) -> dict[str, Any]:
    """The schema pull-request-simple."""
    repo = world.repo_of(pull)
    author = world.account_by_id(pull.author_id)
    url = f"{repo_url(world, repo)}/pulls/{pull.number}"
    issue_url = f"{repo_url(world, repo)}/issues/{pull.number}"
    page = f"{html_url(world, repo)}/pull/{pull.number}"
    links = {
        "self": url,
        "html": page,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{repo_url(world, repo)}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{repo_url(world, repo)}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PR", pull.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue_url,
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": pull.title,
        "user": user(world, author),
        "body": pull.body,
        "created_at": pull.created_at,
        "updated_at": pull.updated_at,
        "closed_at": pull.closed_at,
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [user(world, world.account_by_id(found)) for found in pull.requested_reviewer_ids],
        "requested_teams": [],
        "labels": labels(world, pull),
        "milestone": None,
        "draft": pull.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _end(world, world.head_repo(pull), pull.head_ref, pull.head_sha, author),
        "base": _end(world, repo, pull.base_ref, pull.base_sha, None),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": permissions.association(world, author, repo),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def full(world: World, pull: Issue, mergeable_state: str) -> dict[str, Any]:
    """The schema pull-request. How it stands with merging is decided elsewhere and handed in."""
    changed = diffs.all_files(world, pull)
    return simple(world, pull) | {
        "merged": pull.merged_at is not None,
        "mergeable": None if pull.merged_at else mergeable_state != "dirty",
        "rebaseable": None if pull.merged_at else mergeable_state != "dirty",
        "mergeable_state": mergeable_state,
        "merged_by": user(world, world.account_by_id(pull.merged_by_id)),
        "comments": len(world.store.where(Comment, issue_id=pull.id)),
        "review_comments": 0,
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": len(diffs.commits(world, pull)),
        "additions": sum(file.additions for file in changed),
        "deletions": sum(file.deletions for file in changed),
        "changed_files": len(changed),
    }


def issue(world: World, found: Issue) -> dict[str, Any]:
    """The schema issue; pull requests are issues too."""
    repo = world.repo_of(found)
    url = f"{repo_url(world, repo)}/issues/{found.number}"
    kind = "pull" if found.is_pull else "issues"
    author = world.account_by_id(found.author_id)
    view = {
        "url": url,
        "repository_url": repo_url(world, repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{html_url(world, repo)}/{kind}/{found.number}",
        "id": found.id,
        "node_id": node_id("PR" if found.is_pull else "I", found.id),
        "number": found.number,
        "title": found.title,
        "user": user(world, author),
        "labels": labels(world, found),
        "state": found.state,
        "locked": False,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(world.store.where(Comment, issue_id=found.id)),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "closed_at": found.closed_at,
        "author_association": permissions.association(world, author, repo),
        "body": found.body,
        "performed_via_github_app": _via(world, found.via_app_id),
    }
    if found.is_pull:
        pull_page = f"{html_url(world, repo)}/pull/{found.number}"
        view["draft"] = found.draft
        view["pull_request"] = {
            "url": f"{repo_url(world, repo)}/pulls/{found.number}",
            "html_url": pull_page,
            "diff_url": f"{pull_page}.diff",
            "patch_url": f"{pull_page}.patch",
            "merged_at": found.merged_at,
        }
    return view


def _via(world: World, app_id: int | None) -> Any:
    app = world.store.get(App, app_id)
    return integration(world, app) if app else None


def review(world: World, found: Review, *, event: bool = False) -> dict[str, Any]:
    """The schema pull-request-review. Events write the state in lower case, as GitHub does."""
    pull = world.existing(Issue, found.pull_id)
    repo = world.repo_of(pull)
    page = f"{html_url(world, repo)}/pull/{pull.number}#pullrequestreview-{found.id}"
    pull_url = f"{repo_url(world, repo)}/pulls/{pull.number}"
    author = world.account_by_id(found.user_id)
    return {
        "id": found.id,
        "node_id": node_id("PRR", found.id),
        "user": user(world, author),
        "body": found.body,
        "state": found.state.lower() if event else found.state,
        "html_url": page,
        "pull_request_url": pull_url,
        "author_association": permissions.association(world, author, repo),
        "_links": {"html": {"href": page}, "pull_request": {"href": pull_url}},
        "submitted_at": found.submitted_at,
        "commit_id": found.commit_sha,
    }


def comment(world: World, found: Comment) -> dict[str, Any]:
    """The schema issue-comment."""
    target = world.existing(Issue, found.issue_id)
    repo = world.repo_of(target)
    kind = "pull" if target.is_pull else "issues"
    author = world.account_by_id(found.user_id)
    return {
        "id": found.id,
        "node_id": node_id("IC", found.id),
        "url": f"{repo_url(world, repo)}/issues/comments/{found.id}",
        "html_url": f"{html_url(world, repo)}/{kind}/{target.number}#issuecomment-{found.id}",
        "issue_url": f"{repo_url(world, repo)}/issues/{target.number}",
        "body": found.body,
        "user": user(world, author),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "author_association": permissions.association(world, author, repo),
        "performed_via_github_app": _via(world, found.via_app_id),
    }
