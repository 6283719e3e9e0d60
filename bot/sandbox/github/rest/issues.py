"""Issues, and what pull requests share with them: labels and comments."""

from typing import Any

from bot.sandbox.github import permissions, pulls
from bot.sandbox.github.errors import forbidden, invalid, not_found
from bot.sandbox.github.records import Comment, Issue, Label, TimelineItem
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import accounts
from bot.sandbox.github.views import pulls as views
from bot.sandbox.serving import Answer

READS = "issues:read|pull_requests:read"
WRITES = "issues:write|pull_requests:write"
REST_EVENTS = {
    "LABELED_EVENT": "labeled", "UNLABELED_EVENT": "unlabeled", "CLOSED_EVENT": "closed", "REOPENED_EVENT": "reopened",
    "HEAD_REF_FORCE_PUSHED_EVENT": "head_ref_force_pushed", "REVIEW_DISMISSED_EVENT": "review_dismissed",
    "BASE_REF_CHANGED_EVENT": "base_ref_changed", "COPILOT_WORK_STARTED": "copilot_work_started",
    "COPILOT_WORK_FINISHED": "copilot_work_finished", "MERGED_EVENT": "merged", "RENAMED_TITLE_EVENT": "renamed",
    "CONVERT_TO_DRAFT_EVENT": "convert_to_draft", "READY_FOR_REVIEW_EVENT": "ready_for_review",
}  # fmt: skip


@operation("issues/get", READS)
def get(call: Call) -> Any:
    """An issue or pull request."""
    return views.issue(call.world, call.issue)


@operation("issues/list-for-repo", READS)
def list_for_repo(call: Call) -> Any:
    """Issues and pull requests, the newest first."""
    state = call.query.get("state", "open")
    found = [issue for issue in call.world.store.where(Issue, repo_id=call.repo.id) if state in {"all", issue.state}]
    return call.paged(found[::-1], lambda issue: views.issue(call.world, issue))


@operation("issues/create", "issues:write")
def create(call: Call) -> Any:
    """A new issue."""
    issue = pulls.open_issue(call.world, call.actor, call.repo, str(call.body["title"]), call.body.get("body"))
    if call.body.get("labels"):
        pulls.add_labels(call.world, call.actor, issue, [_name(label) for label in call.body["labels"]])
    return views.issue(call.world, issue)


def _author_or_writer(call: Call, author_id: int) -> None:
    """Who wrote something may change it, and so may a writer."""
    if call.actor.permissions is None and call.actor.person.id != author_id:
        role = permissions.role(call.world, call.actor.account, call.repo)
        if not permissions.at_least(role, "write"):
            raise forbidden("Must have write access to repository")


@operation("issues/update", WRITES)
def update(call: Call) -> Any:
    """Change title, body, state or labels."""
    _author_or_writer(call, call.issue.author_id)
    if call.body.get("labels") is not None:
        pulls.set_labels(call.world, call.actor, call.issue, [_name(label) for label in call.body["labels"]])
    pulls.edit(call.world, call.actor, call.issue, call.body)
    return views.issue(call.world, call.issue)


@operation("issues/list-comments", READS)
def list_comments(call: Call) -> Any:
    """The conversation, the oldest first."""
    found = call.world.store.where(Comment, issue_id=call.issue.id)
    if "since" in call.query:
        found = [comment for comment in found if comment.updated_at >= call.query["since"]]
    return call.paged(found, lambda comment: views.comment(call.world, comment))


@operation("issues/create-comment", WRITES)
def create_comment(call: Call) -> Any:
    """Say something. Whoever can read can comment."""
    return views.comment(call.world, pulls.comment(call.world, call.actor, call.issue, call.body["body"]))


def _comment(call: Call) -> Comment:
    found = call.world.existing(Comment, call.number("comment_id"))
    if call.world.existing(Issue, found.issue_id).repo_id != call.repo.id:
        raise not_found()
    return found


@operation("issues/get-comment", READS)
def get_comment(call: Call) -> Any:
    """One comment."""
    return views.comment(call.world, _comment(call))


@operation("issues/update-comment", WRITES)
def update_comment(call: Call) -> Any:
    """Change a comment: one's own, or as a writer anybody's."""
    found = _comment(call)
    _author_or_writer(call, found.user_id)
    return views.comment(call.world, pulls.edit_comment(call.world, call.actor, found, call.body["body"]))


@operation("issues/delete-comment", WRITES)
def delete_comment(call: Call) -> Any:
    """Delete a comment: likewise."""
    found = _comment(call)
    _author_or_writer(call, found.user_id)
    pulls.delete_comment(call.world, call.actor, found)


def _name(label: Any) -> str:
    return str(label["name"] if isinstance(label, dict) else label)


def _names(call: Call) -> list[str]:
    return [_name(label) for label in call.body.get("labels") or ()]


@operation("issues/list-labels-on-issue", READS)
def list_labels(call: Call) -> Any:
    """The labels it carries."""
    return call.paged(views.labels(call.world, call.issue), lambda label: label)


@operation("issues/add-labels", WRITES, "triage")
def add_labels(call: Call) -> Any:
    """Put labels on."""
    pulls.add_labels(call.world, call.actor, call.issue, _names(call))
    return views.labels(call.world, call.issue)


@operation("issues/set-labels", WRITES, "triage")
def set_labels(call: Call) -> Any:
    """Make it carry exactly these."""
    pulls.set_labels(call.world, call.actor, call.issue, _names(call))
    return views.labels(call.world, call.issue)


@operation("issues/remove-label", WRITES, "triage")
def remove_label(call: Call) -> Any:
    """Take one off."""
    pulls.remove_label(call.world, call.actor, call.issue, call.params["name"])
    return views.labels(call.world, call.issue)


@operation("issues/remove-all-labels", WRITES, "triage")
def remove_all_labels(call: Call) -> Any:
    """Take all off."""
    pulls.set_labels(call.world, call.actor, call.issue, [])
    return Answer(204)


@operation("issues/list-labels-for-repo", READS)
def repo_labels(call: Call) -> Any:
    """The labels a repository has."""
    found = call.world.store.where(Label, repo_id=call.repo.id)
    return call.paged(found, lambda label: views.label(call.world, call.repo, label))


def _label(call: Call, name: str) -> Label | None:
    found = call.world.store.where(Label, repo_id=call.repo.id)
    return next((label for label in found if label.name.lower() == name.lower()), None)


@operation("issues/get-label", READS)
def get_label(call: Call) -> Any:
    """One label."""
    label = _label(call, call.params["name"])
    if label is None:
        raise not_found()
    return views.label(call.world, call.repo, label)


@operation("issues/create-label", WRITES, "write")
def create_label(call: Call) -> Any:
    """A new label."""
    if _label(call, call.body["name"]):
        raise invalid("", "Label", "name", "already_exists")
    label = pulls.label_named(call.world, call.repo, call.body["name"])
    label.color = call.body.get("color", label.color)
    label.description = call.body.get("description")
    return views.label(call.world, call.repo, label)


@operation("issues/list-events-for-timeline", READS)
def timeline(call: Call) -> Any:
    """The history: events and comments. Only what is common to all events is told."""
    found = [item for item in call.world.store.where(TimelineItem, issue_id=call.issue.id) if item.kind in REST_EVENTS]
    return call.paged(found, lambda item: _event(call, item))


def _event(call: Call, item: TimelineItem) -> dict[str, Any]:
    url = f"{call.world.api_url}/repos/{call.world.full_name(call.repo)}/issues/events/{item.id}"
    view = {
        "id": item.id,
        "node_id": accounts.node_id("E", item.id),
        "url": url,
        "event": REST_EVENTS[item.kind],
        "actor": accounts.user(call.world, call.world.account_by_id(item.actor_id)),
        "commit_id": None,
        "commit_url": None,
        "created_at": item.created_at,
        "performed_via_github_app": None,
    }
    if item.kind in {"LABELED_EVENT", "UNLABELED_EVENT"}:
        label = call.world.store.get(Label, item.data["label"])
        view["label"] = {"name": label.name if label else "", "color": label.color if label else ""}
    if item.kind == "RENAMED_TITLE_EVENT":
        view["rename"] = {"from": item.data["before"], "to": item.data["after"]}
    if item.kind == "REVIEW_DISMISSED_EVENT":
        view["dismissed_review"] = {
            "state": item.data["was"].lower(),
            "review_id": item.data["review"],
            "dismissal_message": item.data["message"],
        }
    if item.kind in {"CONVERT_TO_DRAFT_EVENT", "READY_FOR_REVIEW_EVENT", "MERGED_EVENT"}:
        view["commit_id"] = item.data.get("commit")
    return view
