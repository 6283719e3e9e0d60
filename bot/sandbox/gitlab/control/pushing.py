"""Commands that push: commits with any author, committer, date and message; amending, resetting, rebasing."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.control import Bad, Body
from bot.sandbox.gitlab import approvals, commits, merging, pushes
from bot.sandbox.gitlab.control.command import actor, command, merge_request, project
from bot.sandbox.gitlab.records import User
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.world import HEADS, ZERO, World

COMMIT_KEYS = ("changes", "message", "message_base64", "author", "committer", "parents", "merge", "amend")
PUSH_KEYS = ("project", "branch", "ref", "by", "base", "force", "rules", "commits", *COMMIT_KEYS)


@command("push", *PUSH_KEYS)
def push(service: Service, body: Body) -> Any:
    """Make a commit (or with `commits` several) on a branch and push it.

    A new branch starts at `base` (a branch, ref or id; by default the default branch; "none": nowhere). `amend`
    replaces the tip, which needs no `force`. `merge` names what is merged in. `rules: false` passes protection by.
    """
    with service.act() as world:
        found, who = project(world, body), actor(world, body)
        ref = body.get("ref") or HEADS + body.get("branch", found.default_branch)
        start = found.refs.get(ref)
        if start is None or "base" in body:
            base = body.get("base", found.default_branch)
            start = world.resolve(found, base) if base != "none" else None
            if start is None and base != "none":
                raise Bad(f"there is nothing to start from: {base}")
        tip, amended = start, False
        for step in body.get("commits") or [{key: body[key] for key in COMMIT_KEYS if key in body}]:
            amended = amended or bool(step.get("amend")) or "parents" in step
            tip = _commit(world, body, who.person, tip, step)
        force = bool(body.get("force")) or amended or "base" in body
        pushes.move(world, who, found, ref, tip or ZERO, force=force, rules=body.get("rules", True))
        return {"sha": tip, "before": start, "ref": ref}


def _commit(world: World, body: Body, user: User, tip: str | None, step: Body) -> str:
    found = project(world, body)
    at = iso(world.clock.seconds())
    old = world.objects.commit(tip) if tip else None
    parents: tuple[str, ...] = (tip,) if tip else ()
    files: git.Snapshot = world.objects.files(tip) if tip else {}
    message = step.get("message", old.message if old and step.get("amend") else "Change")
    author = commits.signature(step.get("author"), user, at)
    if step.get("amend") and old:
        parents = old.parents
        author = author if "author" in step else old.author
    if "parents" in step:
        parents = tuple(str(world.resolve(found, name)) for name in step["parents"])
    if "merge" in step:
        files, other = _merged(world, found.refs.get(HEADS + step["merge"]), tip, step["merge"])
        parents = (*parents, other)
        message = step.get("message", f"Merge branch '{step['merge']}' into '{body.get('branch')}'")
    committer = commits.signature(step.get("committer") or step.get("author"), user, at)
    entries = commits.applied(world, files, step.get("changes", []))
    return commits.write(world, entries, parents, message, author, committer, step.get("message_base64"))


def _merged(world: World, other: str | None, tip: str | None, name: str) -> tuple[git.Snapshot, str]:
    if other is None or tip is None:
        raise Bad(f"{name} is not there")
    common = git.merge_base(world.objects, tip, other)
    before = world.objects.files(common) if common else {}
    try:
        return git.merge_trees(world.objects, before, world.objects.files(tip), world.objects.files(other)), other
    except git.Conflict as conflict:
        raise Bad(f"{conflict} conflicts") from None


@command("reset", "project", "branch", "ref", "sha", "by", "rules")
def reset(service: Service, body: Body) -> Any:
    """Force a branch to a commit that is there already."""
    with service.act() as world:
        found = project(world, body)
        sha = world.resolve(found, body["sha"])
        if sha is None:
            raise Bad(f"{body['sha']} is not there")
        ref = body.get("ref") or HEADS + body["branch"]
        pushes.move(world, actor(world, body), found, ref, sha, force=True, rules=body.get("rules", True))
        return {"sha": sha}


@command("delete_branch", "project", "branch", "by", "rules")
def delete_branch(service: Service, body: Body) -> Any:
    """Delete a branch."""
    with service.act() as world:
        who, ref = actor(world, body), HEADS + body["branch"]
        pushes.move(world, who, project(world, body), ref, ZERO, force=True, rules=body.get("rules", True))
        return {}


@command("rebase", "project", "iid", "by")
def rebase(service: Service, body: Body) -> Any:
    """Rebase a merge request onto its target branch and force-push it; answers the new head."""
    with service.act() as world:
        found = merge_request(world, body)
        merging.rebase(world, actor(world, body), found)
        if found.merge_error:
            raise Bad(found.merge_error)
        return {"sha": found.sha}


@command("request_changes", "project", "iid", "by")
def request_changes(service: Service, body: Body) -> Any:
    """What the button "Request changes" does; there is no REST for it."""
    with service.act() as world:
        approvals.request_changes(world, actor(world, body), merge_request(world, body))
        return {}


@command("apply_suggestion", "project", "iid", "by", "of", "changes")
def apply_suggestion(service: Service, body: Body) -> Any:
    """The button "Apply suggestion": `by` is author and committer of what `of` suggested, who becomes a co-author."""
    with service.act() as world:
        found, who, reviewer = merge_request(world, body), actor(world, body), world.user(body["of"])
        source = world.source_of(found)
        if source is None:
            raise Bad("its branch is gone")
        trailer = f"Co-authored-by: {reviewer.name} <{reviewer.email or commits.noreply(reviewer)}>"
        files = commits.applied(world, world.objects.files(found.sha), body["changes"])
        message = f"Apply 1 suggestion(s) to 1 file(s)\n\n{trailer}"
        sha = commits.on_the_web(world, who.person, files, (found.sha,), message)
        pushes.move(world, who, source, HEADS + found.source_branch, sha)
        return {"sha": sha}
