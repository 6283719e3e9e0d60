"""Notes and threads."""

from typing import Any

from bot.sandbox.gitlab import notes
from bot.sandbox.gitlab.access import level
from bot.sandbox.gitlab.errors import not_found
from bot.sandbox.gitlab.records import REPORTER, Note
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.rest.merge_requests import named
from bot.sandbox.gitlab.views import requests as views

ROOT = "/projects/:id/merge_requests/:iid"


def _visible(call: Call) -> list[Note]:
    """Internal notes are for Reporters and up."""
    inside = level(call.world, call.actor.user, call.project) >= REPORTER
    return [note for note in notes.of(call.world, call.mr) if inside or not note.internal]


def _note(call: Call) -> Note:
    found = call.world.store.get(Note, call.number("note_id"))
    if found is None or found not in _visible(call):
        raise not_found()
    return found


def _shown(call: Call, note: Note) -> Any:
    return views.note(call.world, call.mr, note)


def _count(call: Call) -> None:
    call.limits.note(call.actor.person.username, call.world.setting("notes_limit"))


@operation(f"GET {ROOT}/notes")
def listed(call: Call) -> Any:
    """Every note, the newest first unless asked otherwise; GitLab's own among them."""
    wanted = call.params.get("activity_filter", "all_notes")
    found = [note for note in _visible(call) if wanted == "all_notes" or note.system == (wanted == "only_activity")]
    key = call.params.get("order_by", "created_at")
    found.sort(key=lambda note: (getattr(note, key), note.id), reverse=call.params.get("sort", "desc") == "desc")
    return call.paged(found, lambda note: _shown(call, note))


@operation(f"POST {ROOT}/notes")
def create(call: Call) -> Any:
    """Say something."""
    body = named(call, "body")
    _count(call)
    internal = bool(call.params.get("internal") or call.params.get("confidential"))
    return _shown(call, notes.say(call.world, call.actor, call.mr, body, internal=internal))


@operation(f"GET {ROOT}/notes/:note_id")
def one(call: Call) -> Any:
    """One note."""
    return _shown(call, _note(call))


@operation(f"PUT {ROOT}/notes/:note_id")
def edit(call: Call) -> Any:
    """Say something else."""
    return _shown(call, notes.edit(call.world, call.actor, call.mr, _note(call), named(call, "body")))


@operation(f"DELETE {ROOT}/notes/:note_id")
def delete(call: Call) -> Any:
    """Take it back."""
    notes.delete(call.world, call.actor, call.mr, _note(call))


def _thread(call: Call, thread: str) -> Any:
    return views.discussion(call.world, call.mr, notes.in_thread(call.world, call.mr, thread))


@operation(f"GET {ROOT}/discussions")
def threads(call: Call) -> Any:
    """Threads and single notes, the oldest first."""
    ids = dict.fromkeys(note.discussion for note in _visible(call))
    return call.paged(list(ids), lambda thread: _thread(call, thread))


@operation(f"POST {ROOT}/discussions")
def start(call: Call) -> Any:
    """A thread, which can be resolved."""
    body = named(call, "body")
    _count(call)
    return _thread(call, notes.say(call.world, call.actor, call.mr, body, individual=False).discussion)


@operation(f"GET {ROOT}/discussions/:discussion_id")
def thread(call: Call) -> Any:
    """One of them."""
    return _thread(call, call.path["discussion_id"])


@operation(f"PUT {ROOT}/discussions/:discussion_id")
def resolve(call: Call) -> Any:
    """Resolve it or open it again."""
    wanted = call.path["discussion_id"]
    notes.resolve(call.world, call.actor, call.mr, wanted, resolved=call.params["resolved"])
    return _thread(call, wanted)


@operation(f"POST {ROOT}/discussions/:discussion_id/notes")
def answer(call: Call) -> Any:
    """Say something in it."""
    body, wanted = named(call, "body"), call.path["discussion_id"]
    notes.in_thread(call.world, call.mr, wanted)
    _count(call)
    return _shown(call, notes.say(call.world, call.actor, call.mr, body, thread=wanted))


@operation(f"PUT {ROOT}/discussions/:discussion_id/notes/:note_id")
def edit_in_thread(call: Call) -> Any:
    """Say something else in it, or resolve it."""
    found = _note(call)
    if "resolved" in call.params:
        notes.resolve(call.world, call.actor, call.mr, found.discussion, resolved=call.params["resolved"])
    if "body" in call.params:
        notes.edit(call.world, call.actor, call.mr, found, named(call, "body"))
    return _shown(call, found)


@operation(f"DELETE {ROOT}/discussions/:discussion_id/notes/:note_id")
def delete_in_thread(call: Call) -> Any:
    """Take it back."""
    notes.delete(call.world, call.actor, call.mr, _note(call))
