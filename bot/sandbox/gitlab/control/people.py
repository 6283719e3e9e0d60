"""Commands that make users, groups, projects, tokens and hooks, and change them as an administrator could."""

import secrets
import uuid
from typing import Any

from bot.sandbox.clock import iso
from bot.sandbox.control import Bad, Body
from bot.sandbox.gitlab import commits, hooks, identity, projects
from bot.sandbox.gitlab.control.command import actor, command, project
from bot.sandbox.gitlab.identity import SHORTCUT
from bot.sandbox.gitlab.records import Approval, Group, Hook, Label, MergeRequest, Note, Token, User
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.world import HEADS, World

LEVELS = {"guest": 10, "reporter": 20, "developer": 30, "maintainer": 40, "owner": 50}
PROJECT_FIELDS = (
    "visibility", "tier", "description", "ci", "ci_result", "only_allow_merge_if_pipeline_succeeds",
    "allow_merge_on_skipped_pipeline", "only_allow_merge_if_all_discussions_are_resolved", "merge_method",
    "squash_option", "reset_approvals_on_push", "disable_overriding_approvers_per_merge_request",
    "merge_requests_author_approval", "merge_requests_disable_committers_approval",
    "require_reauthentication_to_approve", "rules_locked", "merge_trains_enabled",
)  # fmt: skip


def level(given: Any) -> int:
    """An access level by word or number."""
    return LEVELS[given] if isinstance(given, str) else int(given)


def levels(world: World, given: dict[str, Any]) -> dict[int, int]:
    """Members by username."""
    return {world.user(name).id: level(one) for name, one in given.items()}


def make_user(world: World, body: Body) -> User:
    """A user; the mailbox is username@example.com unless one is given (null: none)."""
    name = body["username"]
    if any(user.username.lower() == name.lower() for user in world.store.all(User)):
        raise Bad(f"{name} is taken")
    return world.store.add(
        User(
            id=body.get("id", 0), username=name, name=body.get("name", name.capitalize()),
            kind=body.get("kind", "human"), email=body.get("email", f"{name}@example.com"),
            emails=tuple(body.get("emails", ())), admin=bool(body.get("admin")), created_at=world.clock.now(),
        )
    )  # fmt: skip


@command("user", "username", "id", "name", "email", "emails", "kind", "admin")
def user(service: Service, body: Body) -> Any:
    """A user. `kind`: human, service_account, project_bot, group_bot. Answers a token to act as them."""
    with service.act() as world:
        made = make_user(world, body)
        return {"username": made.username, "id": made.id, "token": SHORTCUT + made.username}


@command("change_user", "username", "to", "state", "name", "email", "emails", "admin", "kind")
def change_user(service: Service, body: Body) -> Any:
    """Rename (`to`), block (`state`: active, blocked, deactivated), or change what else an administrator can."""
    with service.act() as world:
        found = world.user(body["username"])
        for key in ("state", "name", "email", "admin", "kind"):
            if key in body:
                setattr(found, key, body[key])
        found.emails = tuple(body.get("emails", found.emails))
        found.username = body.get("to", found.username)
        return {"username": found.username, "id": found.id}


@command("delete_user", "username")
def delete_user(service: Service, body: Body) -> Any:
    """Delete a user: what they opened and wrote becomes the ghost's, their approvals go."""
    with service.act() as world:
        found = world.user(body["username"])
        ghosts = [one for one in world.store.all(User) if one.username == "ghost"]
        ghost = ghosts[0] if ghosts else make_user(world, {"username": "ghost", "name": "Ghost User", "email": None})
        for mr in world.store.where(MergeRequest, author_id=found.id):
            mr.author_id = ghost.id
        for note in world.store.where(Note, author_id=found.id):
            note.author_id = ghost.id
        for row in [*world.store.where(Approval, user_id=found.id), *world.store.where(Token, user_id=found.id)]:
            world.store.remove(row)
        projects.forget_member(world, found.id)
        world.store.remove(found)
        return {"ghost": ghost.id}


@command("group", "path", "id", "members")
def group(service: Service, body: Body) -> Any:
    """A group or subgroup; `members` maps usernames to levels (a word or a number)."""
    with service.act() as world:
        made = projects.create_group(world, body["path"], levels(world, body.get("members", {})), id=body.get("id", 0))
        return {"id": made.id, "full_path": made.full_path}


@command("member", "group", "project", "username", "level", "until")
def member(service: Service, body: Body) -> Any:
    """Put somebody into a group or project, or with level null out of it."""
    with service.act() as world:
        place = world.group(body["group"]) if "group" in body else project(world, body)
        given = body.get("level")
        number = level(given) if given is not None else None
        projects.add_member(world, place, world.user(body["username"]).id, number, body.get("until"))
        return {"members": len(place.members)}


@command("project", "path", "id", "default_branch", "files", "members", "message", "labels", "protected",
         *PROJECT_FIELDS)  # fmt: skip
def make_project(service: Service, body: Body) -> Any:
    """A project with a first commit.

    `protected` maps branches to {push, merge, allow_force_push}; without it Maintainers push to the default branch and
    Developers merge.
    """
    with service.act() as world:
        branch = body.get("default_branch", "main")
        fields = {key: body[key] for key in PROJECT_FIELDS if key in body}
        members = levels(world, body.get("members", {}))
        made = projects.create(
            world, body["path"], id=body.get("id", 0), default_branch=branch, members=members, **fields
        )
        at = iso(world.clock.seconds())
        who = commits.signature(None, None, at)
        files = body.get("files") or {"README.md": f"# {made.name}\n"}
        changes = [{"path": path, "content": text} for path, text in files.items()]
        entries = commits.applied(world, {}, changes)
        sha = commits.write(world, entries, (), body.get("message", "First commit"), who, who)
        made.refs = {HEADS + branch: sha}
        for name, rule in body.get("protected", {branch: {"push": 40, "merge": 30}}).items():
            projects.protect(world, made, name, **rule)
        for label in body.get("labels", ()):
            world.store.add(Label(project_id=made.id, name=label))
        return {"id": made.id, "path_with_namespace": world.full_path(made), "head": sha}


@command("configure_project", "project", *PROJECT_FIELDS)
def configure_project(service: Service, body: Body) -> Any:
    """Change any setting of a project, whatever the tier and whoever would be needed for it."""
    with service.act() as world:
        found = project(world, body)
        for key in PROJECT_FIELDS:
            if key in body:
                setattr(found, key, body[key])
        return {key: getattr(found, key) for key in PROJECT_FIELDS}


@command("project_action", "project", "action", "to", "by")
def project_action(service: Service, body: Body) -> Any:
    """`action` is fork (needs `by`), rename, transfer (`to` a group or user), archive, unarchive, delete."""
    with service.act() as world:
        found, action = project(world, body), body["action"]
        if action == "fork":
            found = projects.fork(world, actor(world, body), found)
        elif action == "rename":
            found.path = body["to"]
        elif action == "transfer":
            groups = [one for one in world.store.all(Group) if one.full_path == body["to"]]
            found.group_id = groups[0].id if groups else None
            found.user_id = None if groups else world.user(body["to"]).id
        elif action in {"archive", "unarchive"}:
            found.archived = action == "archive"
        elif action == "delete":
            projects.delete(world, found)
            return {"deleted": found.id}
        else:
            raise Bad(f"unknown action {action!r}")
        return {"id": found.id, "path_with_namespace": world.full_path(found)}


@command("token", "username", "name", "scopes", "expires_at")
def token(service: Service, body: Body) -> Any:
    """An access token of somebody, a service account for example."""
    with service.act() as world:
        scopes = tuple(body.get("scopes", ("api",)))
        who = world.user(body["username"])
        made = identity.issue(world, who, body.get("name", "sandbox"), scopes, body.get("expires_at"))
        return identity.view(world, made, secret=True)


@command("revoke_token", "id")
def revoke_token(service: Service, body: Body) -> Any:
    """Revoke a token."""
    with service.act() as world:
        world.existing(Token, int(body["id"])).revoked = True
        return {}


@command("hook", "project", "url", "token", "signing_token", "events")
def hook(service: Service, body: Body) -> Any:
    """A webhook, however old GitLab is; without `events` it hears of merge requests, notes, pushes and pipelines."""
    with service.act() as world:
        default = ("merge_requests_events", "note_events", "push_events", "pipeline_events")
        events = tuple(body.get("events", default))
        unknown = set(events) - set(hooks.SWITCHES)
        if unknown:
            raise Bad(f"unknown events {', '.join(sorted(unknown))}; there are {', '.join(hooks.SWITCHES)}")
        made = world.store.add(
            Hook(
                project_id=project(world, body).id, url=body["url"], token=body.get("token"), events=events,
                signing_token=body.get("signing_token"), uuid=str(uuid.UUID(bytes=secrets.token_bytes(16))),
                created_at=world.clock.now(),
            )
        )  # fmt: skip
        return {"id": made.id}
