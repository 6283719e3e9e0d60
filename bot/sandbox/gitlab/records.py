"""What the simulated GitLab remembers: its nouns, as rows of the store.

Field names are GitLab's own where it has one. Times are text, in UTC with seconds. No behaviour lives here.
"""

from typing import Any, ClassVar

from pydantic import Field

from bot.sandbox.store import Record

GUEST, REPORTER, DEVELOPER, MAINTAINER, OWNER, ADMIN = 10, 20, 30, 40, 50, 60
TIERS = ("free", "premium", "ultimate")


class User(Record):
    """A user. `kind` is human, service_account, project_bot or group_bot; `state` active, blocked or deactivated.

    `email` is the public mailbox, `emails` are further verified ones. `home` is the group or project that owns a
    service account or a bot, as ("group" | "project", id).
    """

    first: ClassVar[int] = 2001
    username: str
    name: str
    kind: str = "human"
    state: str = "active"
    email: str | None = None
    emails: tuple[str, ...] = ()
    admin: bool = False
    home: tuple[str, int] | None = None
    created_at: str = ""

    @property
    def bot(self) -> bool:
        """What the API says of it."""
        return self.kind != "human"


class Token(Record):
    """An access token. All tokens that were rotated into one another are of one `family`."""

    first: ClassVar[int] = 601
    indexed: ClassVar = ("text", "user_id")
    text: str
    name: str
    user_id: int
    scopes: tuple[str, ...] = ("api",)
    expires_at: str | None = None
    revoked: bool = False
    family: int = 0
    created_at: str = ""
    last_used_at: str | None = None


class Group(Record):
    """A group or subgroup; `full_path` is a/b/c. `members` maps user ids to access levels."""

    first: ClassVar[int] = 801
    full_path: str
    name: str
    parent_id: int | None = None
    members: dict[int, int] = Field(default_factory=dict)
    expiries: dict[int, str] = Field(default_factory=dict)
    created_at: str = ""


class Project(Record):
    """A project in a group, or in the namespace of a user. `refs` maps full reference names to commits.

    `ci` says which pipelines a push makes by itself: none, branch, detached or merged (results); `ci_result` is the
    state their one job ends in. `tier` overrides the instance's.
    """

    first: ClassVar[int] = 11
    group_id: int | None = None
    user_id: int | None = None
    path: str
    name: str
    default_branch: str = "main"
    visibility: str = "private"
    archived: bool = False
    description: str | None = None
    tier: str | None = None
    fork_of: int | None = None
    members: dict[int, int] = Field(default_factory=dict)
    expiries: dict[int, str] = Field(default_factory=dict)
    refs: dict[str, str] = Field(default_factory=dict)
    last_iid: int = 0
    last_pipeline_iid: int = 0
    created_at: str = ""
    last_activity_at: str = ""
    ci: str = "none"
    ci_result: str = "success"
    only_allow_merge_if_pipeline_succeeds: bool = False
    allow_merge_on_skipped_pipeline: bool = False
    only_allow_merge_if_all_discussions_are_resolved: bool = False
    merge_method: str = "merge"
    squash_option: str = "default_off"
    reset_approvals_on_push: bool = True
    selective_code_owner_removals: bool = False
    disable_overriding_approvers_per_merge_request: bool = False
    merge_requests_author_approval: bool = False
    merge_requests_disable_committers_approval: bool = False
    require_reauthentication_to_approve: bool = False
    rules_locked: bool = False
    merge_trains_enabled: bool = False


class Label(Record):
    """A label of a project."""

    first: ClassVar[int] = 7001
    indexed: ClassVar = ("project_id",)
    project_id: int
    name: str
    color: str = "#428BCA"
    description: str | None = None


class MergeRequest(Record):
    """A merge request. `sha` is its head. `syncing_until` is when GitLab has worked out which approvals stay."""

    first: ClassVar[int] = 20001
    indexed: ClassVar = ("project_id", "iid")
    project_id: int
    iid: int
    title: str
    description: str = ""
    author_id: int
    state: str = "opened"
    source_project_id: int | None = None
    source_branch: str = ""
    target_branch: str = ""
    sha: str = ""
    label_ids: tuple[int, ...] = ()
    assignee_ids: tuple[int, ...] = ()
    reviewer_ids: tuple[int, ...] = ()
    objector_ids: tuple[int, ...] = ()
    created_at: str = ""
    updated_at: str = ""
    prepared_at: str | None = None
    merged_at: str | None = None
    merge_user_id: int | None = None
    closed_at: str | None = None
    closed_by_id: int | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    merge_error: str | None = None
    squash: bool = False
    force_remove_source_branch: bool = False
    allow_collaboration: bool = False
    discussion_locked: bool | None = None
    auto_merge_by_id: int | None = None
    auto_merge_options: dict[str, Any] = Field(default_factory=dict)
    head_pipeline_id: int | None = None
    last_edited_at: str | None = None
    last_edited_by_id: int | None = None
    updated_by_id: int | None = None
    syncing_until: float = 0.0
    reset_by_id: int | None = None
    rules_overridden: bool = False

    @property
    def draft(self) -> bool:
        """As GitLab tells it: by the title."""
        return self.title.lower().startswith(("draft:", "[draft]", "(draft)"))


class Version(Record):
    """A version of a merge request's difference, one for each push and each new target."""

    first: ClassVar[int] = 110
    indexed: ClassVar = ("mr_id",)
    mr_id: int
    head_commit_sha: str
    base_commit_sha: str
    start_commit_sha: str
    patch_id_sha: str | None
    created_at: str
    real_size: str


class Approval(Record):
    """Somebody's approval. `given_for` is the head at that time, which GitLab tells nobody."""

    first: ClassVar[int] = 9001
    indexed: ClassVar = ("mr_id",)
    mr_id: int
    user_id: int
    given_for: str
    patch_id: str | None = None
    created_at: str


class Rule(Record):
    """An approval rule of a project, or with `mr_id` of one merge request."""

    first: ClassVar[int] = 3001
    indexed: ClassVar = ("project_id",)
    project_id: int
    mr_id: int | None = None
    project_rule_id: int | None = None
    name: str
    rule_type: str = "regular"
    approvals_required: int = 0
    user_ids: tuple[int, ...] = ()
    group_ids: tuple[int, ...] = ()
    protected_branch_ids: tuple[int, ...] = ()
    applies_to_all_protected_branches: bool = False


class Pipeline(Record):
    """A pipeline. `source_sha` is the head of the merge request where `sha` is a merge commit made for the test."""

    first: ClassVar[int] = 40001
    indexed: ClassVar = ("project_id", "sha")
    project_id: int
    iid: int
    sha: str
    ref: str
    source: str
    mr_id: int | None = None
    source_sha: str | None = None
    user_id: int | None = None
    created_at: str = ""
    updated_at: str = ""
    archived: bool = False
    skipped: bool = False


class Job(Record):
    """A job of a pipeline. One in the stage `external` is a commit status that somebody posted."""

    first: ClassVar[int] = 78001
    indexed: ClassVar = ("pipeline_id", "sha")
    pipeline_id: int
    project_id: int
    sha: str
    ref: str
    name: str
    state: str
    stage: str = "test"
    user_id: int | None = None
    description: str | None = None
    target_url: str | None = None
    coverage: float | None = None
    allow_failure: bool = False
    retried: bool = False
    created_at: str = ""
    started_at: str | None = None
    finished_at: str | None = None


class Car(Record):
    """A merge request's place on a merge train; `pipeline_id` is the newest pipeline made for it there."""

    first: ClassVar[int] = 601
    indexed: ClassVar = ("mr_id",)
    mr_id: int
    user_id: int
    pipeline_id: int | None = None
    created_at: str = ""


class Note(Record):
    """A note; those of one `discussion` are a thread, which can be resolved unless `individual`."""

    first: ClassVar[int] = 1101
    indexed: ClassVar = ("mr_id",)
    mr_id: int
    author_id: int
    body: str
    system: bool = False
    internal: bool = False
    discussion: str = ""
    individual: bool = True
    resolved: bool = False
    resolved_by_id: int | None = None
    resolved_at: str | None = None
    created_at: str = ""
    updated_at: str = ""
    last_edited_at: str | None = None


class Happening(Record):
    """A label or state event of a merge request: `kind` is label or state; `action` add, remove, or the new state."""

    first: ClassVar[int] = 5001
    indexed: ClassVar = ("mr_id",)
    mr_id: int
    kind: str
    action: str
    user_id: int
    label: str = ""
    label_id: int | None = None
    created_at: str = ""


class ProtectedBranch(Record):
    """A protected branch or wildcard. The levels are lists of {access_level} | {user_id} | {group_id}."""

    first: ClassVar[int] = 451
    indexed: ClassVar = ("project_id",)
    project_id: int
    name: str
    push: tuple[dict[str, int], ...] = ()
    merge: tuple[dict[str, int], ...] = ()
    unprotect: tuple[dict[str, int], ...] = ()
    allow_force_push: bool = False
    code_owner_approval_required: bool = False


class Hook(Record):
    """A project's webhook. `events` are the names of its switches that are on."""

    first: ClassVar[int] = 301
    indexed: ClassVar = ("project_id",)
    project_id: int
    url: str
    name: str | None = None
    description: str | None = None
    token: str | None = None
    signing_token: str | None = None
    events: tuple[str, ...] = ()
    push_events_branch_filter: str = ""
    branch_filter_strategy: str = "wildcard"
    custom_webhook_template: str | None = None
    enable_ssl_verification: bool = True
    uuid: str = ""
    recent_failures: int = 0
    disabled_until: str | None = None
    created_at: str = ""


class Delivery(Record):
    """A webhook that was sent. `key` is its webhook-id and Idempotency-Key, the same when it is sent again."""

    first: ClassVar[int] = 700001
    indexed: ClassVar = ("hook_id",)
    hook_id: int
    key: str
    event: str
    action: str | None = None
    url: str
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""
    resent: bool = False
    delivered_at: str = ""
    status_code: int = 0
    status: str = ""
    response_body: str = ""
    duration: float = 0.0


class Push(Record):
    """A push, as the project's events tell of it: not whether it was forced."""

    indexed: ClassVar = ("project_id",)
    project_id: int
    user_id: int
    ref: str
    before: str
    after: str
    commits: int
    created_at: str


ALL = (
    User, Token, Group, Project, Label, MergeRequest, Version, Approval, Rule, Pipeline, Job, Car, Note, Happening,
    ProtectedBranch, Hook, Delivery, Push,
)  # fmt: skip
