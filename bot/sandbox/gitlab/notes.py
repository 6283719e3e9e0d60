"""Notes and threads: said, edited, deleted, resolved; and GitLab's own notes about what happened."""

import hashlib

from bot.sandbox.gitlab import access
from bot.sandbox.gitlab.errors import forbidden, not_found
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import DEVELOPER, MAINTAINER, MergeRequest, Note, User
from bot.sandbox.gitlab.world import World


def of(world: World, mr: MergeRequest) -> list[Note]:
    """Every note, oldest first."""
    return world.store.where(Note, mr_id=mr.id)


def tell_in_history(world: World, mr: MergeRequest, user: User | None, body: str) -> None:
    """GitLab notes that something happened. Webhooks do not hear of it."""
    if user is None:
        return
    now = world.clock.now()
    note = Note(mr_id=mr.id, author_id=user.id, body=body, system=True, created_at=now, updated_at=now)
    world.store.add(note)
    note.discussion = _thread_id(note)


def _thread_id(note: Note) -> str:
    return hashlib.sha1(f"discussion {note.id}".encode(), usedforsecurity=False).hexdigest()


def say(  # noqa: PLR0913 - what is said, where, and how
    world: World, actor: Actor, mr: MergeRequest, body: str, *, thread: str | None = None, individual: bool = True,
    internal: bool = False,
) -> Note:  # fmt: skip
    """Say something; with `thread` as an answer in it, without `individual` as the first note of a new one."""
    own = access.level(world, actor.person, world.project_of(mr))
    if mr.discussion_locked and own == 0:
        raise forbidden()
    now = world.clock.tick()
    note = Note(
        mr_id=mr.id, author_id=actor.person.id, body=body, individual=individual and thread is None,
        internal=internal, created_at=now, updated_at=now,
    )  # fmt: skip
    world.store.add(note)
    note.discussion = thread or _thread_id(note)
    if thread is not None:
        for other in in_thread(world, mr, thread):
            other.individual = False
    mr.updated_at = now
    world.tell("note", project=world.project_of(mr), user=actor.person, mr=mr, note=note, action="create")
    return note


def edit(world: World, actor: Actor, mr: MergeRequest, note: Note, body: str) -> Note:
    """Say something else. Its author may, and a Maintainer."""
    _own(world, actor, mr, note)
    note.body = body
    note.updated_at = note.last_edited_at = world.clock.tick()
    if world.since("16.11"):
        world.tell("note", project=world.project_of(mr), user=actor.person, mr=mr, note=note, action="update")
    return note


def delete(world: World, actor: Actor, mr: MergeRequest, note: Note) -> None:
    """Take it back. Its author may, and a Maintainer. Webhooks do not hear of it."""
    _own(world, actor, mr, note)
    world.store.remove(note)
    mr.updated_at = world.clock.tick()


def _own(world: World, actor: Actor, mr: MergeRequest, note: Note) -> None:
    own = access.level(world, actor.person, world.project_of(mr))
    if note.system or (note.author_id != actor.person.id and own < MAINTAINER):
        raise forbidden()


def in_thread(world: World, mr: MergeRequest, thread: str) -> list[Note]:
    """The notes of a thread. Raises 404 when there is none of that id."""
    found = [note for note in of(world, mr) if note.discussion == thread]
    if not found:
        raise not_found("Discussion")
    return found


def resolve(world: World, actor: Actor, mr: MergeRequest, thread: str, *, resolved: bool) -> list[Note]:
    """Resolve a thread or open it again. Developers may, and the author, whatever their role; nothing restricts it."""
    found = in_thread(world, mr, thread)
    own = access.level(world, actor.person, world.project_of(mr))
    if own < DEVELOPER and actor.person.id not in {mr.author_id, found[0].author_id}:
        raise forbidden()
    before = all_resolved(world, mr)
    now = world.clock.tick()
    for note in found:
        note.resolved = resolved
        note.resolved_by_id = actor.person.id if resolved else None
        note.resolved_at = now if resolved else None
    mr.updated_at = now
    if resolved and not before and all_resolved(world, mr):
        project = world.project_of(mr)
        world.tell("merge_request", project=project, user=actor.person, mr=mr, action="update", changes={})
    return found


def all_resolved(world: World, mr: MergeRequest) -> bool:
    """Whether no thread is open."""
    return all(note.resolved or note.individual or note.system for note in of(world, mr))
