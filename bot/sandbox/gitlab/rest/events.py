"""A project's events: here its pushes, the newest first."""

from typing import Any

from bot.sandbox.gitlab.records import Push
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import users as views
from bot.sandbox.gitlab.world import HEADS, TAGS, ZERO


@operation("GET /projects/:id/events")
def events(call: Call) -> Any:
    """What happened: the simulation tells of pushes only."""
    found = call.world.store.where(Push, project_id=call.project.id)
    if call.params.get("action") not in {None, "pushed"}:
        found = []
    return call.paged(found[::-1], lambda push: _shown(call, push))


def _shown(call: Call, push: Push) -> dict[str, Any]:
    made, gone = push.before == ZERO, push.after == ZERO
    author = views.basic(call.world, push.user_id)
    data = {
        "commit_count": push.commits,
        "action": "created" if made else "removed" if gone else "pushed",
        "ref_type": "tag" if push.ref.startswith(TAGS) else "branch",
        "commit_from": None if made else push.before,
        "commit_to": None if gone else push.after,
        "ref": push.ref.removeprefix(HEADS).removeprefix(TAGS),
        "commit_title": None,
        "ref_count": None,
    }
    return {
        "id": push.id,
        "project_id": push.project_id,
        "action_name": "pushed new" if made else "deleted" if gone else "pushed to",
        "target_id": None,
        "target_type": None,
        "author_id": push.user_id,
        "author_username": author["username"],
        "author": author,
        "created_at": push.created_at,
        "push_data": data,
    }
