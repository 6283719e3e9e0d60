"""What stands on a merge request in our name, and how it is put there: a status or the bot's approval, and the note.

Pure but for `Publisher`, which writes what holds the merge request first and the explanation last. Whatever is not as
it was written (a status hidden by somebody else's of its name, an approval that outlived a push or the mechanism it was
given under, a note that was edited) is read as not intact, and is written anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.forges.gitlab import convert, note, seal
from bot.forges.gitlab.grade import Guard, Mechanism
from bot.forges.gitlab.note import Note
from bot.forges.gitlab.seal import Seal
from bot.forges.gitlab.session import RefusedError, Session
from bot.forges.port import Check, CheckState, Mark, Published, Written
from bot.model.enforcement import Grade
from bot.model.errors import GoneError, TryAgainError
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]
NO_STATUS = (
    "GitLab refuses the bot's status (403), as it does on a protected source branch into which the bot may not merge; "
    "make it a Maintainer, or allow it to merge there"
)
DESCRIPTION = 255
"""GitLab keeps no more of a status's description."""
SETTLING = timedelta(seconds=15)
"""After a push GitLab may for some ten seconds drop approvals, also one that was given for the new head."""
STATE = {CheckState.WAITING: "pending", CheckState.PASSED: "success", CheckState.REFUSED: "failed"}
STATUS = {
    "success": CheckState.PASSED,
    "skipped": CheckState.PASSED,
    "failed": CheckState.REFUSED,
    "canceled": CheckState.REFUSED,
}
"""Every other status holds the pipeline up."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Where a status must stand to count: the commit and ref of the pipeline, and its id where there is one."""

    sha: str
    ref: str
    id: int | None = None


def pipeline(merge_request: Json, repository: int) -> Pipeline | None:
    """The pipeline that decides whether the merge request may merge; None where no status of ours can count.

    A merged-results pipeline runs on a commit of its own. One of an older head decides nothing any more. Without any,
    a status makes one; but a fork's own pipelines are out of reach.
    """
    head, found = merge_request["sha"], merge_request.get("head_pipeline")
    merged = f"refs/merge-requests/{merge_request['iid']}/merge"
    if found and found.get("project_id", repository) == repository and (
        found["sha"] == head or found["ref"] == merged
    ):  # fmt: skip
        return Pipeline(found["sha"], found["ref"], found["id"])
    if merge_request["source_project_id"] != merge_request["target_project_id"]:
        return None
    return Pipeline(head, merge_request["source_branch"])


def foreign(statuses: Iterable[Json], own: int) -> tuple[Mark, ...]:
    """The statuses of our name that somebody else posted, or a job of theirs has."""
    return tuple(
        Mark(
            convert.account(each["author"], {}),
            STATUS.get(each["status"], CheckState.WAITING),
            convert.time(each["created_at"]),
        )
        for each in statuses
        if not is_by(each, own)
    )


def is_by(status: Json, user: int) -> bool:
    """Whether a status is somebody's."""
    return status["author"] is not None and bool(status["author"]["id"] == user)


def gist(status: Json) -> Json:
    """What is worth remembering of a status."""
    author = status["author"]
    kept = {name: status[name] for name in ("id", "status", "created_at")}
    return kept | {"author": author and {name: author[name] for name in ("id", "username")}}


def placed(merge_request: Json) -> Json:
    """What is worth remembering of a merge request for publishing to it."""
    names = ("iid", "sha", "state", "source_branch", "target_branch", "source_project_id", "target_project_id")
    head = merge_request.get("head_pipeline")
    kept = {name: merge_request[name] for name in names}
    return kept | {"head_pipeline": head and {name: head.get(name) for name in ("id", "sha", "ref", "project_id")}}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a note must have been written for to say how things stand."""

    head: Sha
    footer: str


def by_status(
    statuses: Sequence[Json], ours: Note | None, now: Expected, own: int, *, shown: bool = True
) -> Published | None:
    """What is published by status: GitLab shows the newest of a name, whoever posted it.

    `shown` is false where it does not: somebody moved on an older one of theirs, which hides every other.
    """
    if not statuses:
        return None
    newest = max(statuses, key=lambda each: each["id"])
    state = STATUS.get(newest["status"], CheckState.WAITING)
    return _published(newest["id"], state, ours, now, whole=is_by(newest, own) and shown)


def by_approval(approved: bool, ours: Note | None, now: Expected) -> Published | None:  # noqa: FBT001  read, not chosen
    """What is published by the bot's own approval, which says nothing of the commit it was for."""
    if ours is None and not approved:
        return None
    waiting = ours.state if ours is not None and ours.state is not CheckState.PASSED else CheckState.WAITING
    return _published(ours.id if ours else 0, CheckState.PASSED if approved else waiting, ours, now)


def outlived(other: Published | None) -> Published:
    """What is published where the bot approves though another mechanism is in use: a success, to be taken back. The
    rule that needs it may apply again at any time, and no hook tells when.
    """
    if other is None:
        return Published(0, CheckState.PASSED, "", intact=False)
    return Published(other.id, CheckState.PASSED, "", intact=False, written=other.written)


def by_note(ours: Note | None, now: Expected) -> Published | None:
    """What is published where nothing but the note can be."""
    return _published(ours.id, ours.state, ours, now) if ours else None


def _published(number: int, state: CheckState, ours: Note | None, now: Expected, *, whole: bool = True) -> Published:
    if ours is None:
        return Published(number, state, "", intact=False)
    stands = ours.sealed and ours.current and (ours.sha, ours.footer, ours.state) == (now.head, now.footer, state)
    if not (whole and stands):
        return Published(number, state, "", intact=False, written=ours.written)
    return Published(number, state, ours.digest, witness=ours.witness, written=ours.written)


@dataclass(frozen=True, slots=True)
class Target:
    """A merge request to publish to: as it was read just now, its guard, and our note's id where it has one.

    `waiting` is the id of our status where that is the one that counts, and holds the pipeline up already; `approving`
    says whether the last reading showed the bot among those who approve.
    """

    repository: Repository
    merge_request: Json
    guard: Guard
    note: int | None
    waiting: int | None = None
    approving: bool = False

    @property
    def path(self) -> str:
        """Its path in the API."""
        return f"/projects/{self.repository.id}/merge_requests/{self.merge_request['iid']}"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes checks. `name` is the status's, `own` the bot's account; `seal` is for notes."""

    session: Session
    name: str
    own: int
    seal: Seal

    def put(self, target: Target, check: Check, known: Published | None) -> Published:
        """Put a check on a merge request."""
        number, again = 0, None
        if target.guard.mechanism is not Mechanism.APPROVER and target.approving:
            self._unapprove(target)
        if target.guard.mechanism is Mechanism.STATUS:
            where = pipeline(target.merge_request, target.repository.id)
            if where is not None:
                number = self._status_or_note(target, where, check, known)
        elif target.guard.mechanism is Mechanism.APPROVER:
            again = self._approval(target, check)
        ours = self._note(target, check)
        return Published(number or ours.id, check.state, check.digest, look_again=again, written=ours)

    # --- by status

    def _status_or_note(self, target: Target, where: Pipeline, check: Check, known: Published | None) -> int:
        """Post our status. Where GitLab lets us post none, the note says so, and that nothing holds."""
        try:
            return self.status(target.repository, where, check, known, target.waiting)
        except RefusedError as error:
            if error.status == 403:  # noqa: PLR2004  so it is where the source branch is protected against us
                self._note(replace(target, guard=Guard(Mechanism.NOTE, Grade.ADVISORY, (NO_STATUS,))), check)
            raise

    def status(
        self, repository: Repository, where: Pipeline, check: Check, known: Published | None, waiting: int | None = None
    ) -> int:
        """Post our status; its id. One that somebody else's has hidden is ended first, so that ours is the one that
        counts. GitLab refuses to be told `pending` twice, so that is not said again.
        """
        stands = known is not None and known.intact and (known.id, known.state) == (waiting, check.state)
        if waiting is not None and stands and check.state is CheckState.WAITING:
            return waiting
        posted = self._post(repository, where, check, check.state)
        if known is not None and not known.intact and posted <= known.id and posted != waiting:
            if check.state is CheckState.WAITING:
                self._post(repository, where, check, CheckState.REFUSED)
            posted = self._post(repository, where, check, check.state)
        return posted

    def _post(self, repository: Repository, where: Pipeline, check: Check, state: CheckState) -> int:
        body: dict[str, Any] = {
            "state": STATE[state],
            "name": self.name,
            "ref": where.ref,
            "description": check.title[:DESCRIPTION],
        }
        body |= {"pipeline_id": where.id} if where.id is not None else {}
        body |= {"target_url": check.details_url[:DESCRIPTION]} if check.details_url else {}
        try:
            answer = self.session.post(f"/projects/{repository.id}/statuses/{where.sha}", body)
        except RefusedError as error:
            if "cannot transition" not in error.said.lower():
                raise
            return self._standing(repository, where, state)
        if not isinstance(answer, dict) or answer.get("status") != STATE[state]:
            raise TryAgainError(f"GitLab did not confirm the status on {where.sha[:7]}")
        return int(answer["id"])

    def _standing(self, repository: Repository, where: Pipeline, state: CheckState) -> int:
        """GitLab refuses a status that would say what ours says already: then that one must be there."""
        mine = [each["id"] for each in statuses(self.session, repository, where, self.name)
                if each["author"] and each["author"]["id"] == self.own and each["status"] == STATE[state]]  # fmt: skip
        if not mine:
            raise TryAgainError(f"GitLab neither took the status on {where.sha[:7]} nor has it")
        return int(max(mine))

    # --- by approval

    def _approval(self, target: Target, check: Check) -> timedelta | None:
        """Approve the head that was decided, or take the approval back; when to look whether it stands."""
        if check.state is not CheckState.PASSED:
            self._unapprove(target)  # always: what is known may be of another merge request with this head
            return None
        try:
            self._approve(target)
        except RefusedError as error:
            if error.status != 401:  # noqa: PLR2004  GitLab's answer to a second approval
                raise
            self._unapprove(target)  # it may have outlived a push: the new one is for this head
            self._approve(target)
        return SETTLING

    def _approve(self, target: Target) -> None:
        answer = self.session.post(f"{target.path}/approve", {"sha": target.merge_request["sha"]})
        if not approves(answer, self.own):
            raise TryAgainError(f"GitLab did not confirm the approval of {target.merge_request['sha'][:7]}")

    def _unapprove(self, target: Target) -> None:
        """Take the approval back, until GitLab shows that it is gone: it answers 201 also where it kept it
        (`lib/api/merge_request_approvals.rb`), and 404 where there is none, but not for that reason alone. What is
        merged keeps its approvals (`remove_approval_service.rb`).
        """
        if target.merge_request["state"] == "merged":
            return
        try:
            stands = approves(self.session.post(f"{target.path}/unapprove"), self.own)
        except GoneError:
            stands = target.approving
        if stands and approves(self.session.get(f"{target.path}/approvals"), self.own):
            number = target.merge_request["iid"]
            raise TryAgainError(f"GitLab did not take the bot's approval of {target.repository.name}!{number} back")

    # --- the note

    def _note(self, target: Target, check: Check) -> Written:
        """Edit our note, or write it."""
        head = Sha(target.merge_request["sha"])
        place = note.Place(self.seal, target.repository.id, target.merge_request["iid"])
        text = note.body(self.name, head, check, target.guard.text, place)
        return Written(self._wrote(target, {"body": text}), seal.digest(text))

    def _wrote(self, target: Target, text: Json) -> int:
        for _ in range(2 if target.note is not None else 0):  # a 404 for a moment alone would make a second note
            with suppress(GoneError):  # somebody deleted it
                return int(self.session.put(f"{target.path}/notes/{target.note}", text)["id"])
        return int(self.session.post(f"{target.path}/notes", text)["id"])


def approves(answer: Json, user: int) -> bool:
    """Whether a user is among those who approve."""
    return any(each["user"]["id"] == user for each in answer["approved_by"])


def statuses(
    session: Session, repository: Repository, where: Pipeline, name: str, *, hidden: bool = True
) -> list[Json]:
    """The statuses of a name in a pipeline, also those that others hide."""
    path = f"/projects/{repository.id}/repository/commits/{where.sha}/statuses"
    found = session.pages(path, name=name, all=str(hidden).lower())
    return [each for each in found if where.id is None or each.get("pipeline_id", where.id) == where.id]
