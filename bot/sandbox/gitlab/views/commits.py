"""Commits, differences, branches and protections, as the API shows them."""

import re
from typing import Any

from bot.sandbox import git
from bot.sandbox.gitlab import access
from bot.sandbox.gitlab.records import DEVELOPER, Group, Project, ProtectedBranch, User
from bot.sandbox.gitlab.world import HEADS, World

LEVELS = {0: "No one", 30: "Developers + Maintainers", 40: "Maintainers", 60: "Administrators"}
TRAILER = re.compile(r"^([A-Za-z0-9][A-Za-z0-9-]*): (.+)$")


def _trailers(message: str) -> dict[str, list[str]]:
    """The trailers of the last paragraph, as git reads them, if it has nothing else."""
    last = message.rstrip().rpartition("\n\n")[2].split("\n")
    found: dict[str, list[str]] = {}
    for line in last:
        match = TRAILER.match(line)
        if match is None:
            return {}
        found.setdefault(match[1], []).append(match[2])
    return found if "\n\n" in message.rstrip() else {}


def commit(world: World, project: Project, oid: str, *, stats: bool = False) -> dict[str, Any]:
    """A commit."""
    found = world.objects.commit(oid)
    trailers = _trailers(found.message)
    shown: dict[str, Any] = {
        "id": oid,
        "short_id": oid[:8],
        "created_at": _iso(found.committer.date),
        "parent_ids": list(found.parents),
        "title": found.headline,
        "message": found.message,
        "author_name": found.author.name,
        "author_email": found.author.email,
        "authored_date": _iso(found.author.date),
        "committer_name": found.committer.name,
        "committer_email": found.committer.email,
        "committed_date": _iso(found.committer.date),
        "trailers": {key: values[-1] for key, values in trailers.items()},
        "extended_trailers": trailers,
        "web_url": f"{world.base_url}/{world.full_path(project)}/-/commit/{oid}",
    }
    if stats:
        changes = git.changes(
            world.objects, world.objects.files(found.parents[0]) if found.parents else {}, world.objects.files(oid)
        )
        added, gone = sum(change.additions for change in changes), sum(change.deletions for change in changes)
        more: dict[str, Any] = {"additions": added, "deletions": gone, "total": added + gone}
        shown |= {"stats": more, "project_id": project.id, "status": None, "last_pipeline": None}
    return shown


def _iso(date: str) -> str:
    head, sign, zone = date[:19], date[19:20], date[20:]
    return f"{head}.000{sign}{zone}" if sign in {"+", "-"} else f"{head}.000+00:00"


def diff(world: World, change: git.FileChange) -> dict[str, Any]:
    """One file of a difference. What is too large or collapsed has no patch."""
    patch = git.patch_text(world.objects, change) or ""
    text = patch + "\n" if patch else ""
    if change.binary:
        text = f"Binary files a/{change.previous_path or change.path} and b/{change.path} differ\n"
    too_large = len(text.encode()) > world.setting("diff_bytes")
    collapsed = not too_large and text.count("\n") > world.setting("diff_lines")
    return {
        "diff": "" if too_large or collapsed else text,
        "collapsed": collapsed,
        "too_large": too_large,
        "new_path": change.path,
        "old_path": change.previous_path or change.path,
        "a_mode": change.old.mode if change.old else "0",
        "b_mode": change.new.mode if change.new else "0",
        "new_file": change.old is None,
        "renamed_file": change.previous_path is not None,
        "deleted_file": change.new is None,
        "generated_file": False,
    }


def branch(world: World, project: Project, name: str, user: User | None) -> dict[str, Any]:
    """A branch."""
    rules = access.rules_for(world, project, name)
    tip = project.refs[HEADS + name]
    main = world.branch(project, project.default_branch)
    return {
        "name": name,
        "merged": bool(main) and name != project.default_branch and git.is_ancestor(world.objects, tip, main or ""),
        "protected": bool(rules),
        "default": name == project.default_branch,
        "developers_can_push": any(_gives(rule.push, DEVELOPER) for rule in rules),
        "developers_can_merge": any(_gives(rule.merge, DEVELOPER) for rule in rules),
        "can_push": user is not None and access.may_push(world, user, project, name),
        "web_url": f"{world.base_url}/{world.full_path(project)}/-/tree/{name}",
        "commit": commit(world, project, tip),
    }


def _gives(levels: tuple[dict[str, int], ...], level: int) -> bool:
    return any(0 < entry.get("access_level", 0) <= level for entry in levels if set(entry) == {"access_level"})


def protection(world: World, project: Project, rule: ProtectedBranch) -> dict[str, Any]:
    """A protected branch."""
    shown = {
        "id": rule.id,
        "name": rule.name,
        "push_access_levels": _levels(world, rule.id * 10 + 1, rule.push),
        "merge_access_levels": _levels(world, rule.id * 10 + 5, rule.merge),
        "allow_force_push": rule.allow_force_push,
    }
    if access.paid(world, project):
        shown |= {
            "unprotect_access_levels": _levels(world, rule.id * 10 + 8, rule.unprotect),
            "code_owner_approval_required": rule.code_owner_approval_required,
            "inherited": False,
        }
    return shown


def _levels(world: World, first: int, levels: tuple[dict[str, int], ...]) -> list[dict[str, Any]]:
    found = []
    for number, entry in enumerate(levels):
        user, group = world.store.get(User, entry.get("user_id")), world.store.get(Group, entry.get("group_id"))
        level = entry.get("access_level", 40)
        words = user.name if user else group.name if group else LEVELS.get(level, str(level))
        shown = {"id": first + number, "access_level": level, "access_level_description": words}
        found.append(shown | {"user_id": entry.get("user_id"), "group_id": entry.get("group_id")})
    return found
