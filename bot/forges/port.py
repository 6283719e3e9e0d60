"""The port: what the service needs of a forge, and nothing a forge happens to offer.

Every method may raise `TryAgainError` (later), `NeedsSomebodyError` (a person must act) or `GoneError`. None answers
from part of the data: what could not be read to the end is said in the answer (`complete`, `files_truncated`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.model.change import Account, Change, Commit, FileKind, Patch
from bot.model.enforcement import Fact, Protection
from bot.model.event import Event, HeadSeen, PushSeen, ReviewSeen
from bot.model.ids import BlobId, Sha
from bot.model.subject import Repository, Subject


class Lifecycle(StrEnum):
    """Where a change is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"


class CheckState(StrEnum):
    """What a published check says to the forge: only `passed` lets a change merge."""

    WAITING = "waiting"
    PASSED = "passed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Check:
    """What is to stand on a commit. `digest` names its content: two checks with one digest need no second write.

    `title` is one line; `summary` is Markdown in which everything of other people's making is escaped already.
    """

    state: CheckState
    title: str
    summary: str
    digest: str
    details_url: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A text beside the check that others may edit, just as we wrote it: the forge's id of it, and a digest."""

    id: int
    digest: str


@dataclass(frozen=True, slots=True)
class Published:
    """A check as the forge shows it. `started_at` is None where the forge does not tell.

    `intact` is false when it is not, or not wholly, as it was written: it must be written anew, whatever it says.
    `look_again` is when the forge may have taken it back by itself, so that the change must be read once more.
    `witness` is the hash of our ledger that it carries, as the forge has kept it.
    `written` is what belongs to it and others may edit, None where there is nothing or it is not as we wrote it.
    """

    id: int
    state: CheckState
    digest: str
    started_at: datetime | None = None
    intact: bool = True
    look_again: timedelta | None = None
    witness: str | None = None
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a change, oldest first. `edited`: its text is not the one it was posted with."""

    id: int
    author: Account
    body: str
    at: datetime
    edited: bool


@dataclass(frozen=True, slots=True)
class FormerBody:
    """A body that was edited since, and until when it stood (None where the forge does not tell)."""

    text: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of our check's name on a commit that somebody else wrote; `altered`: one of ours, which they changed."""

    by: Account
    state: CheckState
    at: datetime
    altered: bool = False


@dataclass(frozen=True, slots=True)
class Stranger:
    """A check of our name that another program set on the head of an open change. `app` is what it goes by there."""

    number: int
    sha: Sha
    app: str
    state: CheckState
    at: datetime | None


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """A webhook delivery that no attempt brought to us. `id` is the forge's of its newest attempt, `delivery` ours."""

    id: int
    delivery: str
    kind: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Examination:
    """How the bot stands with a forge: facts of its registration, webhook and clock, and what never reached us.

    `covered` are the repositories that it reaches. What could not be read is a fact too. `failed` is None where the
    forge does not show the bot what failed.
    """

    facts: tuple[Fact, ...]
    covered: tuple[Repository, ...] = ()
    failed: tuple[FailedDelivery, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Tips:
    """The newest commits of branches, by name. `beyond`: beginnings with which more branches begin than were read."""

    found: Mapping[str, Sha]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """A change that holds a commit, the branch it is for, and when it was merged, None if it was not."""

    number: int
    base: str
    merged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reading:
    """A change as one reading showed it, with what belongs to it and is no matter of deciding.

    `published` is our newest check on its head. `local_rules` is the repository's own `.signoff.yaml` on its default
    branch, None when there is none. `merge_base` is where its commits leave the base, None when the reading could not
    tell. `abandoned` are heads it stood on before a force-push, oldest first. `merge` is the commit that a merge made.
    `created_at` is when it was opened, told where heads are dated in whole seconds (`Head.turned_at`).
    `updated_at` is when anything about it last changed; `from_fork` says that its branch is another repository's.
    `former_bodies` are the texts that its body had before, as far back as one reading tells.
    `notes` is the commit that git-ai's notes stand at (`refs/notes/ai`), None where the repository has none.
    `kinds` says that its files' kinds are told; a forge that must be asked for them leaves every file regular.
    `foreign` are marks of our check's name on its head that are not ours.
    `seen` is what the forge remembers as exactly as if we had seen it happen.
    `doubted_until`: the check goes by remembered settings of the repository, which may have changed until then.
    """

    change: Change
    repository: Repository
    lifecycle: Lifecycle
    url: str
    comments: tuple[Comment, ...] = ()
    published: Published | None = None
    local_rules: bytes | None = None
    merge_base: Sha | None = None
    abandoned: tuple[Sha, ...] = ()
    merge: Commit | None = None
    merged_at: datetime | None = None
    merged_by: Account | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    from_fork: bool = False
    kinds: bool = False
    notes: Sha | None = None
    former_bodies: tuple[FormerBody, ...] = ()
    foreign: tuple[Mark, ...] = ()
    seen: tuple[HeadSeen | ReviewSeen, ...] = ()
    doubted_until: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OpenChange:
    """An open change in a listing: enough to see whether it moved.

    `forgeable` says that others can hide our check there without moving the change; `mark` is the id of the one that
    counts then, 0 where there is none, and None where the listing does not tell.
    """

    number: int
    head: Sha
    updated_at: datetime
    forgeable: bool = False
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class PatchQuestion:
    """Which files of which head to compare with its merge base; `merge_base` None: find it, and the files, first."""

    head: Sha
    base: str
    merge_base: Sha | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file at one commit: its content's id and its bytes. One that cannot be read whole has bytes that no reader of
    rules takes for a file.
    """

    blob: BlobId
    data: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Some files of a repository at one commit, by path. A path that names a folder stands for the files in it."""

    repository: Repository
    commit: Sha
    files: Mapping[str, FileContent]


@dataclass(frozen=True, slots=True)
class Step:
    """A commit in a history: its parents, the one it was made upon first, and the ids of some files' contents."""

    sha: Sha
    parents: tuple[Sha, ...]
    blobs: Mapping[str, BlobId]


class Forge(Protocol):
    """A forge, as the service sees it."""

    @property
    def name(self) -> str:
        """Its name in keys, rosters and case files: github, gitlab."""

    def receive(self, headers: Mapping[str, str], body: bytes) -> Event | None:
        """Verify a delivery and give its event; None for one that is of no interest.

        Raises RefusedDeliveryError with the status to answer: 401 a wrong or missing signature, 400 not this forge's.
        Neither reads nor writes anything; header names in any case.
        """

    def acquaint(self) -> None:
        """Ask the forge who the bot is, where `receive` needs to know that: it may ask nothing itself."""

    def fetch_change(self, repository: Repository, number: int, written: Written | None = None) -> Reading:
        """The whole change, in as few requests as it takes. `written` is what `Published.written` told of it last."""

    def fetch_patches(self, repository: Repository, questions: Sequence[PatchQuestion]) -> Mapping[Sha, Patch]:
        """What each head adds to its merge base; a head that cannot be compared to the end is absent."""

    def fetch_commits(self, repository: Repository, base: str, head: Sha) -> tuple[Commit, ...]:
        """The commits of a head that are not in the base branch, oldest first, also of a head no branch holds."""

    def fetch_notes(self, repository: Repository, notes: Sha, commits: Sequence[Sha]) -> Mapping[Sha, str]:
        """The git notes of commits as they stand at `notes` (a commit of a notes reference); most have none."""

    def fetch_kinds(self, repository: Repository, sha: Sha, paths: Sequence[str]) -> Mapping[str, FileKind]:
        """What some paths of a commit hold, where it is no regular file; for a reading that does not tell (`kinds`).

        Raises GoneError when the forge has lost the commit.
        """

    def fetch_pushes(self, repository: Repository, branch: str) -> tuple[PushSeen, ...]:
        """The latest pushes to a branch as the forge remembers them; empty where it remembers none."""

    def fetch_group(self, repository: Repository, group: Subject) -> tuple[int, ...]:
        """The numbers of the changes that a merge queue put into a group, in order; empty when it has gone."""

    def publish(  # noqa: PLR0913, PLR0917  what is said, where, and of what
        self,
        repository: Repository,
        sha: Sha,
        check: Check,
        known: Published | None,
        number: int | None = None,
        base: str | None = None,
    ) -> Published:
        """Put a check on a commit. `known` is our newest one there, which may be moved on or must be replaced.

        `number` is the change it is for and `base` the branch it was decided for, None for a merge queue's group.
        """

    def newest_check(self, repository: Repository, sha: Sha) -> Published | None:
        """Our newest check on a commit that no reading was made of."""

    def open_changes(self, repository: Repository) -> Iterator[OpenChange]:
        """All open changes of a repository."""

    def installations(self) -> Iterator[int]:
        """The ids of all installations of the bot (one pseudo-installation where a forge has none)."""

    def repositories(self, installation: int | None = None) -> Iterator[Repository]:
        """All repositories that an installation covers, or that any does."""

    def read_files(self, repository: Repository, paths: Sequence[str], at: Sha | None = None) -> Snapshot:
        """Files at a commit, by default the newest of the default branch. What is not there is absent.

        Raises NeedsSomebodyError when the repository of that name is not the one with that id.
        """

    def fetch_history(
        self, repository: Repository, starts: Sequence[Sha], paths: Sequence[str], depth: int = 100
    ) -> Mapping[Sha, Step]:
        """So many commits back from each start (at most 100, those of merged branches among them), by id."""

    def account(self, repository: Repository, login: str) -> Account:
        """Who has a login now, asked as that repository's bot; GoneError when nobody has it."""

    def team_members(self, repository: Repository, team: str) -> tuple[Account, ...]:
        """The accounts in a team (acme/platform-seniors), nested teams included, read as that repository's bot."""

    def tips(self, repository: Repository, names: Sequence[str], starts: Sequence[str] = ()) -> Tips:
        """The newest commits of the branches of these names, and of those that begin so; a name that no branch has is
        absent. Names are asked for one by one: no number of other branches hides them.
        """

    def merged_since(self, repository: Repository, since: datetime) -> Iterator[int]:
        """The numbers of the changes merged at or after a time."""

    def origins(self, repository: Repository, sha: Sha) -> tuple[Origin, ...]:
        """The changes that hold a commit, or that made it by being merged."""

    def protection(self, repository: Repository, branch: str) -> Protection:
        """What requires our check on a branch, and who may pass it by, as far as it is shown to us."""

    def strangers(self, repository: Repository) -> Iterator[Stranger]:
        """Checks of our name on heads of open changes that other programs set, as far as readings do not show them."""

    def examine(self, webhook: str | None, now: datetime) -> Examination:
        """How the bot stands with the forge. `webhook` is where its deliveries must go, None if that is not known.

        What a person must repair is told in the answer and not raised.
        """

    def redeliver(self, failed: FailedDelivery) -> None:
        """Have the forge send a delivery again."""

    def comment(self, repository: Repository, number: int, body: str) -> None:
        """Post a comment on a change."""
