"""The instance and its users."""

from typing import Any

from bot.sandbox.gitlab.errors import not_found, unauthorized
from bot.sandbox.gitlab.records import User
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import users as views


def _known(call: Call) -> None:
    if call.actor.user is None:
        raise unauthorized()


@operation("GET /version", None)
def version(call: Call) -> Any:
    """Which GitLab this is; nobody is told without signing in."""
    _known(call)
    suffix = "-ee" if call.world.setting("enterprise") else ""
    return {"version": call.world.setting("version") + suffix, "revision": "5a4db0c5"}


@operation("GET /metadata", None)
def metadata(call: Call) -> Any:
    """The same, and which build."""
    kas = {"enabled": False, "externalUrl": None, "version": None}
    return version(call) | {"kas": kas, "enterprise": call.world.setting("enterprise")}


@operation("GET /user", None)
def me(call: Call) -> Any:
    """Who asks."""
    return views.full(call.world, call.actor.person, call.actor)


@operation("GET /users/:id", None)
def user(call: Call) -> Any:
    """A user by id; `bot` is told here and not in lists of other things."""
    _known(call)
    found = call.world.store.get(User, call.number("id"))
    if found is None:
        raise not_found("User")
    return views.full(call.world, found, call.actor)


@operation("GET /users", None)
def users(call: Call) -> Any:
    """Users by exact name, or part of one."""
    _known(call)
    found = call.world.store.all(User)
    name, part = call.params.get("username"), call.params.get("search")
    if name is not None:
        found = [one for one in found if one.username.lower() == name.lower()]
    if part:
        found = [one for one in found if part.lower() in f"{one.username} {one.name}".lower()]
    if call.params.get("active"):
        found = [one for one in found if one.state == "active"]
    if call.params.get("blocked"):
        found = [one for one in found if one.state == "blocked"]
    return call.paged(found[::-1], lambda one: views.full(call.world, one, call.actor))
