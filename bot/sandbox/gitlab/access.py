"""Who may do what: access levels, visibility, protected branches, and what a tier has.

A level is the highest that anything gives: the project, a group above it, the namespace itself, or being administrator.
"""

import re
from collections.abc import Iterable

from bot.sandbox.gitlab.errors import forbidden, not_found
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import (
    ADMIN,
    DEVELOPER,
    OWNER,
    TIERS,
    Group,
    MergeRequest,
    Project,
    ProtectedBranch,
    User,
)
from bot.sandbox.gitlab.world import World


def chain(world: World, group_id: int | None) -> list[Group]:
    """A group and those above it."""
    found: list[Group] = []
    while group_id is not None:
        group = world.existing(Group, group_id)
        found.append(group)
        group_id = group.parent_id
    return found


def _live(world: World, place: Group | Project) -> dict[int, int]:
    today = world.clock.now()[:10]
    return {user: level for user, level in place.members.items() if place.expiries.get(user, "9999") > today}


def group_members(world: World, group: Group) -> dict[int, int]:
    """Everybody in a group, by inheritance too, with their level."""
    found: dict[int, int] = {}
    for place in chain(world, group.id):
        for user, level in _live(world, place).items():
            found[user] = max(level, found.get(user, 0))
    return found


def members(world: World, project: Project) -> dict[int, int]:
    """Everybody in a project, by inheritance too, with their level."""
    found = dict(_live(world, project))
    places = [group_members(world, world.existing(Group, project.group_id))] if project.group_id is not None else []
    places += [{project.user_id: OWNER}] if project.user_id is not None else []
    for place in places:
        for user, level in place.items():
            found[user] = max(level, found.get(user, 0))
    return found


def level(world: World, user: User | None, project: Project) -> int:
    """The access level of somebody in a project; 0 for none."""
    if user is None or user.state != "active":
        return 0
    return ADMIN if user.admin else members(world, project).get(user.id, 0)


def group_level(world: World, user: User | None, group: Group) -> int:
    """The same in a group."""
    if user is None or user.state != "active":
        return 0
    return ADMIN if user.admin else group_members(world, group).get(user.id, 0)


def see(world: World, actor: Actor, project: Project) -> None:
    """Whether a project is shown to somebody. Raises the usual 404."""
    if project.visibility == "public" or (project.visibility == "internal" and actor.user is not None):
        return
    if level(world, actor.user, project) == 0:
        raise not_found("Project")


def require(world: World, actor: Actor, project: Project, wanted: int) -> None:
    """Whether somebody has a level. Raises 401 for nobody, 403 for somebody with less."""
    if level(world, actor.person, project) < wanted:
        raise forbidden()


def tier(world: World, project: Project) -> str:
    """The licence that a project is under."""
    return str(project.tier or world.setting("tier"))


def paid(world: World, project: Project, wanted: str = "premium") -> bool:
    """Whether a project has the features of a tier."""
    return bool(world.setting("enterprise")) and TIERS.index(tier(world, project)) >= TIERS.index(wanted)


def feature(world: World, project: Project, wanted: str = "premium") -> None:
    """Refuse what the tier has not: the Enterprise build forbids it, the Community build knows no such path."""
    if not world.setting("enterprise"):
        raise not_found()
    if not paid(world, project, wanted):
        raise forbidden()


def rules_for(world: World, project: Project, branch: str) -> list[ProtectedBranch]:
    """The protections that match a branch."""
    return [rule for rule in world.store.where(ProtectedBranch, project_id=project.id) if matches(rule.name, branch)]


def matches(pattern: str, branch: str) -> bool:
    """Whether a name or wildcard means a branch."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), branch) is not None


def _allowed(world: World, user: User, own: int, levels: Iterable[dict[str, int]]) -> bool:
    for entry in levels:
        if entry.get("user_id") == user.id:
            return True
        group_id = entry.get("group_id")
        if group_id is not None and user.id in group_members(world, world.existing(Group, group_id)):
            return True
        wanted = entry.get("access_level", 0) if "user_id" not in entry and group_id is None else 0
        if 0 < wanted <= own:
            return True
    return False


def may_push(world: World, user: User, project: Project, branch: str, *, force: bool = False) -> bool:
    """By level, or on a protected branch by the most permissive rule that matches."""
    own = level(world, user, project)
    if project.archived:
        return False
    rules = rules_for(world, project, branch)
    if not rules:
        return own >= DEVELOPER or _collaborates(world, user, project, branch)
    return any((rule.allow_force_push or not force) and _allowed(world, user, own, rule.push) for rule in rules)


def may_merge(world: World, user: User, project: Project, branch: str) -> bool:
    """Who may push may merge; on a protected branch also who is allowed to merge."""
    if may_push(world, user, project, branch):
        return True
    own = level(world, user, project)
    return not project.archived and any(
        _allowed(world, user, own, rule.merge) for rule in rules_for(world, project, branch)
    )


def _collaborates(world: World, user: User, project: Project, branch: str) -> bool:
    """A fork's branch takes pushes from those who may merge its merge request, where its author allows it."""
    return any(
        mr.allow_collaboration
        and mr.state == "opened"
        and mr.source_branch == branch
        and mr.project_id != project.id
        and level(world, user, world.project_of(mr)) >= DEVELOPER
        for mr in world.store.all(MergeRequest)
        if mr.source_project_id == project.id
    )
