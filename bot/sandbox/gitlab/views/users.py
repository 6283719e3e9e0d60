"""Users, members, groups and projects, as the API shows them; and how it writes times."""

from typing import Any

from bot.sandbox.gitlab import access
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import Group, Project, User
from bot.sandbox.gitlab.world import World

GHOST = {"id": 0, "username": "ghost", "name": "Ghost User", "state": "active", "locked": False, "avatar_url": None}


def at(text: str | None) -> str | None:
    """A time as the API writes it: with milliseconds."""
    return text.removesuffix("Z") + ".000Z" if text else None


def basic(world: World, user: User | int | None) -> dict[str, Any]:
    """A user, briefly: there is no `bot` here."""
    found = world.store.get(User, user) if isinstance(user, int) else user
    if found is None:
        return GHOST | {"web_url": f"{world.base_url}/ghost"}
    return {
        "id": found.id,
        "username": found.username,
        "name": found.name,
        "state": found.state,
        "locked": False,
        "avatar_url": None,
        "web_url": f"{world.base_url}/{found.username}",
    }


def maybe(world: World, user_id: int | None) -> dict[str, Any] | None:
    """A user, or null."""
    return basic(world, user_id) if user_id is not None else None


def full(world: World, user: User, actor: Actor) -> dict[str, Any]:
    """A user by themselves. The mailbox is shown to themselves and to administrators."""
    found = basic(world, user) | {
        "created_at": at(user.created_at),
        "bio": "",
        "public_email": user.email if not user.bot else "",
        "bot": user.bot,
    }
    if actor.user is not None and (actor.user.id == user.id or actor.user.admin):
        found |= {"email": user.email or "", "commit_email": user.email or "", "is_admin": user.admin}
    return found


def member(world: World, place: Project | Group, user: User, level: int) -> dict[str, Any]:
    """Somebody with their level."""
    return basic(world, user) | {
        "access_level": level,
        "created_at": at(place.created_at or user.created_at),
        "expires_at": place.expiries.get(user.id),
        "membership_state": "active",
    }


def group(world: World, found: Group) -> dict[str, Any]:
    """A group."""
    return {
        "id": found.id,
        "name": found.name,
        "path": found.full_path.rpartition("/")[2],
        "full_path": found.full_path,
        "full_name": found.full_path.replace("/", " / "),
        "parent_id": found.parent_id,
        "web_url": f"{world.base_url}/groups/{found.full_path}",
        "visibility": "private",
        "description": "",
        "created_at": at(found.created_at),
    }


def _namespace(world: World, project: Project) -> dict[str, Any]:
    space = world.namespace(project)
    if isinstance(space, Group):
        path, kind, parent = space.full_path, "group", space.parent_id
    else:
        path, kind, parent = space.username, "user", None
    return {
        "id": space.id,
        "name": space.name,
        "path": path.rpartition("/")[2],
        "kind": kind,
        "full_path": path,
        "parent_id": parent,
        "avatar_url": None,
        "web_url": f"{world.base_url}/{'groups/' if kind == 'group' else ''}{path}",
    }


def project(world: World, found: Project, actor: Actor) -> dict[str, Any]:
    """A project, with the level of whoever asks."""
    path = world.full_path(found)
    parent = world.store.get(Project, found.fork_of)
    own = access.level(world, actor.user, found)
    direct = actor.user.id in found.members if actor.user else False
    level = {"access_level": own, "notification_level": 3} if own else None
    shown: dict[str, Any] = {
        "id": found.id,
        "description": found.description,
        "name": found.name,
        "name_with_namespace": path.replace("/", " / "),
        "path": found.path,
        "path_with_namespace": path,
        "created_at": at(found.created_at),
        "default_branch": found.default_branch,
        "ssh_url_to_repo": f"git@sandbox:{path}.git",
        "http_url_to_repo": f"{world.base_url}/{path}.git",
        "web_url": f"{world.base_url}/{path}",
        "namespace": _namespace(world, found),
        "visibility": found.visibility,
        "archived": found.archived,
        "empty_repo": not found.refs,
        "last_activity_at": at(found.last_activity_at),
        "permissions": {"project_access": level if direct else None, "group_access": None if direct else level},
        "merge_method": found.merge_method,
        "squash_option": found.squash_option,
        "only_allow_merge_if_pipeline_succeeds": found.only_allow_merge_if_pipeline_succeeds,
        "allow_merge_on_skipped_pipeline": found.allow_merge_on_skipped_pipeline,
        "only_allow_merge_if_all_discussions_are_resolved": found.only_allow_merge_if_all_discussions_are_resolved,
        "merge_requests_enabled": True,
        "merge_requests_access_level": "enabled",
        "marked_for_deletion_at": None,
        "remove_source_branch_after_merge": False,
        "ci_config_path": None,
        "shared_with_groups": [],
        "topics": [],
        "approvals_before_merge": 0,
    }
    if access.paid(world, found):
        shown["merge_trains_enabled"] = found.merge_trains_enabled
    if parent is not None:
        shown["forked_from_project"] = {"id": parent.id, "path_with_namespace": world.full_path(parent)}
    return shown
