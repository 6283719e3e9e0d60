"""GitLab's table of commands, and how they name things."""

from bot.sandbox.control import Bad, Body, Commands
from bot.sandbox.gitlab import access
from bot.sandbox.gitlab.identity import Actor, person
from bot.sandbox.gitlab.records import OWNER, MergeRequest, Project, User
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.world import World

command: Commands[Service] = Commands()


def project(world: World, body: Body, key: str = "project") -> Project:
    """The project a command names by path or id."""
    return world.project(str(body[key]))


def merge_request(world: World, body: Body) -> MergeRequest:
    """The merge request a command names by `project` and `iid`."""
    return world.merge_request(project(world, body), int(body["iid"]))


def owner(world: World, found: Project) -> User:
    """Somebody with every right in a project: an owner, else whoever has most."""
    levels = access.members(world, found)
    users = [user for user in (world.store.get(User, number) for number in levels) if user and user.state == "active"]
    if not users:
        raise Bad(f"nobody is a member of {world.full_path(found)}: say `by`, or add somebody")
    return max(users, key=lambda user: (levels[user.id] >= OWNER, levels[user.id], -user.id))


def actor(world: World, body: Body, key: str = "by") -> Actor:
    """Who a command acts as, by username. Without one, an owner of the project."""
    if body.get(key) is not None:
        return person(world, body[key])
    if "project" not in body:
        raise Bad(f"`{key}` is missing: who does it?")
    return Actor(owner(world, project(world, body)))
