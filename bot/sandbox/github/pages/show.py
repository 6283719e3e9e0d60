"""What the pages show, gathered from the world as plain values. Nothing is changed and nothing escaped here."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.github import checks, diffs, permissions, protection
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Account, App, CheckRun, Comment, Issue, Label, Repository, Review, TimelineItem
from bot.sandbox.github.world import HEADS, World
from bot.sandbox.markup import markdown

MOST_FILES = 50
STATES = {
    "success": ("passed", "good"), "neutral": ("neutral", "good"), "skipped": ("skipped", "good"),
    "failure": ("failed", "bad"), "action_required": ("needs an action", "bad"), "timed_out": ("timed out", "bad"),
    "cancelled": ("cancelled", "bad"), "stale": ("stale", "bad"),
}  # fmt: skip
WORDS = {
    "LABELED_EVENT": "added the label", "UNLABELED_EVENT": "removed the label", "CLOSED_EVENT": "closed this",
    "REOPENED_EVENT": "opened this again", "MERGED_EVENT": "merged this", "BASE_REF_CHANGED_EVENT": "changed the base",
    "HEAD_REF_FORCE_PUSHED_EVENT": "force-pushed the branch", "REVIEW_DISMISSED_EVENT": "dismissed a review",
    "RENAMED_TITLE_EVENT": "changed the title", "CONVERT_TO_DRAFT_EVENT": "made this a draft",
    "READY_FOR_REVIEW_EVENT": "marked this ready", "COPILOT_WORK_STARTED": "set the agent to work",
}  # fmt: skip


def people(world: World) -> list[Account]:
    """Who can sit at the browser: people, not bots."""
    return [account for account in world.store.where(Account, kind="User") if account.login != "web-flow"]


def login(world: World, account_id: int | None) -> str:
    """A name, even for a deleted account."""
    account = world.account_by_id(account_id)
    return account.login if account else "ghost"


def repositories(world: World) -> list[dict[str, Any]]:
    """Every repository with its open changes."""
    return [_repository(world, repo) for repo in world.store.all(Repository)]


def repository(world: World, owner: str, name: str) -> dict[str, Any]:
    """One repository."""
    return _repository(world, world.repository(owner, name))


def _repository(world: World, repo: Repository) -> dict[str, Any]:
    pulls = world.store.where(Issue, repo_id=repo.id, is_pull=True)[::-1]
    tip = world.branch(repo, repo.default_branch)
    return {
        "full_name": world.full_name(repo),
        "default_branch": repo.default_branch,
        "archived": repo.archived,
        "open": [_line(world, pull) for pull in pulls if pull.state == "open"],
        "closed": [_line(world, pull) for pull in pulls if pull.state == "closed"],
        "branches": sorted(ref.removeprefix(HEADS) for ref in repo.refs if ref.startswith(HEADS)),
        "files": sorted(world.objects.files(tip)) if tip else [],
        "required": [
            check["context"]
            for rule in protection.rules(world, repo, repo.default_branch)
            if rule.type == "required_status_checks"
            for check in rule.parameters["required_status_checks"]
        ],
    }


def _line(world: World, pull: Issue) -> dict[str, Any]:
    repo = world.repo_of(pull)
    return {
        "url": f"/{world.full_name(repo)}/pull/{pull.number}",
        "number": pull.number,
        "title": pull.title,
        "author": login(world, pull.author_id),
        "branch": pull.head_ref,
        "state": "merged" if pull.merged_at else "draft" if pull.draft and pull.state == "open" else pull.state,
        "labels": [world.existing(Label, label).name for label in pull.label_ids],
        "checks": [_run(world, run) for run in checks.latest_runs(world, repo, pull.head_sha)],
    }


def _run(world: World, run: CheckRun) -> dict[str, Any]:
    words, mood = STATES.get(run.conclusion or "", ("waiting", "open"))
    if run.status != "completed":
        words, mood = "waiting", "open"
    repo = world.existing(Repository, run.repo_id)
    return {
        "id": run.id,
        "name": run.name,
        "app": world.existing(App, run.app_id).slug,
        "words": words,
        "mood": mood,
        "title": run.title or "",
        "summary": markdown(run.summary),
        "text": markdown(run.text) if run.text else "",
        "details_url": run.details_url if (run.details_url or "").startswith(("http://", "https://")) else None,
        "page": f"/{world.full_name(repo)}/runs/{run.id}",
        "actions": run.actions if run.status == "completed" else (),
        "sha": run.head_sha,
    }


def run(world: World, owner: str, name: str, number: int) -> dict[str, Any]:
    """One check run."""
    world.repository(owner, name)
    return _run(world, world.existing(CheckRun, number))


def change(world: World, pull: Issue, actor: Actor) -> dict[str, Any]:
    """Everything about a change, as somebody sees it."""
    repo = world.repo_of(pull)
    blockers = protection.blockers(world, pull, actor)
    tip = world.branch(repo, pull.base_ref)
    return _line(world, pull) | {
        "repo": world.full_name(repo),
        "body": markdown(pull.body),
        "raw_body": pull.body or "",
        "base": pull.base_ref,
        "head_sha": pull.head_sha,
        "created_at": pull.created_at,
        "commits": [_commit(world, oid) for oid in diffs.commits(world, pull)],
        "files": [_file(world, file) for file in diffs.files(world, pull)[:MOST_FILES]],
        "file_count": len(diffs.all_files(world, pull)),
        "reviews": [_review(world, pull, review) for review in world.store.where(Review, pull_id=pull.id)],
        "talk": _talk(world, pull),
        "statuses": checks.latest_statuses(world, repo, pull.head_sha),
        "all_labels": [label.name for label in world.store.where(Label, repo_id=repo.id)],
        "branches": sorted(ref.removeprefix(HEADS) for ref in repo.refs if ref.startswith(HEADS)),
        "blockers": [blocker.message for blocker in blockers],
        "can_merge": not blockers and permissions.at_least(permissions.actor_role(world, actor, repo), "write"),
        "behind": bool(tip and not git.is_ancestor(world.objects, tip, pull.head_sha)),
        "mine": actor.account is not None and actor.account.id == pull.author_id,
    }


def _commit(world: World, oid: str) -> dict[str, Any]:
    found = world.objects.commit(oid)
    account = world.account_by_email(found.author.email)
    return {
        "sha": oid,
        "headline": found.headline,
        "rest": found.message.partition("\n")[2].strip("\n"),
        "author": account.login if account else found.author.name,
        "email": found.author.email,
        "date": found.author.date,
    }


def _file(world: World, change: git.FileChange) -> dict[str, Any]:
    patch = git.patch_text(world.objects, change) or ""
    kinds = {"+": "plus", "-": "minus", "@": "hunk"}
    return {
        "path": change.path,
        "previous": change.previous_path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "lines": [(kinds.get(line[:1], "same"), line) for line in patch.split("\n")[:400]],
        "binary": change.binary,
    }


def _review(world: World, pull: Issue, review: Review) -> dict[str, Any]:
    words = {"APPROVED": ("approved", "good"), "CHANGES_REQUESTED": ("asked for changes", "bad"),
             "COMMENTED": ("commented", "open"), "DISMISSED": ("dismissed", "open")}  # fmt: skip
    said, mood = words[review.state]
    return {
        "id": review.id,
        "who": login(world, review.user_id),
        "words": said,
        "mood": mood,
        "body": markdown(review.body),
        "sha": review.commit_sha,
        "old": review.commit_sha != pull.head_sha,
        "at": review.submitted_at,
        "can_dismiss": review.state in {"APPROVED", "CHANGES_REQUESTED"},
    }


def _talk(world: World, pull: Issue) -> list[dict[str, Any]]:
    """Comments and events in one order."""
    rows: list[dict[str, Any]] = [
        {
            "at": comment.created_at,
            "who": login(world, comment.user_id),
            "body": markdown(comment.body),
            "edited": comment.last_edited_at is not None,
            "words": "",
        }
        for comment in world.store.where(Comment, issue_id=pull.id)
    ]
    for item in world.store.where(TimelineItem, issue_id=pull.id):
        if item.kind in WORDS:
            label = world.store.get(Label, item.data.get("label"))
            extra = label.name if label else ""
            if item.kind in {"BASE_REF_CHANGED_EVENT", "RENAMED_TITLE_EVENT"}:
                extra = f"from “{item.data['before']}” to “{item.data['after']}”"
            if item.kind == "HEAD_REF_FORCE_PUSHED_EVENT":
                extra = f"from {item.data['before'][:8]} to {item.data['after'][:8]}"
            rows.append({
                "at": item.created_at, "who": login(world, item.actor_id), "words": WORDS[item.kind], "extra": extra,
                "body": "", "edited": False,
            })  # fmt: skip
    return sorted(rows, key=lambda row: str(row["at"]))
