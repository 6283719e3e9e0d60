"""What the pages show, gathered from the world as plain values. Nothing is changed and nothing escaped here."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.gitlab import access, approvals, diffs, mergeability, notes, pipelines, requests, rules
from bot.sandbox.gitlab.records import MergeRequest, Project, User
from bot.sandbox.gitlab.world import World
from bot.sandbox.markup import markdown

MOST_FILES, MOST_LINES = 50, 400
MOODS = {"success": "good", "failed": "bad", "canceled": "bad"}
WORDS = {
    "not_open": "It is not open.",
    "approvals_syncing": "GitLab is working out which approvals stay.",
    "commits_status": "It has no commits, or its branch is gone.",
    "draft_status": "It is a draft.",
    "discussions_not_resolved": "A thread is not resolved.",
    "not_approved": "A required approval is missing.",
    "conflict": "It conflicts with its target branch.",
    "need_rebase": "It has to be rebased.",
    "ci_must_pass": "Its pipeline must succeed.",
    "ci_still_running": "Its pipeline is still running.",
}


def people(world: World) -> list[dict[str, str]]:
    """Who can sit at the browser: people, not bots."""
    return [{"login": user.username} for user in world.store.where(User, kind="human") if user.username != "ghost"]


def name(world: World, user_id: int | None) -> str:
    """A username, even for somebody deleted."""
    found = world.store.get(User, user_id)
    return found.username if found else "ghost"


def project(world: World, found: Project) -> dict[str, Any]:
    """A project with its merge requests."""
    every = world.store.where(MergeRequest, project_id=found.id)[::-1]
    tip = world.branch(found, found.default_branch)
    return {
        "full_name": world.full_path(found),
        "tier": access.tier(world, found),
        "files": sorted(world.objects.files(tip)) if tip else [],
        "open": [_line(world, mr) for mr in every if mr.state == "opened"],
        "closed": [_line(world, mr) for mr in every if mr.state != "opened"],
        "pipelines": found.only_allow_merge_if_pipeline_succeeds,
        "rules": [f"{rule.name} ({', '.join(user.username for user in rules.named(world, rule)) or 'anybody'})"
                  for rule in rules.of_project(world, found)],
    }  # fmt: skip


def _line(world: World, mr: MergeRequest) -> dict[str, Any]:
    return {
        "url": f"/{world.full_path(world.project_of(mr))}/-/merge_requests/{mr.iid}",
        "iid": mr.iid,
        "title": mr.title,
        "author": name(world, mr.author_id),
        "branch": mr.source_branch,
        "state": mr.state,
        "labels": requests.label_names(world, mr),
        "status": mergeability.status(world, mr) if mr.state == "opened" else "",
    }


def request(world: World, mr: MergeRequest, user: User) -> dict[str, Any]:
    """Everything about a merge request, as somebody sees it."""
    found = world.project_of(mr)
    blockers = mergeability.blockers(world, mr)
    head = pipelines.head(world, mr)
    return _line(world, mr) | {
        "project": world.full_path(found),
        "target": mr.target_branch,
        "sha": mr.sha,
        "draft": mr.draft,
        "description": markdown(mr.description),
        "raw_description": mr.description,
        "blockers": [WORDS[word] for word in blockers],
        "can_merge": not blockers and access.may_merge(world, user, found, mr.target_branch),
        "approvals": [{"who": name(world, row.user_id), "at": row.created_at} for row in approvals.of(world, mr)],
        "approved_by_me": any(row.user_id == user.id for row in approvals.of(world, mr)),
        "rules": [{"name": rule.name, "ok": rules.satisfied(world, mr, rule)} for rule in rules.standing(world, mr)],
        "pipeline": _pipeline(world, mr, head) if head else None,
        "notes": [
            {"id": note.id, "who": name(world, note.author_id), "at": note.created_at,
             "body": note.body if note.system else markdown(note.body),
             "system": note.system, "edited": note.last_edited_at is not None}
            for note in notes.of(world, mr)
        ],
        "commits": [_commit(world, oid) for oid in diffs.commits(world, mr)],
        "file_count": len(diffs.files(world, mr)),
        "files": [_file(world, change) for change in diffs.files(world, mr)[:MOST_FILES]],
        "versions": len(world.versions(mr)),
    }  # fmt: skip


def _pipeline(world: World, mr: MergeRequest, head: Any) -> dict[str, Any]:
    jobs = [job for job in world.jobs(head) if not job.retried]
    return {
        "id": head.id,
        "source": head.source,
        "status": pipelines.status(world, head),
        "old": mr.sha not in {head.sha, head.source_sha},
        "jobs": [
            {"name": job.name, "state": job.state, "mood": MOODS.get(job.state, "open"),
             "who": name(world, job.user_id),
             "description": job.description or "", "external": job.stage == "external",
             "url": job.target_url if (job.target_url or "").startswith(("http://", "https://")) else None}
            for job in jobs
        ],
    }  # fmt: skip


def _commit(world: World, oid: str) -> dict[str, Any]:
    found = world.objects.commit(oid)
    rest = found.message.partition("\n")[2].strip("\n")
    return {"sha": oid, "headline": found.headline, "rest": rest, "author": found.author.name,
            "email": found.author.email}  # fmt: skip


def _file(world: World, change: git.FileChange) -> dict[str, Any]:
    patch = git.patch_text(world.objects, change) or ""
    kinds = {"+": "plus", "-": "minus", "@": "hunk"}
    return {
        "path": change.path,
        "previous": change.previous_path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "lines": [(kinds.get(line[:1], "same"), line) for line in patch.split("\n")[:MOST_LINES]],
        "binary": change.binary,
    }
