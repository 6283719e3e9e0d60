"""Groups, and who is in groups and projects."""

from typing import Any

from bot.sandbox.gitlab import access, projects
from bot.sandbox.gitlab.errors import Refused, bad_request, forbidden, not_found
from bot.sandbox.gitlab.records import MAINTAINER, OWNER, Group, Project, User
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import users as views


@operation("GET /groups", None)
def groups(call: Call) -> Any:
    """The groups of whoever asks."""
    least = call.params.get("min_access_level", 1)
    found = [
        group
        for group in call.world.store.all(Group)
        if access.group_level(call.world, call.actor.user, group) >= least
        and (not call.params.get("top_level_only") or group.parent_id is None)
        and str(call.params.get("search", "")).lower() in group.full_path.lower()
    ]
    return call.paged(found, lambda group: views.group(call.world, group))


@operation("GET /groups/:id", None)
def group(call: Call) -> Any:
    """One group."""
    return views.group(call.world, call.group)


@operation("GET /groups/:id/projects", None)
def group_projects(call: Call) -> Any:
    """The projects of a group, of its subgroups too where that is asked for."""
    deep = call.params.get("include_subgroups", False)
    found = []
    for project in call.world.store.all(Project):
        above = [place.id for place in access.chain(call.world, project.group_id)]
        archived = call.params.get("archived", project.archived) != project.archived
        if (call.group.id in above if deep else above[:1] == [call.group.id]) and not archived:
            found.append(project)
    return call.paged(found, lambda project: views.project(call.world, project, call.actor))


def _place(call: Call) -> Group | Project:
    return call.group if call.operation.name.split("/")[1] == "groups" else call.project


def _all(call: Call, place: Group | Project) -> dict[int, int]:
    return access.group_members(call.world, place) if isinstance(place, Group) else access.members(call.world, place)


def _listed(call: Call, levels: dict[int, int]) -> Any:
    part, ids = str(call.params.get("query", "")).lower(), call.params.get("user_ids")
    found = [(call.world.store.get(User, number), level) for number, level in sorted(levels.items())]
    rows = [(user, level) for user, level in found if user and part in f"{user.username} {user.name}".lower()]
    rows = [(user, level) for user, level in rows if ids is None or user.id in ids]
    return call.paged(rows, lambda row: views.member(call.world, _place(call), *row))


@operation("GET /groups/:id/members", None)
@operation("GET /projects/:id/members")
def direct(call: Call) -> Any:
    """Who is in it directly."""
    return _listed(call, _place(call).members)


@operation("GET /groups/:id/members/all", None)
@operation("GET /projects/:id/members/all")
def inherited(call: Call) -> Any:
    """Who is in it, by the groups above too."""
    return _listed(call, _all(call, _place(call)))


def _one(call: Call, levels: dict[int, int]) -> Any:
    number = call.number("user_id")
    user = call.world.store.get(User, number)
    if user is None or number not in levels:
        raise not_found()
    return views.member(call.world, _place(call), user, levels[number])


@operation("GET /groups/:id/members/all/:user_id", None)
@operation("GET /projects/:id/members/all/:user_id")
def one_inherited(call: Call) -> Any:
    """One of them, with the level; 404 for who is not in it."""
    return _one(call, _all(call, _place(call)))


@operation("GET /projects/:id/members/:user_id")
def one_direct(call: Call) -> Any:
    """One who is in it directly."""
    return _one(call, call.project.members)


def _may_change(call: Call, place: Group | Project) -> int:
    who = call.actor.person
    if isinstance(place, Group):
        own, wanted = access.group_level(call.world, who, place), OWNER
    else:
        own, wanted = access.level(call.world, who, place), MAINTAINER
    if own < wanted:
        raise forbidden()
    return own


@operation("POST /groups/:id/members", None)
@operation("POST /projects/:id/members")
def add(call: Call) -> Any:
    """Add somebody, with no more than the own level."""
    place = _place(call)
    own = _may_change(call, place)
    level = call.params["access_level"]
    if level not in {10, 15, 20, 30, 40, 50}:
        raise bad_request({"access_level": ["is not included in the list"]})
    if level > own:
        raise forbidden()
    name = call.params.get("username")
    user = call.world.user(name) if name else call.world.store.get(User, call.params.get("user_id"))
    if user is None:
        raise not_found("User")
    if user.id in place.members:
        raise Refused(409, "Member already exists")
    projects.add_member(call.world, place, user.id, level, call.params.get("expires_at"))
    return views.member(call.world, place, user, level)


@operation("PUT /projects/:id/members/:user_id")
def change(call: Call) -> Any:
    """Another level."""
    own, user = _may_change(call, call.project), call.user()
    if call.params["access_level"] > own:
        raise forbidden()
    projects.add_member(call.world, call.project, user.id, call.params["access_level"], call.params.get("expires_at"))
    return views.member(call.world, call.project, user, call.params["access_level"])


@operation("DELETE /groups/:id/members/:user_id", None)
@operation("DELETE /projects/:id/members/:user_id")
def remove(call: Call) -> Any:
    """Take somebody out; people may go by themselves."""
    place, user = _place(call), call.user()
    if user.id != call.actor.person.id:
        _may_change(call, place)
    if user.id not in place.members:
        raise not_found()
    projects.add_member(call.world, place, user.id, None)
