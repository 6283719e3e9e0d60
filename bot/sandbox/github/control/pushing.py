"""Commands that push: commits with any author, date and message; amending, resetting, rebasing; and what buttons do."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.control import Bad, Body
from bot.sandbox.github import checks, commits, diffs, merging, pulls, pushes, queue
from bot.sandbox.github.control.command import actor, command, pull, repository
from bot.sandbox.github.records import CheckRun, Issue, TimelineItem
from bot.sandbox.github.service import Service
from bot.sandbox.github.world import HEADS, ZERO, World

PUSH_KEYS = (
    "repo", "branch", "ref", "changes", "message", "message_base64", "author", "committer", "by", "base", "amend",
    "parents", "merge", "force", "rules", "web", "commits",
)  # fmt: skip
COMMIT_KEYS = ("changes", "message", "message_base64", "author", "committer", "parents", "merge", "amend", "web")


@command("push", *PUSH_KEYS)
def push(service: Service, body: Body) -> Any:
    """Make a commit (or with `commits` several) on a branch and push it.

    A new branch starts at `base` (a branch, ref or id; by default the default branch). `amend` replaces the tip,
    which needs no `force`. `merge` names what is merged in. `web` lets GitHub be the committer and sign. `rules:
    false` passes rules by.
    """
    with service.act() as world:
        found, who = repository(world, body), actor(world, body)
        ref = body.get("ref") or HEADS + body.get("branch", found.default_branch)
        start = found.refs.get(ref)
        if start is None or "base" in body:
            start = (
                world.resolve(found, body.get("base", found.default_branch)) if body.get("base", "") != "none" else None
            )
        if start is None and body.get("base") != "none":
            raise Bad(f"there is nothing to start from: {body.get('base', found.default_branch)}")
        amended = False
        tip = start
        for step in body.get("commits") or [{key: body[key] for key in COMMIT_KEYS if key in body}]:
            amended = amended or bool(step.get("amend")) or "parents" in step
            tip = _commit(world, body, who.person.id, tip, step)
        force = bool(body.get("force")) or amended or "base" in body
        pushes.move(world, who, found, ref, tip or ZERO, force=force, rules=body.get("rules", True))
        return {"sha": tip, "before": start, "ref": ref}


def _commit(world: World, body: Body, account_id: int, tip: str | None, step: Body) -> str:
    found = repository(world, body)
    account = world.account_by_id(account_id)
    at = iso(world.clock.seconds())
    old = world.objects.commit(tip) if tip else None
    parents: tuple[str, ...] = (tip,) if tip else ()
    files = world.objects.files(tip) if tip else {}
    message = step.get("message", old.message if old and step.get("amend") else "Change")
    author = commits.signature(step.get("author"), account, at)
    if step.get("amend") and old:
        parents = old.parents
        author = commits.signature(step["author"], account, at) if "author" in step else old.author
    if "parents" in step:
        parents = tuple(str(world.resolve(found, name)) for name in step["parents"])
    if "merge" in step:
        other = world.resolve(found, step["merge"])
        if other is None or tip is None:
            raise Bad(f"{step['merge']} is not there")
        common = git.merge_base(world.objects, tip, other)
        before = world.objects.files(common) if common else {}
        try:
            files = git.merge_trees(world.objects, before, files, world.objects.files(other))
        except git.Conflict as conflict:
            raise Bad(f"{conflict} conflicts") from None
        parents = (*parents, other)
        message = step.get("message", f"Merge branch '{step['merge']}' into {body.get('branch')}")
    committer = (
        commits.web_flow(at)
        if step.get("web")
        else commits.signature(step.get("committer") or step.get("author"), account, at)
    )
    return commits.write(
        world, commits.applied(world, files, step.get("changes", [])), parents, message, author, committer,
        signed=bool(step.get("web")), message_base64=step.get("message_base64"),
    )  # fmt: skip


@command("reset", "repo", "branch", "ref", "sha", "by", "rules")
def reset(service: Service, body: Body) -> Any:
    """Force a branch to a commit that is there already."""
    with service.act() as world:
        found = repository(world, body)
        sha = world.resolve(found, body["sha"])
        if sha is None:
            raise Bad(f"{body['sha']} is not there")
        ref = body.get("ref") or HEADS + body["branch"]
        pushes.move(world, actor(world, body), found, ref, sha, force=True, rules=body.get("rules", True))
        return {"sha": sha}


@command("delete_branch", "repo", "branch", "by", "rules")
def delete_branch(service: Service, body: Body) -> Any:
    """Delete a branch."""
    with service.act() as world:
        found = repository(world, body)
        ref = HEADS + body["branch"]
        pushes.move(world, actor(world, body), found, ref, ZERO, rules=body.get("rules", True))
        return {}


@command("rebase", "repo", "number", "by", "web")
def rebase(service: Service, body: Body) -> Any:
    """Put a change's commits anew on top of its base, as `git rebase` and a force-push would."""
    with service.act() as world:
        found, who = pull(world, body), actor(world, body)
        base = world.branch(world.repo_of(found), found.base_ref)
        source = world.head_repo(found)
        if base is None or source is None:
            raise Bad("its base or its branch is gone")
        tip = base
        at = iso(world.clock.seconds())
        for oid in diffs.commits(world, found):
            old = world.objects.commit(oid)
            before = world.objects.files(old.parents[0])
            files = git.merge_trees(world.objects, before, world.objects.files(tip), world.objects.files(oid))
            committer = commits.web_flow(at) if body.get("web") else commits.signature(None, who.account, at)
            tip = commits.write(world, files, (tip,), old.message, old.author, committer, signed=bool(body.get("web")))
        pushes.move(world, who, source, HEADS + found.head_ref, tip, force=True)
        return {"sha": tip}


@command("update_branch", "repo", "number", "by")
def update_branch(service: Service, body: Body) -> Any:
    """The button "Update branch"."""
    with service.act() as world:
        return {"sha": merging.update_branch(world, actor(world, body), pull(world, body))}


@command("apply_suggestion", "repo", "number", "by", "of", "changes")
def apply_suggestion(service: Service, body: Body) -> Any:
    """The button "Commit suggestion": `by` applies what `of` suggested; `of` becomes a co-author."""
    with service.act() as world:
        found, who, reviewer = pull(world, body), actor(world, body), world.account(body["of"])
        source = world.head_repo(found)
        if source is None:
            raise Bad("its branch is gone")
        mailbox = reviewer.email or commits.noreply(reviewer)
        message = f"Apply suggestion from code review\n\nCo-authored-by: {reviewer.name} <{mailbox}>"
        files = commits.applied(world, world.objects.files(found.head_sha), body["changes"])
        sha = commits.on_the_web(world, who.person, files, (found.head_sha,), message)
        pushes.move(world, who, source, HEADS + found.head_ref, sha)
        return {"sha": sha}


@command("draft", "repo", "number", "by", "draft")
def draft(service: Service, body: Body) -> Any:
    """Turn a change into a draft or mark it ready, which GitHub offers by GraphQL only."""
    with service.act() as world:
        pulls.set_draft(world, actor(world, body), pull(world, body), draft=bool(body.get("draft", True)))
        return {}


@command("enqueue", "repo", "number", "by")
def enqueue(service: Service, body: Body) -> Any:
    """Put a change into the merge queue."""
    with service.act() as world:
        entry = queue.enqueue(world, actor(world, body), pull(world, body))
        return {"head_sha": entry.head_sha, "base_sha": entry.base_sha, "head_ref": entry.head_ref}


@command("dequeue", "repo", "number", "by")
def dequeue(service: Service, body: Body) -> Any:
    """Take it out by hand."""
    with service.act() as world:
        entry = queue.entry_of(world, pull(world, body))
        if entry is None:
            raise Bad("it is not in the queue")
        queue.remove(world, actor(world, body), entry, "dequeued")
        return {}


@command("advance_queue", "repo", "branch", "by")
def advance_queue(service: Service, body: Body) -> Any:
    """Let the queue look at its groups: those that pass are merged, one that failed is thrown out."""
    with service.act() as world:
        found = repository(world, body)
        happened = queue.advance(world, actor(world, body), found, body.get("branch", found.default_branch))
        return {"happened": happened}


@command("press", "repo", "check_run", "identifier", "by")
def press(service: Service, body: Body) -> Any:
    """Press a button of a check, or with the identifier `rerequest` its Re-run."""
    with service.act() as world:
        found = world.existing(CheckRun, int(body["check_run"]))
        who, repo = actor(world, body), repository(world, body)
        if body["identifier"] == "rerequest":
            checks.rerequest_run(world, who, repo, found)
        else:
            checks.press_action(world, who, repo, found, body["identifier"])
        return {}


@command("agent_work", "repo", "number", "by", "finished")
def agent_work(service: Service, body: Body) -> Any:
    """Note in the history that somebody set the coding agent to work (REST timeline only)."""
    with service.act() as world:
        kind = "COPILOT_WORK_FINISHED" if body.get("finished") else "COPILOT_WORK_STARTED"
        found: Issue = pull(world, body)
        who = actor(world, body).person.id
        item = TimelineItem(issue_id=found.id, kind=kind, actor_id=who, created_at=world.clock.tick())
        world.store.add(item)
        return {}
