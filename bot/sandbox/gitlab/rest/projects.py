"""Projects, their settings and labels."""

from typing import Any

from bot.sandbox.gitlab import access, projects
from bot.sandbox.gitlab.errors import Refused, forbidden
from bot.sandbox.gitlab.records import MAINTAINER, OWNER, REPORTER, Label, Project
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import requests as mr_views
from bot.sandbox.gitlab.views import users as views

SETTINGS = (
    "name", "description", "default_branch", "visibility", "only_allow_merge_if_pipeline_succeeds", "merge_method",
    "allow_merge_on_skipped_pipeline", "only_allow_merge_if_all_discussions_are_resolved", "squash_option",
)  # fmt: skip


def _shown(call: Call, project: Project) -> Any:
    return views.project(call.world, project, call.actor)


@operation("GET /projects", None)
def every(call: Call) -> Any:
    """The projects that are shown to whoever asks; with `membership` those they are in."""
    world, found = call.world, []
    least = call.params.get("min_access_level", 1 if call.params.get("membership") else 0)
    least = OWNER if call.params.get("owned") else least
    for project in world.store.all(Project):
        own = access.level(world, call.actor.user, project)
        if call.params.get("membership") and project.id and call.actor.user and call.actor.user.admin:
            own = access.members(world, project).get(call.actor.user.id, 0)
        shown = own or project.visibility == "public" or (project.visibility == "internal" and call.actor.user)
        archived = call.params.get("archived", project.archived) != project.archived
        text = str(call.params.get("search", "")).lower()
        if shown and own >= least and not archived and text in project.path.lower():
            found.append(project)
    order = call.params.get("order_by", "created_at")
    keys = {"id": "id", "last_activity_at": "last_activity_at", "name": "name", "path": "path"}
    found.sort(key=lambda project: (getattr(project, keys.get(order, "id")), project.id))
    if call.params.get("sort", "desc") == "desc":
        found.reverse()
    if call.params.get("pagination") == "keyset":
        if order != "id":
            raise Refused(405, {"error": "Keyset pagination is not yet available for this type of request"}, error=True)
        return call.keyset(found, lambda one: _shown(call, one), lambda one: str(one.id), "id_after")
    return call.paged(found, lambda one: _shown(call, one))


@operation("GET /projects/:id")
def one(call: Call) -> Any:
    """One project, by id or by path."""
    return _shown(call, call.project)


@operation("PUT /projects/:id", MAINTAINER)
def edit(call: Call) -> Any:
    """Change settings."""
    for name in SETTINGS:
        if name in call.params:
            setattr(call.project, name, call.params[name])
    return _shown(call, call.project)


@operation("POST /projects/:id/fork")
def fork(call: Call) -> Any:
    """A copy in one's own namespace."""
    return _shown(call, projects.fork(call.world, call.actor, call.project))


@operation("POST /projects/:id/archive", OWNER)
def archive(call: Call) -> Any:
    """Read-only from now on."""
    call.project.archived = True
    return _shown(call, call.project)


@operation("POST /projects/:id/unarchive", OWNER)
def unarchive(call: Call) -> Any:
    """Writable again."""
    call.project.archived = False
    return _shown(call, call.project)


@operation("GET /projects/:id/labels")
def labels(call: Call) -> Any:
    """The labels."""
    return call.paged(call.world.store.where(Label, project_id=call.project.id), mr_views.label)


@operation("POST /projects/:id/labels", REPORTER)
def add_label(call: Call) -> Any:
    """A new label."""
    if call.world.store.where(Label, project_id=call.project.id, name=call.params["name"]):
        raise Refused(409, "Label already exists")
    if access.level(call.world, call.actor.user, call.project) < REPORTER:
        raise forbidden()
    fields = {key: call.params[key] for key in ("name", "color", "description") if key in call.params}
    return mr_views.label(call.world.store.add(Label(project_id=call.project.id, **fields)))
