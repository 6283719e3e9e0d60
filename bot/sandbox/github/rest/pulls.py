"""Pull requests and their reviews."""

from typing import Any

from bot.sandbox.github import diffs, merging, permissions, protection, pulls, reviews
from bot.sandbox.github.errors import NotModelled, forbidden, not_found
from bot.sandbox.github.records import Issue, Review
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import accounts, commits
from bot.sandbox.github.views import pulls as views
from bot.sandbox.github.views.repositories import repo_url
from bot.sandbox.serving import Answer

MOST_COMMITS = 250
READS, WRITES = "pull_requests:read", "pull_requests:write"


def _full(call: Call, pull: Issue) -> dict[str, Any]:
    return views.full(call.world, pull, protection.merge_state(call.world, pull))


@operation("pulls/list", READS)
def list_pulls(call: Call) -> Any:
    """Pull requests, by default the open ones, the newest first."""
    state = call.query.get("state", "open")
    found = [
        pull
        for pull in call.world.store.where(Issue, repo_id=call.repo.id, is_pull=True)
        if state in {"all", pull.state} and call.query.get("base", pull.base_ref) == pull.base_ref and _from(call, pull)
    ]
    key = {"updated": "updated_at"}.get(call.query.get("sort", ""), "created_at")
    default = "asc" if call.query.get("sort", "created") != "created" else "desc"
    found.sort(key=lambda pull: (getattr(pull, key), pull.id), reverse=call.query.get("direction", default) == "desc")
    return call.paged(found, lambda pull: views.simple(call.world, pull))


def _from(call: Call, pull: Issue) -> bool:
    owner, colon, branch = call.query.get("head", "").partition(":")
    source = call.world.head_repo(pull)
    if not colon:
        return True
    return pull.head_ref == branch and source is not None and call.world.owner(source).login == owner


@operation("pulls/create", WRITES)
def create(call: Call) -> Any:
    """Open one. Who can read a repository can propose a change from a fork; from a branch of it, who can write it."""
    role = permissions.actor_role(call.world, call.actor, call.repo)
    login = call.world.owner(call.repo).login
    inside = ":" not in call.body["head"] or call.body["head"].startswith(f"{login}:")
    if inside and not permissions.at_least(role, "write"):
        raise forbidden("must be a collaborator")
    return _full(call, pulls.open_pull(call.world, call.actor, call.repo, call.body))


@operation("pulls/get", READS)
def get(call: Call) -> Any:
    """One pull request."""
    return _full(call, call.pull)


def author_or_writer(call: Call) -> None:
    """The author may edit it, and so may a writer."""
    role = permissions.actor_role(call.world, call.actor, call.repo)
    if call.actor.person.id != call.pull.author_id and not permissions.at_least(role, "write"):
        raise forbidden("Must have write access to repository")


@operation("pulls/update", WRITES)
def update(call: Call) -> Any:
    """Edit, retarget, close, reopen."""
    author_or_writer(call)
    return _full(call, pulls.edit(call.world, call.actor, call.pull, call.body))


@operation("pulls/list-commits", READS)
def list_commits(call: Call) -> Any:
    """Its commits, the oldest first, the first 250 of them."""
    found = diffs.commits(call.world, call.pull)[:MOST_COMMITS]
    return call.paged(found, lambda oid: commits.commit(call.world, call.repo, oid))


@operation("pulls/list-files", READS)
def list_files(call: Call) -> Any:
    """Its files, the first 3000 of them."""
    head = call.pull.head_sha
    found = diffs.files(call.world, call.pull)
    return call.paged(found, lambda file: commits.diff_entry(call.world, call.repo, head, file))


@operation("pulls/check-if-merged", READS)
def is_merged(call: Call) -> Any:
    """204 when it is."""
    if call.pull.merged_at is None:
        raise not_found()


@operation("pulls/merge", "contents:write", "write")
def merge(call: Call) -> Any:
    """Merge it."""
    body = call.body
    title = body.get("commit_title")
    sha = merging.merge(call.world, call.actor, call.pull, body.get("merge_method", "merge"), body.get("sha"), title)
    return {"sha": sha, "merged": True, "message": "Pull Request successfully merged"}


@operation("pulls/update-branch", WRITES)
def update_branch(call: Call) -> Any:
    """Merge the base into it."""
    merging.update_branch(call.world, call.actor, call.pull, call.body.get("expected_head_sha"))
    url = f"{repo_url(call.world, call.repo)}/pulls/{call.pull.number}"
    return {"message": "Updating pull request branch.", "url": url}


@operation("pulls/list-requested-reviewers", READS)
def list_reviewers(call: Call) -> Any:
    """Who is asked for a review."""
    people = [call.world.account_by_id(found) for found in call.pull.requested_reviewer_ids]
    return {"users": [accounts.user(call.world, account) for account in people], "teams": []}


@operation("pulls/request-reviewers", WRITES, "write")
def request_reviewers(call: Call) -> Any:
    """Ask for a review."""
    if call.body.get("team_reviewers"):
        raise NotModelled("teams as reviewers")
    pulls.request_reviewers(call.world, call.actor, call.pull, call.body.get("reviewers", []))
    return views.simple(call.world, call.pull)


@operation("pulls/remove-requested-reviewers", WRITES, "write")
def remove_reviewers(call: Call) -> Any:
    """Do not ask any more."""
    pulls.unrequest_reviewers(call.world, call.actor, call.pull, call.body.get("reviewers", []))
    return views.simple(call.world, call.pull)


@operation("pulls/list-reviews", READS)
def list_reviews(call: Call) -> Any:
    """Its reviews, the oldest first."""
    found = call.world.store.where(Review, pull_id=call.pull.id)
    return call.paged(found, lambda review: views.review(call.world, review))


def _review(call: Call) -> Review:
    found = call.world.existing(Review, call.number("review_id"))
    if found.pull_id != call.pull.id:
        raise not_found()
    return found


@operation("pulls/get-review", READS)
def get_review(call: Call) -> Any:
    """One review."""
    return views.review(call.world, _review(call))


@operation("pulls/create-review", WRITES)
def create_review(call: Call) -> Any:
    """Review it. Pending reviews and comments on lines are not modelled."""
    body = call.body
    if "event" not in body or body.get("comments"):
        raise NotModelled("pending reviews and comments on lines")
    review = reviews.give(
        call.world, call.actor, call.pull, body["event"], body.get("body") or "", body.get("commit_id")
    )
    return views.review(call.world, review)


@operation("pulls/update-review", WRITES)
def update_review(call: Call) -> Any:
    """Change the text of one's review."""
    return views.review(call.world, reviews.edit(call.world, call.actor, call.pull, _review(call), call.body["body"]))


@operation("pulls/dismiss-review", WRITES, "write")
def dismiss_review(call: Call) -> Any:
    """Take somebody's review away."""
    found = reviews.dismiss(call.world, call.actor, call.pull, _review(call), call.body["message"])
    return Answer(200, views.review(call.world, found))
