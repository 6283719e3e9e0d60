"""A change: a pull or merge request at one head commit, as the forge showed it in one reading.

It is complete or it says that it is not (`complete`, `files_truncated`); it never pretends. All times are aware
and in UTC; they are the forge's, except where a field says otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from bot.model.ids import AccountId, BlobId, PatchId, Sha


class AccountKind(StrEnum):
    """Who stands behind an account, as far as the forge tells."""

    USER = "user"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Account:
    """An account on the change's forge. `login` and `id` are both None for somebody who cannot be told."""

    login: str | None
    id: AccountId | None
    kind: AccountKind = AccountKind.USER

    @property
    def known(self) -> bool:
        """Whether the forge said who this is."""
        return self.id is not None


@dataclass(frozen=True, slots=True)
class GitIdentity:
    """The author or committer of a commit: what git recorded, and the account the forge maps it to, if any.

    `name` and `email` are free text that the committer chose. `login` and `id` are None when the forge maps the
    mailbox to no account.
    """

    name: str
    email: str
    login: str | None = None
    id: AccountId | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a change. `parents` is their number: two or more make it a merge.

    `made_by_forge` is true only when the forge itself vouches that it made the commit (its own valid signature),
    as "Update branch" and applied suggestions do; a mailbox that says so is no proof. `parent_shas` is empty where
    only the number of parents is known.
    """

    sha: Sha
    author: GitIdentity
    committer: GitIdentity
    message: str
    parents: int = 1
    made_by_forge: bool = False
    parent_shas: tuple[Sha, ...] = ()

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.lstrip("\n").split("\n", 1)[0].strip()


class FileStatus(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"
    CHANGED = "changed"
    """The mode or the type changed, not the content."""


class FileKind(StrEnum):
    """What a path holds. What a reviewer cannot read in the diff is opaque."""

    REGULAR = "regular"
    SYMLINK = "symlink"
    SUBMODULE = "submodule"
    LFS = "lfs"


@dataclass(frozen=True, slots=True)
class File:
    """A changed file. `previous_path` is set when it was renamed or copied. `blob` is its content's id at the head.

    `removed_lines` holds the removed lines where the forge gave the patch, None where it did not.
    """

    path: str
    previous_path: str | None = None
    status: FileStatus = FileStatus.MODIFIED
    additions: int = 0
    deletions: int = 0
    kind: FileKind = FileKind.REGULAR
    blob: BlobId | None = None
    removed_lines: tuple[str, ...] | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The path, and the one it had before if that is another."""
        if self.previous_path is None or self.previous_path == self.path:
            return (self.path,)
        return (self.path, self.previous_path)

    @property
    def changed_paths(self) -> tuple[str, ...]:
        """Every path at which something is other than before: a copied file's origin is not among them."""
        return (self.path,) if self.status is FileStatus.COPIED else self.paths


class ReviewState(StrEnum):
    """A reviewer's word."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Review:
    """A review as the forge reports it now: `sha` is what the forge says it was for, which a force-push may falsify.

    A dismissed one may say what it was (`was`) and who dismissed it: an account, or the forge itself
    (`dismissed_by_forge`) because the head moved. `may_push` is whether the reviewer can write to the repository by
    now, None where the forge does not tell.
    """

    id: int
    reviewer: Account
    state: ReviewState
    sha: Sha | None
    submitted_at: datetime
    was: ReviewState | None = None
    dismissed_by: Account | None = None
    dismissed_by_forge: bool = False
    may_push: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelEvent:
    """Somebody put a label on the change or took it off."""

    label: str
    added: bool
    by: Account | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The head commit, and when the change came to stand on it: never a commit's date (`bot.service.recollect`).

    `turned_at` is when last something happened to it that the commit alone does not tell: its branch was forced to
    it, or its base changed. None where the forge does not say.
    """

    sha: Sha
    moved_at: datetime
    turned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A pull or merge request at one head commit. Lists are in the forge's order, oldest first.

    `repository` is its full name. `operator` is who set an agent to work, where that can be told. `pushers` are the
    accounts that pushed to the branch, one without login and id for a push by somebody unknown. `complete` is false
    when anything but the files could not be read to the end, and `missing` names what, as far as that can be told:
    commits, labels, …; `files_truncated` when the forge gives no more files.
    """

    forge: str
    repository: str
    number: int
    title: str
    body: str
    base: str
    default_branch: str
    branch: str
    author: Account
    head: Head
    operator: Account | None = None
    pushers: tuple[Account, ...] = ()
    commits: tuple[Commit, ...] = ()
    labels: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    files_truncated: bool = False
    reviews: tuple[Review, ...] = ()
    complete: bool = True
    label_events: tuple[LabelEvent, ...] = ()
    body_editor: Account | None = None
    base_sha: Sha | None = None
    author_app_id: int | None = None
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How people refer to it: acme/payments#7."""
        return f"{self.repository}#{self.number}"


@dataclass(frozen=True, slots=True, order=True)
class PatchEntry:
    """One file of a patch: its path and, on both sides, its mode and blob; a side without the file has neither."""

    path: str
    old_mode: str = ""
    old_blob: str = ""
    new_mode: str = ""
    new_blob: str = ""


@dataclass(frozen=True, slots=True)
class Patch:
    """What a head adds to its merge base, file by file."""

    head: Sha
    entries: tuple[PatchEntry, ...] = field(default=())

    @property
    def identity(self) -> PatchId:
        """Equal for two heads if and only if every path, mode and blob on both sides is equal."""
        return patch_identity(self.entries)


def patch_identity(entries: Iterable[PatchEntry]) -> PatchId:
    """Hash the sorted (path, old mode and blob at the merge base, new mode and blob) of all files.

    The parts are separated by characters that git allows in none of them, so that no two patches share a text.
    """
    digest = sha256()
    for entry in sorted(entries):
        parts = (entry.path, entry.old_mode, entry.old_blob, entry.new_mode, entry.new_blob)
        digest.update("\x00".join(parts).encode("utf-8", "surrogatepass") + b"\x00\x00")
    return PatchId(digest.hexdigest())
