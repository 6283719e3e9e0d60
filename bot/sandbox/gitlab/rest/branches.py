"""Branches and their protection."""

from typing import Any

from bot.sandbox.gitlab import access, projects
from bot.sandbox.gitlab.errors import Refused, bad_request, not_found
from bot.sandbox.gitlab.records import ADMIN, DEVELOPER, MAINTAINER, ProtectedBranch
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import commits as views
from bot.sandbox.gitlab.world import HEADS

ROOT = "/projects/:id"
LEVELS = {0, DEVELOPER, MAINTAINER, ADMIN}
WAYS = (("push", "allowed_to_push"), ("merge", "allowed_to_merge"), ("unprotect", "allowed_to_unprotect"))


@operation(f"GET {ROOT}/repository/branches")
def branches(call: Call) -> Any:
    """The branches by name; `search` is a part of it, its beginning after `^`, its end before `$`."""
    part = str(call.params.get("search", ""))
    text = part.removeprefix("^").removesuffix("$")
    names = sorted(ref.removeprefix(HEADS) for ref in call.project.refs if ref.startswith(HEADS))
    found = [name for name in names if text in name]
    found = [name for name in found if not part.startswith("^") or name.startswith(text)]
    found = [name for name in found if not part.endswith("$") or name.endswith(text)]
    return call.paged(found, lambda name: views.branch(call.world, call.project, name, call.actor.user))


@operation(f"GET {ROOT}/repository/branches/:branch")
def branch(call: Call) -> Any:
    """One branch."""
    if call.world.branch(call.project, call.path["branch"]) is None:
        raise not_found("Branch")
    return views.branch(call.world, call.project, call.path["branch"], call.actor.user)


def _rule(call: Call) -> ProtectedBranch:
    found = call.world.store.where(ProtectedBranch, project_id=call.project.id, name=call.path["branch"])
    if not found:
        raise not_found()
    return found[0]


@operation(f"GET {ROOT}/protected_branches", DEVELOPER)
def listed(call: Call) -> Any:
    """The protections. Developers may read them."""
    found = call.world.store.where(ProtectedBranch, project_id=call.project.id)
    found = [rule for rule in found if str(call.params.get("search", "")) in rule.name]
    return call.paged(found, lambda rule: views.protection(call.world, call.project, rule))


@operation(f"GET {ROOT}/protected_branches/:branch", DEVELOPER)
def one(call: Call) -> Any:
    """One of them, by its name or wildcard."""
    return views.protection(call.world, call.project, _rule(call))


def _levels(call: Call) -> dict[str, Any]:
    """The levels that the parameters ask for; naming users and groups is Premium."""
    found: dict[str, Any] = {}
    for way, several in WAYS:
        if f"{way}_access_level" in call.params:
            if call.params[f"{way}_access_level"] not in LEVELS:
                raise Refused(400, f"{way}_access_level does not have a valid value", error=True)
            found[way] = projects.levels(call.params[f"{way}_access_level"])
        if several in call.params:
            entries = [dict(entry) for entry in call.params[several]]
            if any(set(entry) & {"user_id", "group_id"} for entry in entries):
                access.feature(call.world, call.project)
            found[way] = tuple({key: int(value) for key, value in entry.items() if key in KEYS} for entry in entries)
    return found


KEYS = {"user_id", "group_id", "access_level"}


@operation(f"POST {ROOT}/protected_branches", MAINTAINER)
def protect(call: Call) -> Any:
    """Protect a branch or wildcard; by default for Maintainers alone."""
    name = call.params["name"]
    if call.world.store.where(ProtectedBranch, project_id=call.project.id, name=name):
        raise Refused(409, f"Protected branch '{name}' already exists")
    wanted = _levels(call)
    unprotect = wanted.pop("unprotect", None)
    more = {key: call.params[key] for key in ("allow_force_push",) if key in call.params}
    rule = projects.protect(call.world, call.project, name, **more, **wanted)
    rule.unprotect = unprotect or rule.unprotect
    return views.protection(call.world, call.project, rule)


@operation(f"PATCH {ROOT}/protected_branches/:branch", MAINTAINER)
def change(call: Call) -> Any:
    """Change the protection: forced pushes; the levels are changed where the parameters name them."""
    rule = _rule(call)
    if not call.params:
        raise bad_request("at least one parameter must be provided")
    for key, value in _levels(call).items():
        setattr(rule, key, value)
    if "allow_force_push" in call.params:
        rule.allow_force_push = call.params["allow_force_push"]
    return views.protection(call.world, call.project, rule)


@operation(f"DELETE {ROOT}/protected_branches/:branch", MAINTAINER)
def unprotect(call: Call) -> Any:
    """Protect it no longer."""
    call.world.store.remove(_rule(call))
