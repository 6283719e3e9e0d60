"""What a case file may say, key by key: a change, what is remembered about it, and the time.

More lenient than rules and roster, since a case is a recording and rules nobody: what is null is absent, and an id may
be written as digits in quotes. An unknown key is refused here too.
"""

# ruff: noqa: RUF012  pydantic gives each instance its own copy of a default

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from bot.rules.shapes import Id, Shape, Text
from bot.rules.times import Moment

ReviewWord = Literal["approved", "changes_requested", "commented", "dismissed"]


class CaseShape(Shape):
    """A mapping of a case file, in which null means absent."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


def _as_number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20 else value  # noqa: PLR2004


def _as_account(value: Any) -> Any:
    return {"login": value} if isinstance(value, str) else value


AccountNumber = Annotated[Id, BeforeValidator(_as_number)]
Size = Annotated[int, BeforeValidator(_as_number), Field(ge=0, le=10**9)]


class AccountShape(CaseShape):
    """An account; without login and id somebody who cannot be told."""

    login: Text | None = None
    id: AccountNumber | None = None
    kind: Literal["user", "bot"] = "user"


class IdentityShape(CaseShape):
    """What git recorded, and the account the forge maps it to."""

    name: Text = ""
    email: Text = ""
    login: Text | None = None
    id: AccountNumber | None = None


class CommitShape(CaseShape):
    """A commit."""

    sha: Text
    author: IdentityShape
    committer: IdentityShape | None = None
    """Absent: the author."""
    message: Text = ""
    parents: Size = 1
    made_by_forge: bool = False
    """The forge itself vouches for having made it."""
    parent_shas: list[Text] = []


class FileShape(CaseShape):
    """A changed file."""

    path: Text
    previous_path: Text | None = None
    status: Literal["added", "modified", "removed", "renamed", "copied", "changed"] = "modified"
    additions: Size = 0
    deletions: Size = 0
    kind: Literal["regular", "symlink", "submodule", "lfs"] = "regular"
    blob: Text | None = None
    removed_lines: list[Text] | None = None


class ReviewShape(CaseShape):
    """A review."""

    id: AccountNumber
    reviewer: AccountShape = AccountShape()
    state: ReviewWord
    sha: Text | None = None
    submitted_at: Moment
    was: ReviewWord | None = None
    dismissed_by: Annotated[AccountShape, BeforeValidator(_as_account)] | None = None
    """`forge`, a login, or an account."""
    may_push: bool | None = None
    """Whether the reviewer can write to the repository; null: not known."""


class LabelEventShape(CaseShape):
    """Somebody put a label on the change, or took it off."""

    label: Text
    added: bool = True
    by: AccountShape | None = None
    at: Moment


class HeadShape(CaseShape):
    """The head commit, and when the change came to stand on it."""

    sha: Text
    moved_at: Moment


class ChangeShape(CaseShape):
    """A change."""

    forge: Text
    repository: Text
    number: AccountNumber = 1
    title: Text = ""
    body: Text = ""
    base: Text
    base_sha: Text | None = None
    default_branch: Text | None = None
    """Absent: the base."""
    branch: Text = ""
    author: AccountShape
    author_app_id: AccountNumber | None = None
    body_editor: AccountShape | None = None
    operator: AccountShape | None = None
    pushers: list[AccountShape] = []
    head: HeadShape
    commits: list[CommitShape] = []
    labels: list[Text] = []
    label_events: list[LabelEventShape] = []
    files: list[FileShape] = []
    files_truncated: bool = False
    reviews: list[ReviewShape] = []
    complete: bool = True


class EvidenceShape(CaseShape):
    """A finding as a decision tells it."""

    detector: Text = ""
    tool: Text = ""
    class_: Literal[
        "agent-authored", "ai-assisted", "ai-suggestion-applied", "ai-reviewed-only", "automation", "none-disclosed"
    ] = Field("ai-assisted", alias="class")
    strength: Literal["strong", "medium", "weak"]
    where: Text = ""
    quote: Text = ""
    commit: Text | None = None
    key: Text | None = None
    """Told by a decision, and derived from the rest: not read."""


class SightingShape(CaseShape):
    """What was seen when a review was given."""

    review: AccountNumber
    reviewer: AccountNumber
    state: ReviewWord
    sha: Text
    patch: Text | None = None
    at: Moment


class DeclarationShape(CaseShape):
    """Somebody's answer."""

    by: AccountNumber | None = None
    answer: Literal["ai", "no_ai"]
    at: Moment | None = None
    how: Text = "command"


class ClearanceShape(CaseShape):
    """Somebody said that a finding is wrong."""

    by: AccountNumber
    evidence: Text
    reason: Text = ""
    at: Moment


class OverrideShape(CaseShape):
    """Somebody broke the glass."""

    by: AccountNumber
    head: Text
    reason: Text = ""
    at: Moment


class NotMineShape(CaseShape):
    """Somebody named by a mailbox said that they took no part."""

    by: AccountNumber
    at: Moment


class PushShape(CaseShape):
    """Somebody moved the change to a head."""

    by: AccountShape = AccountShape()
    head: Text
    before: Text | None = None


class NamedShape(CaseShape):
    """Somebody whom a commit named when it was read, and as what."""

    by: AccountNumber
    role: Literal["author of a commit", "co-author", "named by an agent's commit"] = "author of a commit"
    commit: Text


class MemoryShape(CaseShape):
    """What is remembered."""

    evidence: list[EvidenceShape] = []
    sightings: list[SightingShape] = []
    patches: dict[str, Text] = {}
    declarations: list[DeclarationShape] = []
    clearances: list[ClearanceShape] = []
    overrides: list[OverrideShape] = []
    not_mine: list[NotMineShape] = []
    landed: list[Text] = []
    teams: dict[str, list[AccountNumber]] = {}
    pushers: list[AccountShape] = []
    pushes: list[PushShape] = []
    objected: list[AccountNumber] = []
    """Reviews that held it as objections before."""
    unread: Size = 0
    """Heads it left that were not looked at yet."""
    named: list[NamedShape] = []
    """Whom commits of any of its heads named."""


class CaseFile(CaseShape):
    """A case."""

    change: ChangeShape
    memory: MemoryShape = MemoryShape()
    rules: Any = None
    roster: Any = None
    now: Moment
    expect: dict[str, Any] | None = None
