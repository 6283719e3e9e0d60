"""What stands on a merge request in our name, as a reading shows it: a status, the bot's approval, or the note alone.

Of statuses it tells whose is the one that counts. Whoever posts one of our name makes the newest, which hides ours; and
whoever moves on an older one of theirs hides the newest, though it stays the newest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.forges.gitlab import publishing
from bot.forges.gitlab.grade import Guard, Mechanism
from bot.forges.gitlab.known import Json, Known
from bot.forges.gitlab.note import Note
from bot.forges.gitlab.parts import Parts
from bot.forges.gitlab.publishing import Expected, Pipeline
from bot.forges.port import CheckState, Mark, Published
from bot.model.ids import Sha
from bot.model.subject import Repository


@dataclass(frozen=True, slots=True)
class Shown:
    """`published` and `foreign` as the port's reading has them; `waiting` is the id of our own status if it is the one
    that counts, and holds the pipeline up; `approving` is whether the bot approves, whatever the mechanism.
    """

    published: Published | None
    foreign: tuple[Mark, ...] = ()
    waiting: int | None = None
    approving: bool = False


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks at the merge requests of one project."""

    known: Known
    repository: Repository
    check_name: str

    def shown(self, parts: Parts, answer: Json, ours: Note | None, here: Guard) -> Shown:
        """What stands, by the mechanism that is in use. `answer` is GET /approvals."""
        altered = ours.marks if ours is not None else ()
        now = Expected(Sha(parts.found["sha"]), here.text)
        approving = publishing.approves(answer, self.known.own())
        if here.mechanism is Mechanism.APPROVER:
            return Shown(publishing.by_approval(approving, ours, now), altered, approving=approving)
        found = self._otherwise(parts, ours, now, altered)
        return replace(found, published=publishing.outlived(found.published), approving=True) if approving else found

    def _otherwise(self, parts: Parts, ours: Note | None, now: Expected, altered: tuple[Mark, ...]) -> Shown:
        """What stands where the bot's approval is not what holds the merge request."""
        found, own = parts.found, self.known.own()
        where = publishing.pipeline(found, self.repository.id)
        if where is None:
            return Shown(publishing.by_note(ours, now), altered)
        listed, counts = self._statuses(where, parts.status)
        published = publishing.by_status(listed, ours, now, own, shown=counts)
        waiting = None
        if counts and listed and publishing.is_by(listed[-1], own):
            waiting = int(listed[-1]["id"]) if listed[-1]["status"] == publishing.STATE[CheckState.WAITING] else None
        return Shown(published, (*altered, *publishing.foreign(listed, own)), waiting)

    def _statuses(self, where: Pipeline, newest: Json | None) -> tuple[Sequence[Json], bool]:
        """The statuses of our name, oldest first, and whether the last of them is the one that counts (`newest`).

        While that one is still ours nobody else has posted or moved one, and those that were read before are all.
        """
        key = (self.repository.id, where.id, self.check_name)
        have = self.known.statuses.peek(key) if where.id is not None else None
        if have and newest is not None and have[-1]["id"] == newest["id"]:
            return (*have[:-1], {**have[-1], "status": newest["status"]}), True
        ask = partial(publishing.statuses, self.known.session, self.repository, where, self.check_name)
        listed = tuple(sorted(map(publishing.gist, ask()), key=lambda each: int(each["id"])))
        own = self.known.own()
        mine = bool(listed) and publishing.is_by(listed[-1], own)
        counts = True
        if mine and publishing.foreign(listed, own) and (newest is None or newest["id"] != listed[-1]["id"]):
            counts = listed[-1]["id"] in {each["id"] for each in ask(hidden=False)}
        if where.id is not None:
            self.known.statuses.put(key, listed if mine and counts else ())
        return listed, counts
