"""GitHub's answers to our nouns: pure functions of parsed JSON, without I/O.

An answer of another shape than the published schema raises `TryAgainError`: nothing is decided from part of the data.
Facts from GitHub's GraphQL schema and REST description.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.forges import answers
from bot.forges.github import whole
from bot.forges.port import CheckState, Comment, FileContent, FormerBody, Mark, OpenChange, Published, Step
from bot.gate.wording import witness
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
from bot.model.errors import TryAgainError
from bot.model.event import PushSeen
from bot.model.ids import AccountId, BlobId, Sha

Json = Mapping[str, Any]
strict = answers.strict("GitHub")

FILE_STATUS = {
    "ADDED": FileStatus.ADDED,
    "CHANGED": FileStatus.CHANGED,
    "COPIED": FileStatus.COPIED,
    "DELETED": FileStatus.REMOVED,
    "MODIFIED": FileStatus.MODIFIED,
    "RENAMED": FileStatus.RENAMED,
    "added": FileStatus.ADDED,
    "removed": FileStatus.REMOVED,
    "modified": FileStatus.MODIFIED,
    "renamed": FileStatus.RENAMED,
    "copied": FileStatus.COPIED,
    "changed": FileStatus.CHANGED,
    "unchanged": FileStatus.CHANGED,
}
REVIEW_STATE = {
    "APPROVED": ReviewState.APPROVED,
    "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "COMMENTED": ReviewState.COMMENTED,
    "DISMISSED": ReviewState.DISMISSED,
}
_KINDS = {0o120000: FileKind.SYMLINK, 0o160000: FileKind.SUBMODULE}
_LFS = "version https://git-lfs.github.com/spec/"
NEVER = datetime.min.replace(tzinfo=UTC)
LARGEST_POINTER = 1024
"""A pointer to large-file storage has fewer bytes than this (Git LFS specification)."""
CHECK_STATE = {"SUCCESS": CheckState.PASSED, "NEUTRAL": CheckState.PASSED, "SKIPPED": CheckState.PASSED}


def account(actor: Json | None) -> Account:
    """An actor; a deleted account (null) is somebody who cannot be told."""
    if actor is None:
        return Account(None, None)
    kind = AccountKind.BOT if actor["__typename"] == "Bot" else AccountKind.USER
    number = actor.get("databaseId")
    return Account(actor["login"], AccountId(number) if number is not None else None, kind)


def member(node: Json) -> Account:
    """Somebody in a team, with an id."""
    return Account(node["login"], AccountId(node["databaseId"]))


def rest_account(user: Json | None) -> Account:
    """A REST user object."""
    if not user:
        return Account(None, None)
    kind = AccountKind.USER if user["type"] == "User" else AccountKind.BOT
    return Account(user["login"], AccountId(user["id"]), kind)


@strict
def commit(node: Json) -> Commit:
    """A commit of the GraphQL API. `user` is null for bots and unmapped mailboxes alike."""
    signature = node["signature"]
    return Commit(
        sha=Sha(node["oid"]),
        author=_identity(node["author"]),
        committer=_identity(node["committer"]),
        message=node["message"],
        parents=node["parents"]["totalCount"],
        made_by_forge=bool(signature and signature["isValid"] and signature["wasSignedByGitHub"]),
        parent_shas=_parents(node),
    )


@strict
def rest_commit(entry: Json) -> Commit:
    """A commit of the REST API."""
    git = entry["commit"]
    verification = git.get("verification") or {}
    by_web_flow = (entry.get("committer") or {}).get("login") == "web-flow"
    return Commit(
        sha=Sha(entry["sha"]),
        author=_rest_identity(git["author"], entry.get("author")),
        committer=_rest_identity(git["committer"], entry.get("committer")),
        message=git["message"],
        parents=len(entry["parents"]),
        made_by_forge=bool(verification.get("verified")) and by_web_flow,
        parent_shas=tuple(Sha(parent["sha"]) for parent in entry["parents"]),
    )


def _parents(node: Json) -> tuple[Sha, ...]:
    """As many parents as are shown: how many there are is told beside them."""
    return tuple(Sha(parent["oid"]) for parent in node["parents"]["nodes"] or () if parent)


def _identity(actor: Json | None) -> GitIdentity:
    if actor is None:
        return GitIdentity("", "")
    user = actor["user"]
    name, email = actor["name"] or "", actor["email"] or ""
    if user is None:
        return GitIdentity(name, email)
    return GitIdentity(name, email, user["login"], AccountId(user["databaseId"]) if user["databaseId"] else None)


def _rest_identity(git: Json | None, user: Json | None) -> GitIdentity:
    name, email = ((git or {}).get("name") or ""), ((git or {}).get("email") or "")
    if not user:
        return GitIdentity(name, email)
    return GitIdentity(name, email, user["login"], AccountId(user["id"]))


@strict
def file(node: Json) -> File:
    """A changed file of the GraphQL API, which does not tell a renamed file's previous path."""
    return File(
        path=node["path"],
        status=FILE_STATUS[node["changeType"]],
        additions=node["additions"],
        deletions=node["deletions"],
    )


@strict
def rest_file(entry: Json) -> File:
    """A changed file of the REST API, with its previous path and, unless it is large or binary, its patch."""
    patch = entry.get("patch")
    removed = None
    if patch is not None:
        removed = tuple(line[1:] for line in patch.split("\n") if line.startswith("-"))
    return File(
        path=entry["filename"],
        previous_path=entry.get("previous_filename"),
        status=FILE_STATUS[entry["status"]],
        additions=entry["additions"],
        deletions=entry["deletions"],
        blob=BlobId(entry["sha"]) if entry.get("sha") else None,
        removed_lines=removed,
    )


@strict
def reviews(nodes: Iterable[Json], dismissals: Mapping[int, Json]) -> tuple[Review, ...]:
    """Submitted reviews, with what the timeline knows of their dismissal. A pending one is nobody's word yet."""
    return tuple(_review(node, dismissals) for node in nodes if node["state"] != "PENDING")


def _review(node: Json, dismissals: Mapping[int, Json]) -> Review:
    number = int(node["fullDatabaseId"])
    state = REVIEW_STATE[node["state"]]
    dismissal = dismissals.get(number) if state is ReviewState.DISMISSED else None
    by_forge = bool(dismissal and dismissal["pullRequestCommit"])
    return Review(
        id=number,
        reviewer=account(node["author"]),
        state=state,
        sha=Sha(node["commit"]["oid"]) if node["commit"] else None,
        submitted_at=time(node["submittedAt"]),
        was=REVIEW_STATE.get(dismissal["previousReviewState"]) if dismissal else None,
        dismissed_by=account(dismissal["actor"]) if dismissal and not by_forge else None,
        dismissed_by_forge=by_forge,
        may_push=bool(node["authorCanPushToRepository"]),
    )


@strict
def dismissals(nodes: Iterable[Json]) -> dict[int, Json]:
    """The newest dismissal of each review, by review id.

    GitHub names the commit that made a review stale exactly when it dismissed the review itself.
    """
    return {
        int(node["review"]["fullDatabaseId"]): node
        for node in nodes
        if node["__typename"] == "ReviewDismissedEvent" and node["review"]
    }


@strict
def label_events(nodes: Iterable[Json]) -> tuple[LabelEvent, ...]:
    """Who put which label on, and who took it off."""
    kinds = {"LabeledEvent": True, "UnlabeledEvent": False}
    return tuple(
        LabelEvent(node["label"]["name"], kinds[node["__typename"]], account(node["actor"]), time(node["createdAt"]))
        for node in nodes
        if node["__typename"] in kinds
    )


@strict
def head_moves(nodes: Iterable[Json]) -> tuple[datetime, ...]:
    """When the head was force-pushed or the base changed, by somebody or by GitHub after a branch was deleted."""
    moves = {"HeadRefForcePushedEvent", "BaseRefChangedEvent", "AutomaticBaseChangeSucceededEvent"}
    return tuple(time(node["createdAt"]) for node in nodes if node["__typename"] in moves)


@strict
def abandoned(nodes: Iterable[Json]) -> tuple[Sha, ...]:
    """The heads that force-pushes left behind, oldest first. GitHub may have lost the commit (null)."""
    return tuple(
        Sha(node["beforeCommit"]["oid"])
        for node in nodes
        if node["__typename"] == "HeadRefForcePushedEvent" and node["beforeCommit"]
    )


@strict
def comments(nodes: Iterable[Json]) -> tuple[Comment, ...]:
    """Comments of the conversation."""
    return tuple(
        Comment(
            id=int(node["fullDatabaseId"]),
            author=account(node["author"]),
            body=node["body"],
            at=time(node["createdAt"]),
            edited=bool(node["lastEditedAt"]) or bool(node["includesCreatedEdit"]),
        )
        for node in nodes
    )


@strict
def former_bodies(edits: Json | None, body: str) -> tuple[FormerBody, ...]:
    """The texts that the body had before, newest first, from its history of edits (null where nobody edited it).

    GitHub lists an edit with the whole text it led to, the newest first and the first text last; a text that somebody
    deleted from the history is null.
    """
    shown = [node for node in (edits or {"nodes": None})["nodes"] or () if node]
    until = [None, *(time(node["editedAt"]) for node in shown)]
    listed = zip(shown, until, strict=False)
    return tuple(FormerBody(node["diff"], at) for node, at in listed if node["diff"] and node["diff"] != body)


@strict
def arrived(commit_node: Json) -> datetime | None:
    """When GitHub made our first check suite on a commit.

    GitHub makes a suite for each App when a commit is pushed, so its creation is the arrival by GitHub's clock.
    """
    suites = (commit_node["checkSuites"] or {"nodes": None})["nodes"] or ()
    return min((time(suite["createdAt"]) for suite in suites if suite), default=None)


@strict
def check_runs(commit_node: Json) -> tuple[Published, ...] | None:
    """Our check runs on a commit; None if they are not all shown, each with its id: GraphQL's Int is too small for
    some.
    """
    try:
        suites = whole.nodes(commit_node["checkSuites"], "check suites")
        runs = [run for suite in suites for run in whole.nodes(suite["checkRuns"], "check runs")]
    except TryAgainError:
        return None
    return None if any(run["databaseId"] is None for run in runs) else tuple(map(check_run, runs))


def marks(tip: Json | None) -> tuple[Mark, ...]:
    """The newest commit status of our check's name on the head. Ours is a check run: a status is somebody else's."""
    status = tip["status"] if tip else None
    ours = status and status["context"]
    if not ours:
        return ()
    state = CheckState.PASSED if ours["state"] == "SUCCESS" else CheckState.WAITING
    return (Mark(account(ours["creator"]), state, time(ours["createdAt"])),)


def check_run(run: Json) -> Published:
    """A check run in GraphQL's spelling."""
    state = run_state(run)
    started = time(run["startedAt"]) if run["startedAt"] else None
    return Published(run["databaseId"], state, run["externalId"] or "", started, witness=witness(run.get("summary")))


@strict
def rest_check_run(run: Json) -> Published:
    """A check run of the REST API, whose ids are whole."""
    words = {name: str(run[name] or "").upper() for name in ("status", "conclusion")}
    told = {"databaseId": run["id"], "externalId": run["external_id"], "startedAt": run["started_at"]}
    return check_run({**words, **told, "summary": (run["output"] or {}).get("summary")})


def run_state(run: Json) -> CheckState:
    """How a check run stands: only a completed one with a passing conclusion is `passed`."""
    if run["status"] != "COMPLETED":
        return CheckState.WAITING
    return CHECK_STATE.get(run["conclusion"], CheckState.REFUSED)


@strict
def open_change(node: Json) -> OpenChange:
    """A row of a listing of open pull requests."""
    return OpenChange(node["number"], Sha(node["headRefOid"]), time(node["updatedAt"]))


@strict
def local_rules(blob: Json | None) -> bytes | None:
    """The text of a blob, None when there is none. One that cannot be read whole is read as broken, never as absent."""
    if not blob:
        return None
    if blob["isTruncated"] or blob["isBinary"] or blob["text"] is None:
        return b"\x00"
    text: str = blob["text"]
    return text.encode()


@strict
def contents(node: Json, paths: Sequence[str]) -> dict[str, FileContent]:
    """The files at paths of a commit that was asked for them as p0…; for a folder, the files in it."""
    return {
        path: FileContent(BlobId(entry["oid"]), local_rules(entry["object"] or {"isTruncated": True}) or b"")
        for path, entry in _files_at(node, paths)
    }


@strict
def step(node: Json, paths: Sequence[str]) -> Step:
    """A commit of a history that was asked for paths as p0…."""
    blobs = {path: BlobId(entry["oid"]) for path, entry in _files_at(node, paths)}
    parents = tuple(Sha(parent["oid"]) for parent in whole.nodes(node["parents"], "parents of a commit"))
    return Step(Sha(node["oid"]), parents, blobs)


def _files_at(node: Json, paths: Sequence[str]) -> Iterator[tuple[str, Json]]:
    for index, path in enumerate(paths):
        entry = node[f"p{index}"]
        if entry and entry["type"] == "tree":
            inside = whole.nodes({"nodes": entry["object"]["entries"]}, f"files in {path}")
            yield from ((f"{path}/{one['name']}", one) for one in inside if one["type"] != "tree")
        elif entry:
            yield path, entry


@strict
def merge_base(commits: Iterable[Commit]) -> Sha | None:
    """Where a linear change leaves its base: the one parent that is no commit of the change, None if there are more."""
    listed = tuple(commits)
    if any(entry.parents != len(entry.parent_shas) for entry in listed):
        return None
    inside = {entry.sha for entry in listed}
    outside = {parent for entry in listed for parent in entry.parent_shas if parent not in inside}
    return outside.pop() if len(outside) == 1 else None


@strict
def push(entry: Json) -> PushSeen:
    """An entry of a repository's activity: a push as the forge remembers it."""
    return PushSeen(
        branch=entry["ref"].removeprefix("refs/heads/"),
        before=_commit_id(entry["before"]),
        after=_commit_id(entry["after"]),
        pusher=rest_account(entry["actor"]),
        forced=entry["activity_type"] == "force_push",
        at=time(entry["timestamp"]),
    )


def _commit_id(text: str) -> Sha | None:
    return Sha(text) if text.strip("0") else None


def may_point(entry: Json) -> bool:
    """Whether a tree entry is a file so small that it may be a pointer to large-file storage (its specification)."""
    size = (entry["object"] or {}).get("byteSize")
    return kind(entry) is FileKind.REGULAR and size is not None and len(_LFS) <= size < LARGEST_POINTER


def kind(entry: Json) -> FileKind:
    """What a tree entry holds, by git's mode; a pointer to large-file storage by its text, if that was asked for."""
    found = _KINDS.get(entry["mode"], FileKind.REGULAR)
    text = (entry["object"] or {}).get("text")
    return FileKind.LFS if found is FileKind.REGULAR and (text or "").startswith(_LFS) else found


def note_places(sha: Sha) -> tuple[str, ...]:
    """Where the note of a commit may lie in the notes' tree: git splits the names up as the notes grow in number."""
    return (sha, f"{sha[:2]}/{sha[2:]}", f"{sha[:2]}/{sha[2:4]}/{sha[4:]}")


def time(text: str) -> datetime:
    """An aware time of GitHub's ISO 8601."""
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
