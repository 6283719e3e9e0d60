"""GitLab's answers to our nouns: pure functions of parsed JSON, without I/O.

An answer of another shape raises `TryAgainError`: nothing is decided from part of the data. GitLab names no commit with
an approval. Which one it was for is told by the versions of the merge request, if GitLab gives the approval's time
(`approved_at`); where it does not, only a webhook that came when the approval was given can tell. Facts from GitLab's
REST documentation.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.forges import answers
from bot.forges.port import Comment, OpenChange, Origin
from bot.model.change import (
    Account,
    AccountKind,
    Commit,
    File,
    FileKind,
    FileStatus,
    GitIdentity,
    LabelEvent,
    Review,
    ReviewState,
)
from bot.model.event import HeadSeen, PushSeen, ReviewSeen
from bot.model.ids import AccountId, BlobId, Sha
from bot.model.subject import Repository

FORGE = "gitlab"
Json = Mapping[str, Any]
Kinds = Mapping[int, AccountKind]
"""What is known of accounts: GitLab tells of an account's kind in its own record only."""
strict = answers.strict("GitLab")

_BOT_NAMES = re.compile(
    r"(?:project|group)_\d+_bot(?:\d+|_\w+)?|service_account_\w+|support-bot|alert-bot|ghost\d*_bot"
)
_NOREPLY = re.compile(r"(\d{1,18})-[^@]+@users\.noreply\.[^@]+", re.IGNORECASE)
_LFS = re.compile(r"^[-+ ]?version https://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/", re.MULTILINE)
_SUBMODULE, _SYMLINK = "160000", "120000"
_GHOST = "ghost"
OBJECTION = 1 << 52
"""Far above every account's id."""
_CHANGES_REQUESTED = re.compile(r"(?:has )?requested changes\b")
_APPROVED = re.compile(r"approved this merge request\b")
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def time(text: str) -> datetime:
    """An aware time of GitLab's: ISO 8601 in the API, `2026-11-20 10:00:00 UTC` in hooks."""
    parsed = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def second(text: str) -> datetime:
    """A time to the second, which is all that GraphQL tells: for what is read now one way and now the other."""
    return time(text).replace(microsecond=0)


# --- accounts


def kind_by_name(username: str) -> AccountKind:
    """Bot for the names that GitLab gives the users of tokens; where its own record can be read, that decides."""
    return AccountKind.BOT if _BOT_NAMES.fullmatch(username) else AccountKind.USER


@strict
def kind(user: Json) -> AccountKind:
    """What an account's own record says of it: `bot` is true for tokens' users and service accounts."""
    return AccountKind.BOT if user.get("bot") else kind_by_name(user["username"])


@strict
def account(user: Json | None, kinds: Kinds) -> Account:
    """A user as a part of other objects; GitLab puts a ghost in the place of a deleted account."""
    if user is None or user["username"] == _GHOST:
        return Account(None, None)
    known = kinds.get(user["id"])
    return Account(user["username"], AccountId(user["id"]), known or kind_by_name(user["username"]))


def review_id(user: int) -> int:
    """An approval has no id of its own: a user has one on a merge request."""
    return user


def objection_id(user: int) -> int:
    """Asking for changes has none either. It is no later state of the approval: what was seen of that says nothing of
    this, so it has another number.
    """
    return OBJECTION + user


# --- commits and files


@strict
def commit(entry: Json, *, made_by_forge: bool = False) -> Commit:
    """A commit. Its mailboxes are free text; of the merge request's own commits GitLab does not tell the parents."""
    parents = tuple(Sha(parent) for parent in entry.get("parent_ids") or ())
    return Commit(
        sha=Sha(entry["id"]),
        author=_identity(entry["author_name"], entry["author_email"]),
        committer=_identity(entry["committer_name"], entry["committer_email"]),
        message=entry["message"],
        parents=len(parents) or 1,
        made_by_forge=made_by_forge,
        parent_shas=parents,
    )


def _identity(name: str | None, email: str | None) -> GitIdentity:
    match = _NOREPLY.fullmatch((email or "").strip())
    return GitIdentity(name or "", email or "", id=AccountId(int(match[1])) if match else None)


@strict
def file(entry: Json, counted: tuple[int, int] | None = None) -> File:
    """A changed file of /diffs. Lines are counted in its diff, unless it is left out and they are `counted` already."""
    added, removed = _lines(entry["diff"] or "")
    gained, lost = counted if counted is not None and is_left_out(entry) else (len(added), len(removed))
    old, new = entry["old_path"], entry["new_path"]
    moved = bool(entry["renamed_file"]) and old != new
    return File(
        path=new,
        previous_path=old if moved else None,
        status=_status(entry),
        additions=gained,
        deletions=lost,
        kind=kind_of((entry["a_mode"], entry["b_mode"]), entry["diff"] or ""),
        removed_lines=None if is_left_out(entry) else removed,
    )


def is_left_out(entry: Json) -> bool:
    """Whether GitLab shows less of a file's diff than there is."""
    return bool(entry.get("too_large") or entry.get("collapsed"))


def _status(entry: Json) -> FileStatus:
    if entry["new_file"]:
        return FileStatus.ADDED
    if entry["deleted_file"]:
        return FileStatus.REMOVED
    if entry["renamed_file"]:
        return FileStatus.RENAMED
    only_mode = entry["a_mode"] != entry["b_mode"] and not entry["diff"] and not is_left_out(entry)
    return FileStatus.CHANGED if only_mode else FileStatus.MODIFIED


def kind_of(modes: Sequence[str], text: str) -> FileKind:
    """What a path holds, by its modes and its text or diff."""
    if _SUBMODULE in modes:
        return FileKind.SUBMODULE
    if _SYMLINK in modes:
        return FileKind.SYMLINK
    return FileKind.LFS if _LFS.search(text) else FileKind.REGULAR


def _lines(diff: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The added and the removed lines of a diff, told from its headers by the lengths that its hunks announce."""
    added: list[str] = []
    removed: list[str] = []
    old = new = 0
    for line in diff.split("\n"):
        if old <= 0 and new <= 0:
            hunk = _HUNK.match(line)
            old, new = (int(length) if length else 1 for length in hunk.groups()) if hunk else (0, 0)
        elif line.startswith("+"):
            added.append(line[1:])
            new -= 1
        elif line.startswith("-"):
            removed.append(line[1:])
            old -= 1
        elif not line.startswith("\\"):
            old, new = old - 1, new - 1
    return tuple(added), tuple(removed)


def changed(count: str | int | None) -> tuple[int, bool]:
    """How many files GitLab says there are, and whether it says that there are more ("1000+")."""
    text = str(count or 0)
    return int(text.rstrip("+")), text.endswith("+")


# --- heads and approvals


@strict
def versions(entries: Iterable[Json], number: int) -> tuple[HeadSeen, ...]:
    """The heads that the merge request stood on, oldest first. GitLab makes a version for each push and retarget."""
    ordered = sorted(entries, key=lambda entry: (time(entry["created_at"]), entry["id"]))
    return tuple(HeadSeen(number, Sha(entry["head_commit_sha"]), time(entry["created_at"])) for entry in ordered)


def at_the_time(heads: Sequence[HeadSeen], moment: datetime | None) -> Sha | None:
    """The head on which the merge request stood at a moment; None if that cannot be told."""
    if moment is None:
        return None
    before = [head for head in heads if head.at <= moment]
    return before[-1].sha if before else None


@strict
def approvals(answer: Json, heads: Sequence[HeadSeen], kinds: Kinds) -> tuple[Review, ...]:
    """The approvals that stand. One of a blocked or deactivated account is no approval any more."""
    found = []
    for entry in answer["approved_by"]:
        user, at = entry["user"], entry.get("approved_at")
        given = time(at) if at else None
        gone = user.get("state", "active") != "active"
        found.append(
            Review(
                id=review_id(user["id"]),
                reviewer=account(user, kinds),
                state=ReviewState.DISMISSED if gone else ReviewState.APPROVED,
                sha=at_the_time(heads, given),
                submitted_at=given or heads[0].at,
                was=ReviewState.APPROVED if gone else None,
            )
        )
    return tuple(found)


def approvals_seen(reviews: Iterable[Review], number: int) -> tuple[ReviewSeen, ...]:
    """The approvals of which GitLab itself tells when they were given: that is as good as having seen it."""
    return tuple(
        ReviewSeen(number, each.id, each.reviewer.id, each.state, each.sha, each.submitted_at)
        for each in reviews
        if each.sha is not None and each.reviewer.id is not None and each.state is ReviewState.APPROVED
    )


@strict
def objections(entries: Iterable[Json], notes: Sequence[Json], kinds: Kinds, since: datetime) -> tuple[Review, ...]:
    """Who asks for changes and did not approve since.

    The list of reviewers (`entries`) is the author's to edit: whoever is taken off it, or asked anew, asks for changes
    no more there. GitLab's own notes of it stay, and tell when; without one it is `since`. Notes may come in any order.
    """
    asked: dict[int, tuple[Json, datetime]] = {}
    for note in sorted(notes, key=lambda note: (second(note["created_at"]), int(note["id"]))):
        who = note["author"]
        if note.get("system") and who and _CHANGES_REQUESTED.match(note["body"]):
            asked[who["id"]] = (who, second(note["created_at"]))
        elif note.get("system") and who and _APPROVED.match(note["body"]):
            asked.pop(who["id"], None)
    for entry in entries:
        if entry["state"] == "requested_changes":
            asked.setdefault(entry["user"]["id"], (entry["user"], since))
    return tuple(
        Review(
            id=objection_id(number),
            reviewer=account(user, kinds),
            state=ReviewState.CHANGES_REQUESTED,
            sha=None,
            submitted_at=at,
        )
        for number, (user, at) in asked.items()
    )


def words(objected: Sequence[Review], approved: Sequence[Review]) -> tuple[Review, ...]:
    """One word for each user: whoever asks for changes does not approve."""
    against = {each.reviewer.id for each in objected}
    return (*(each for each in approved if each.reviewer.id not in against), *objected)


# --- what people say


@strict
def comments(notes: Iterable[Json], kinds: Kinds) -> tuple[Comment, ...]:
    """The notes that people wrote, oldest first."""
    return tuple(
        Comment(
            id=note["id"],
            author=account(note["author"], kinds),
            body=note["body"],
            at=time(note["created_at"]),
            edited=bool(note.get("edited", note["updated_at"] != note["created_at"])),
        )
        for note in sorted(notes, key=lambda note: (note["created_at"], note["id"]))
        if not note["system"]
    )


@strict
def label_events(entries: Iterable[Json], kinds: Kinds) -> tuple[LabelEvent, ...]:
    """Who put which label on, and who took it off. A label that was deleted since has no name any more."""
    return tuple(
        LabelEvent(
            entry["label"]["name"], entry["action"] == "add", account(entry["user"], kinds), second(entry["created_at"])
        )
        for entry in entries
        if entry["label"]
    )


# --- listings


@strict
def repository(project: Json) -> Repository:
    """A project of a listing."""
    return Repository(FORGE, project["id"], project["path_with_namespace"], project.get("default_branch") or "")


@strict
def open_change(entry: Json) -> OpenChange:
    """A row of a listing of open merge requests."""
    return OpenChange(entry["iid"], Sha(entry["sha"]), second(entry["updated_at"]))


@strict
def origin(entry: Json) -> Origin:
    """A merge request that holds a commit."""
    merged = time(entry["merged_at"]) if entry["merged_at"] else None
    return Origin(entry["iid"], entry["target_branch"], merged)


@strict
def push(entry: Json) -> PushSeen:
    """A push as the project's events tell of it. Whether it was a force-push they do not say."""
    data = entry["push_data"]
    before, after = (Sha(data[end]) if data.get(end) else None for end in ("commit_from", "commit_to"))
    pusher = account(entry["author"], {})
    return PushSeen(
        data["ref"], before, after, pusher, forced=bool(before and after), at=time(entry["created_at"])
    )  # fmt: skip


def blob(entry: Json) -> BlobId:
    """The content's id of an entry of a tree."""
    return BlobId(entry["id"])
