"""Pull requests and issues: opening, editing, closing, retargeting; labels and comments.

Rights are judged by the door that calls; what makes no sense (a pull request without commits, a base that is not there)
is refused here.
"""

from typing import Any

from bot.sandbox import git
from bot.sandbox.github import checks, pushes
from bot.sandbox.github.errors import Refused, invalid
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Comment, Issue, Label, Repository, TimelineItem
from bot.sandbox.github.world import World


def note(world: World, actor: Actor, issue: Issue, kind: str, **data: Any) -> str:
    """Write an event into the history, and answer its time."""
    now = world.clock.tick()
    issue.updated_at = now
    who = actor.person.id
    world.store.add(TimelineItem(issue_id=issue.id, kind=kind, actor_id=who, created_at=now, data=data))
    return now


def next_number(repo: Repository) -> int:
    """Issues and pull requests share one sequence."""
    repo.last_number += 1
    return repo.last_number


def open_pull(world: World, actor: Actor, repo: Repository, body: dict[str, Any]) -> Issue:
    """A new pull request from `head` (branch, or owner:branch for a fork) into `base`."""
    source, branch = _head(world, repo, body["head"], body.get("head_repo"))
    head_sha = world.branch(source, branch)
    base_sha = world.branch(repo, body["base"])
    if head_sha is None or base_sha is None:
        raise invalid("", "PullRequest", "head" if head_sha is None else "base", "invalid")
    if git.is_ancestor(world.objects, head_sha, base_sha):
        raise invalid(f"No commits between {body['base']} and {branch}", "PullRequest")
    for other in pushes.heads_at(world, source, branch):
        if other.repo_id == repo.id and other.base_ref == body["base"] and other.state == "open":
            raise invalid(f"A pull request already exists for {world.owner(source).login}:{branch}.", "PullRequest")
    if not body.get("title"):
        raise invalid("", "PullRequest", "title", "missing_field")
    now = world.clock.tick()
    pull = world.store.add(
        Issue(
            repo_id=repo.id,
            number=next_number(repo),
            title=body["title"],
            body=body.get("body"),
            author_id=actor.person.id,
            via_app_id=actor.app.id if actor.app else None,
            is_pull=True,
            created_at=now,
            updated_at=now,
            draft=bool(body.get("draft")),
            head_repo_id=source.id,
            head_ref=branch,
            head_sha=head_sha,
            base_ref=body["base"],
            base_sha=base_sha,
            maintainer_can_modify=bool(body.get("maintainer_can_modify")) and source.id != repo.id,
        )
    )
    world.tell("pull_request", "opened", repo=repo, actor=actor, pull=pull)
    if source.id != repo.id:
        checks.commit_arrived(world, repo, head_sha, branch, base_sha, actor)
    return pull


def _head(world: World, repo: Repository, head: str, head_repo: str | None) -> tuple[Repository, str]:
    login, colon, branch = head.rpartition(":")
    if not colon or (login == world.owner(repo).login and not head_repo):
        return repo, branch
    forks = [fork for fork in world.store.where(Repository, fork_of=repo.id) if world.owner(fork).login == login]
    if head_repo:
        forks = [fork for fork in forks if fork.name == head_repo.rpartition("/")[2]]
    if not forks:
        raise invalid("", "PullRequest", "head", "invalid")
    return forks[0], branch


def edit(world: World, actor: Actor, pull: Issue, body: dict[str, Any]) -> Issue:
    """Change title, body, base or state; every part of it that changes something is an event."""
    changes: dict[str, Any] = {}
    for name in ("title", "body"):
        if name in body and body[name] != getattr(pull, name):
            changes[name] = {"from": getattr(pull, name)}
            if name == "title":
                note(world, actor, pull, "RENAMED_TITLE_EVENT", before=pull.title, after=body["title"])
            setattr(pull, name, body[name])
    if "body" in changes:
        first = ((pull.created_at, pull.author_id, changes["body"]["from"] or ""),)
        pull.last_edited_at = world.clock.tick()
        pull.edits = (*(pull.edits or first), (pull.last_edited_at, actor.person.id, pull.body or ""))
        pull.editor_id = actor.person.id
    if pull.is_pull and body.get("base") not in {None, pull.base_ref}:
        changes["base"] = _retarget(world, actor, pull, body["base"])
    if body.get("maintainer_can_modify") is not None:
        pull.maintainer_can_modify = body["maintainer_can_modify"]
    if changes:
        pull.updated_at = world.clock.now()
        _tell(world, actor, pull, "edited", {"changes": changes})
    if body.get("state") not in {None, pull.state}:
        close(world, actor, pull) if body["state"] == "closed" else reopen(world, actor, pull)
    return pull


def _tell(world: World, actor: Actor, issue: Issue, action: str, more: dict[str, Any] | None = None) -> None:
    repo = world.repo_of(issue)
    if issue.is_pull:
        world.tell("pull_request", action, repo=repo, actor=actor, pull=issue, more=more or {})
    else:
        world.tell("issues", action, repo=repo, actor=actor, issue=issue, more=more or {})


def _retarget(world: World, actor: Actor, pull: Issue, base: str) -> dict[str, Any]:
    repo = world.repo_of(pull)
    tip = world.branch(repo, base)
    if tip is None or pull.state != "open":
        raise invalid("Cannot change the base branch to " + base, "PullRequest", "base", "invalid")
    if git.is_ancestor(world.objects, pull.head_sha, tip):
        raise invalid(f"There are no new commits between base branch '{base}' and head branch '{pull.head_ref}'",
                      "PullRequest", "base", "invalid")  # fmt: skip
    before = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
    note(world, actor, pull, "BASE_REF_CHANGED_EVENT", before=pull.base_ref, after=base)
    pushes.dequeue(world, pull)
    pull.base_ref, pull.base_sha = base, tip
    return before


def close(world: World, actor: Actor, pull: Issue) -> None:
    """Close without merging."""
    pull.closed_at = note(world, actor, pull, "CLOSED_EVENT")
    pull.state = "closed"
    pushes.dequeue(world, pull)
    _tell(world, actor, pull, "closed")


def reopen(world: World, actor: Actor, pull: Issue) -> None:
    """Open again. GitHub refuses when the branch is gone, was rewritten meanwhile, or the change was merged."""
    if pull.is_pull:
        source = world.head_repo(pull)
        tip = world.branch(source, pull.head_ref) if source else None
        base = world.branch(world.repo_of(pull), pull.base_ref)
        if pull.merged_at or tip is None or base is None or not git.is_ancestor(world.objects, pull.head_sha, tip):
            raise invalid(
                "state cannot be changed. The branch was force-pushed, recreated or deleted.", "PullRequest", "state"
            )
        pull.head_sha, pull.base_sha = tip, base
    note(world, actor, pull, "REOPENED_EVENT")
    pull.state, pull.closed_at = "open", None
    _tell(world, actor, pull, "reopened")


def set_draft(world: World, actor: Actor, pull: Issue, *, draft: bool) -> None:
    """Turn a change into a draft, or mark it ready for review."""
    if pull.draft != draft:
        note(world, actor, pull, "CONVERT_TO_DRAFT_EVENT" if draft else "READY_FOR_REVIEW_EVENT")
        pull.draft = draft
        _tell(world, actor, pull, "converted_to_draft" if draft else "ready_for_review")


def label_named(world: World, repo: Repository, name: str) -> Label:
    """A repository's label, made when it is not there."""
    for label in world.store.where(Label, repo_id=repo.id):
        if label.name.lower() == name.lower():
            return label
    return world.store.add(Label(repo_id=repo.id, name=name))


def add_labels(world: World, actor: Actor, issue: Issue, names: list[str]) -> None:
    """Put labels on; those it has are left alone."""
    repo = world.repo_of(issue)
    for name in names:
        label = label_named(world, repo, name)
        if label.id not in issue.label_ids:
            issue.label_ids = (*issue.label_ids, label.id)
            note(world, actor, issue, "LABELED_EVENT", label=label.id)
            _tell(world, actor, issue, "labeled", {"label": label})


def remove_label(world: World, actor: Actor, issue: Issue, name: str) -> None:
    """Take a label off. Raises 404 when it does not carry it."""
    for label_id in issue.label_ids:
        label = world.existing(Label, label_id)
        if label.name.lower() == name.lower():
            issue.label_ids = tuple(found for found in issue.label_ids if found != label_id)
            note(world, actor, issue, "UNLABELED_EVENT", label=label.id)
            _tell(world, actor, issue, "unlabeled", {"label": label})
            return
    raise Refused(404, "Label does not exist")


def set_labels(world: World, actor: Actor, issue: Issue, names: list[str]) -> None:
    """Make it carry exactly these."""
    wanted = {name.lower() for name in names}
    for label_id in issue.label_ids:
        name = world.existing(Label, label_id).name
        if name.lower() not in wanted:
            remove_label(world, actor, issue, name)
    add_labels(world, actor, issue, names)


def request_reviewers(world: World, actor: Actor, pull: Issue, logins: list[str]) -> None:
    """Ask people for a review."""
    for login in logins:
        reviewer = world.account(login)
        if reviewer.id == pull.author_id:
            raise invalid("Review cannot be requested from pull request author.")
        if reviewer.id not in pull.requested_reviewer_ids:
            pull.requested_reviewer_ids = (*pull.requested_reviewer_ids, reviewer.id)
            note(world, actor, pull, "REVIEW_REQUESTED_EVENT", reviewer=reviewer.id)
            _tell(world, actor, pull, "review_requested", {"requested_reviewer": reviewer})


def unrequest_reviewers(world: World, actor: Actor, pull: Issue, logins: list[str]) -> None:
    """Do not ask them any more."""
    for login in logins:
        reviewer = world.account(login)
        if reviewer.id in pull.requested_reviewer_ids:
            pull.requested_reviewer_ids = tuple(found for found in pull.requested_reviewer_ids if found != reviewer.id)
            note(world, actor, pull, "REVIEW_REQUEST_REMOVED_EVENT", reviewer=reviewer.id)
            _tell(world, actor, pull, "review_request_removed", {"requested_reviewer": reviewer})


def open_issue(world: World, actor: Actor, repo: Repository, title: str, body: str | None) -> Issue:
    """A new issue that is no pull request."""
    now = world.clock.tick()
    issue = world.store.add(
        Issue(
            repo_id=repo.id, number=next_number(repo), title=title, body=body, author_id=actor.person.id,
            created_at=now, updated_at=now,
        )
    )  # fmt: skip
    _tell(world, actor, issue, "opened")
    return issue


def comment(world: World, actor: Actor, issue: Issue, body: str) -> Comment:
    """Say something in the conversation."""
    now = world.clock.tick()
    issue.updated_at = now
    found = world.store.add(
        Comment(
            issue_id=issue.id, user_id=actor.person.id, body=body, created_at=now, updated_at=now,
            via_app_id=actor.app.id if actor.app else None,
        )
    )  # fmt: skip
    world.tell("issue_comment", "created", repo=world.repo_of(issue), actor=actor, issue=issue, comment=found)
    return found


def edit_comment(world: World, actor: Actor, found: Comment, body: str) -> Comment:
    """Say something else. Who did it is remembered."""
    before, found.body = found.body, body
    found.updated_at = found.last_edited_at = world.clock.tick()
    found.editor_id = actor.person.id
    issue = world.existing(Issue, found.issue_id)
    more = {"changes": {"body": {"from": before}}}
    world.tell("issue_comment", "edited", repo=world.repo_of(issue), actor=actor, issue=issue, comment=found, more=more)
    return found


def delete_comment(world: World, actor: Actor, found: Comment) -> None:
    """Take it back."""
    issue = world.existing(Issue, found.issue_id)
    world.store.remove(found)
    world.tell("issue_comment", "deleted", repo=world.repo_of(issue), actor=actor, issue=issue, comment=found)
