"""What the simulated GitHub remembers: its nouns, as rows of the store.

Field names are GitHub's own where it has one, so that answers can be read off a row. Times are text, as GitHub writes
them. No behaviour lives here.
"""

from typing import Any, ClassVar

from pydantic import Field

from bot.sandbox.store import Record

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


class Account(Record):
    """A user, a bot or an organisation. A bot's login ends in [bot], as REST shows it."""

    first: ClassVar[int] = 5001
    indexed: ClassVar = ("kind",)
    login: str
    kind: str = "User"
    name: str | None = None
    email: str | None = None
    emails: tuple[str, ...] = ()
    created_at: str = ""
    members: dict[int, str] = Field(default_factory=dict)
    base_permission: str = "read"


class Team(Record):
    """A team of an organisation. `repositories` maps a repository's id to a role."""

    first: ClassVar[int] = 301
    org_id: int
    slug: str
    name: str
    member_ids: tuple[int, ...] = ()
    repositories: dict[int, str] = Field(default_factory=dict)
    created_at: str = ""


class Repository(Record):
    """A repository. `refs` maps full reference names to commits."""

    first: ClassVar[int] = 1
    owner_id: int
    name: str
    default_branch: str = "main"
    private: bool = True
    archived: bool = False
    description: str | None = None
    fork_of: int | None = None
    collaborators: dict[int, str] = Field(default_factory=dict)
    refs: dict[str, str] = Field(default_factory=dict)
    last_number: int = 0
    created_at: str = ""
    updated_at: str = ""
    pushed_at: str = ""
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True


class Label(Record):
    """A label of a repository."""

    first: ClassVar[int] = 7001
    indexed: ClassVar = ("repo_id",)
    repo_id: int
    name: str
    color: str = "ededed"
    description: str | None = None


class Issue(Record):
    """An issue, or (with head and base) a pull request: GitHub numbers and labels both alike."""

    first: ClassVar[int] = 20001
    indexed: ClassVar = ("repo_id", "number")
    repo_id: int
    number: int
    title: str
    body: str | None = None
    author_id: int
    via_app_id: int | None = None
    state: str = "open"
    is_pull: bool = False
    label_ids: tuple[int, ...] = ()
    created_at: str = ""
    updated_at: str = ""
    closed_at: str | None = None
    last_edited_at: str | None = None
    editor_id: int | None = None
    edits: tuple[tuple[str, int, str], ...] = ()
    draft: bool = False
    head_repo_id: int | None = None
    head_ref: str = ""
    head_sha: str = ""
    base_ref: str = ""
    base_sha: str = ""
    maintainer_can_modify: bool = False
    requested_reviewer_ids: tuple[int, ...] = ()
    merged_at: str | None = None
    merged_by_id: int | None = None
    merge_commit_sha: str | None = None


class Review(Record):
    """A review. `given_for` is the commit it was given for; `commit_sha` is what GitHub reports later."""

    first: ClassVar[int] = 80001
    indexed: ClassVar = ("pull_id",)
    pull_id: int
    user_id: int
    state: str
    body: str = ""
    commit_sha: str
    given_for: str
    could_push: bool
    submitted_at: str
    last_edited_at: str | None = None


class Comment(Record):
    """A comment in the conversation of an issue or pull request."""

    first: ClassVar[int] = 60001
    indexed: ClassVar = ("issue_id",)
    issue_id: int
    user_id: int
    body: str
    created_at: str
    updated_at: str
    last_edited_at: str | None = None
    editor_id: int | None = None
    via_app_id: int | None = None


class TimelineItem(Record):
    """An event of a pull request's history; `kind` is GraphQL's itemType."""

    first: ClassVar[int] = 90001
    indexed: ClassVar = ("issue_id",)
    issue_id: int
    kind: str
    actor_id: int | None
    created_at: str
    data: dict[str, Any] = Field(default_factory=dict)


class App(Record):
    """A GitHub App. Without a public key nobody can sign as it."""

    first: ClassVar[int] = 4001
    slug: str
    name: str
    owner_id: int
    bot_id: int
    permissions: dict[str, str] = Field(default_factory=dict)
    events: tuple[str, ...] = ()
    webhook_url: str | None = None
    webhook_secret: str | None = None
    public_key: str | None = None
    client_secret: str | None = None
    callback_urls: tuple[str, ...] = ()
    created_at: str = ""

    @property
    def client_id(self) -> str:
        """What it is called when people log in with it."""
        return f"sandbox-client-{self.id}"


class Manifest(Record):
    """A description of an App that somebody confirmed; the code changes it into the App, once and within an hour."""

    code: str
    owner_id: int
    body: str
    at: float


class Installation(Record):
    """An App in an account. `repo_ids` is None for all repositories."""

    first: ClassVar[int] = 3001
    app_id: int
    account_id: int
    permissions: dict[str, str] = Field(default_factory=dict)
    events: tuple[str, ...] = ()
    repo_ids: tuple[int, ...] | None = None
    suspended_at: str | None = None
    suspended_by_id: int | None = None
    created_at: str = ""
    updated_at: str = ""


class Token(Record):
    """An installation token that was given out."""

    indexed: ClassVar = ("text",)
    text: str
    installation_id: int
    permissions: dict[str, str]
    repo_ids: tuple[int, ...] | None
    expires_at: str


class CheckSuite(Record):
    """What one App checks on one commit."""

    first: ClassVar[int] = 50001
    indexed: ClassVar = ("head_sha",)
    repo_id: int
    app_id: int
    head_sha: str
    head_branch: str | None = None
    before: str | None = None
    after: str | None = None
    created_at: str
    updated_at: str


class CheckRun(Record):
    """One check of one App on one commit."""

    first: ClassVar[int] = 40001
    indexed: ClassVar = ("head_sha", "suite_id")
    repo_id: int
    suite_id: int
    app_id: int
    head_sha: str
    name: str
    status: str = "queued"
    conclusion: str | None = None
    external_id: str = ""
    details_url: str | None = None
    started_at: str | None = None
    completed_at: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: tuple[dict[str, Any], ...] = ()
    actions: tuple[dict[str, str], ...] = ()


class Status(Record):
    """A commit status, which anybody who can push may write under any name."""

    first: ClassVar[int] = 30001
    indexed: ClassVar = ("sha",)
    repo_id: int
    sha: str
    context: str
    state: str
    description: str | None = None
    target_url: str | None = None
    creator_id: int
    created_at: str


class Ruleset(Record):
    """A ruleset of a repository, or (without one) of an organisation."""

    first: ClassVar[int] = 11001
    repo_id: int | None = None
    org_id: int | None = None
    name: str
    target: str = "branch"
    enforcement: str = "active"
    conditions: dict[str, Any] = Field(default_factory=dict)
    rules: tuple[dict[str, Any], ...] = ()
    bypass_actors: tuple[dict[str, Any], ...] = ()
    created_at: str = ""
    updated_at: str = ""


class QueueEntry(Record):
    """A pull request in the merge queue; the group's commit is the base with everything up to it merged."""

    first: ClassVar[int] = 70001
    indexed: ClassVar = ("repo_id",)
    repo_id: int
    pull_id: int
    base_ref: str
    base_sha: str
    head_sha: str
    head_ref: str
    enqueuer_id: int
    enqueued_at: str
    state: str = "AWAITING_CHECKS"


class Push(Record):
    """A movement of a reference, for the activity list."""

    first: ClassVar[int] = 600001
    indexed: ClassVar = ("repo_id",)
    repo_id: int
    ref: str
    before: str
    after: str
    actor_id: int
    kind: str
    at: str


class Delivery(Record):
    """A webhook that was sent, and how it was taken."""

    first: ClassVar[int] = 100001
    indexed: ClassVar = ("guid", "app_id")
    app_id: int
    guid: str
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    headers: dict[str, str]
    body: str
    redelivery: bool = False
    delivered_at: str
    duration: float = 0.0
    status_code: int = 0
    status: str = "PENDING"
    response_headers: dict[str, str] = Field(default_factory=dict)
    response_body: str = ""


ALL = (
    Account, Team, Repository, Label, Issue, Review, Comment, TimelineItem, App, Installation, Token, Manifest,
    CheckSuite, CheckRun, Status, Ruleset, QueueEntry, Push, Delivery,
)  # fmt: skip
