"""The life of groups and projects: made, forked, renamed, moved, archived, deleted."""

from typing import Any

from bot.sandbox.gitlab.errors import bad_request
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import (
    DEVELOPER,
    MAINTAINER,
    OWNER,
    Group,
    Hook,
    Label,
    MergeRequest,
    Project,
    ProtectedBranch,
    Rule,
)
from bot.sandbox.gitlab.world import HEADS, World


def create_group(world: World, path: str, members: dict[int, int], **fields: Any) -> Group:
    """A group, or a subgroup of one that is there."""
    above, _, name = path.rpartition("/")
    parent = world.group(above).id if above else None
    now = world.clock.now()
    group = Group(full_path=path, name=name, parent_id=parent, members=members, created_at=now, **fields)
    return world.store.add(group)


def create(world: World, path: str, **fields: Any) -> Project:
    """An empty project in the group or the user's namespace that its path names."""
    above, _, name = path.rpartition("/")
    space = next((group for group in world.store.all(Group) if group.full_path == above), None)
    owner = {"group_id": space.id} if space else {"user_id": world.user(above).id}
    if any(world.full_path(other).lower() == path.lower() for other in world.store.all(Project)):
        raise bad_request({"path": ["has already been taken"]})
    now = world.clock.now()
    project = Project(path=name, name=name.capitalize(), created_at=now, last_activity_at=now, **owner, **fields)
    return world.store.add(project)


def protect(world: World, project: Project, name: str, **fields: Any) -> ProtectedBranch:
    """Protect a branch. `push` and `merge` are access levels (0: nobody)."""
    push, merge = (fields.pop(key, default) for key, default in (("push", MAINTAINER), ("merge", MAINTAINER)))
    return world.store.add(
        ProtectedBranch(
            project_id=project.id, name=name, push=levels(push), merge=levels(merge),
            unprotect=levels(MAINTAINER), **fields,
        )
    )  # fmt: skip


def levels(given: Any) -> tuple[dict[str, int], ...]:
    """Access levels as they are kept: a number, or a list of {access_level} | {user_id} | {group_id}."""
    return ({"access_level": given},) if isinstance(given, int) else tuple(dict(entry) for entry in given)


def fork(world: World, actor: Actor, project: Project) -> Project:
    """A copy in the namespace of whoever asks; asked twice, the same one. The parent's members have no role there."""
    owner = actor.person
    for other in world.store.where(Project, fork_of=project.id, user_id=owner.id):
        return other
    heads = {ref: oid for ref, oid in project.refs.items() if ref.startswith(HEADS)}
    copy = create(
        world, f"{owner.username}/{project.path}", fork_of=project.id, refs=heads, visibility=project.visibility,
        default_branch=project.default_branch, ci=project.ci, ci_result=project.ci_result,
    )  # fmt: skip
    protect(world, copy, project.default_branch, merge=DEVELOPER)
    return copy


def delete(world: World, project: Project) -> None:
    """Gone, with what is in it. Merge requests that came from it have no source project any more."""
    for kind in (Hook, Rule, ProtectedBranch, Label, MergeRequest):
        for row in world.store.where(kind, project_id=project.id):
            world.store.remove(row)
    for mr in world.store.all(MergeRequest):
        if mr.source_project_id == project.id:
            mr.source_project_id = None
    world.store.remove(project)


def add_member(world: World, place: Group | Project, user_id: int, level: int | None, until: str | None = None) -> None:
    """Give somebody a level, or with None take it."""
    others = {key: value for key, value in place.members.items() if key != user_id}
    place.members = others | ({user_id: level} if level else {})
    ends = {key: value for key, value in place.expiries.items() if key != user_id}
    place.expiries = ends | ({user_id: until} if until else {})
    if isinstance(place, Project) and level and place.user_id == user_id and level < OWNER:
        raise bad_request("the owner of a namespace stays owner")
    place.created_at = place.created_at or world.clock.now()


def forget_member(world: World, user_id: int) -> None:
    """Take somebody out of everything."""
    places: list[Group | Project] = [*world.store.all(Group), *world.store.all(Project)]
    for place in places:
        if user_id in place.members:
            add_member(world, place, user_id, None)
