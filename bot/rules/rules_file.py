"""What a rules file may say, key by key. Editors get their JSON Schema from here.

Only shapes: whether the tiers, zones and classes that are named exist is judged in `bot.rules.policy`.
"""

# ruff: noqa: RUF012  pydantic gives each instance its own copy of a default

from typing import Annotated, Literal

from pydantic import Field

from bot.rules.shapes import AnyNumber, Count, Glob, Id, Name, OneOrMore, OnlyTrue, Shape, Text
from bot.rules.times import Duration

ClassWord = Literal["agent-authored", "ai-assisted", "ai-suggestion-applied", "ai-reviewed-only", "automation"]
AnyClassWord = Literal[ClassWord, "none-disclosed"]
StrengthWord = Literal["strong", "medium", "weak"]
ModeWord = Literal["enforce", "observe", "off"]
Marks = dict[str, dict[str, OneOrMore[Text]]]


class RepositoryShape(Shape):
    """The mode of the repositories that match."""

    match: OneOrMore[Text]
    """Full names with wildcards, e.g. `acme/legacy-*`."""
    mode: ModeWord
    """enforce: hold; observe: report, never block; off: not covered, nothing is posted."""


class LabelsShape(Shape):
    """Labels that answer for the change."""

    ai: AnyNumber[Text] = ["ai-assisted", "ai-generated"]
    """Anybody may put one of these: AI took part."""
    no_ai: AnyNumber[Text] = ["no-ai"]
    """Counts only from the author: no AI took part."""


class CatalogueShape(Shape):
    """What is added to or taken from the packaged catalogue of AI tools: tool, kind of mark, values."""

    add: Marks = {}
    remove: Marks = {}


class DetectionShape(Shape):
    """Which evidence matters."""

    counts: OneOrMore[ClassWord] = ["agent-authored", "ai-assisted"]
    """The classes that `ai: true` means."""
    minimum_strength: StrengthWord = "medium"
    """Evidence weaker than this is shown and decides nothing."""
    undeclared: Literal["trust", "ask", "ai"] = "trust"
    """What an author's silence means: no AI; please answer; AI."""
    labels: LabelsShape = LabelsShape()
    automation_apps: AnyNumber[Id] = []
    """Ids of the Apps, or account ids of the bots, whose own changes are automation (dependency updates)."""
    catalogue: CatalogueShape = CatalogueShape()


class ZoneShape(Shape):
    """A named part of the code. Any part that holds puts a change in the zone."""

    paths: OneOrMore[Glob] | None = None
    """Paths in .gitignore syntax. Both paths of a renamed file count."""
    deleted_lines: Count | None = None
    """At least so many deleted lines, over all files."""
    deleted_files: Count | None = None
    """At least so many deleted files."""
    removed_resources: OnlyTrue | None = None
    """Infrastructure code loses a resource."""


class WhenShape(Shape):
    """When a requirement holds: every key that is named, and of each list any."""

    ai: OnlyTrue | None = None
    """The change's class is one that counts as AI."""
    class_: OneOrMore[AnyClassWord] | None = Field(None, alias="class")
    """The change's class is one of these."""
    tool: OneOrMore[Text] | None = None
    """Evidence names one of these tools."""
    author_below: Name | None = None
    """The lowest tier among those who shaped the change is below this one."""
    zones: OneOrMore[Name] | None = None
    paths: OneOrMore[Glob] | None = None
    labels: OneOrMore[Text] | None = None
    base: OneOrMore[Text] | None = None
    """The branch it is to be merged into."""
    repository: OneOrMore[Text] | None = None
    changed_lines: Count | None = None
    """At least so many added and deleted lines together."""
    changed_files: Count | None = None
    """At least so many changed files."""
    operator: Literal["unknown"] | None = None
    """An agent's change, and nobody can tell who set it to work."""


class NeedShape(Shape):
    """What is needed then."""

    approvals: Annotated[int, Field(ge=1, le=50)]
    tier: Name
    """The lowest tier whose approval counts."""
    zone_owner: bool = False
    """Only people whose roster entry names the zone."""
    distinct_teams: Annotated[int, Field(ge=0, le=50)] = 0
    """The approvals come from at least so many different teams."""


class RequirementShape(Shape):
    """When this holds, that is needed."""

    name: Name
    when: WhenShape = WhenShape()
    """Without it the requirement holds for every change."""
    need: NeedShape


class OverrideShape(Shape):
    """Break-glass: who may let a change pass for a reason, and for how long."""

    tier: Name
    expires: Duration = Field("4h", validate_default=True)
    """A number and m, h or d."""
    reason_length: Annotated[int, Field(ge=20, le=1000)] = 20
    """A reason has at least so many characters."""


class RulesFile(Shape):
    """The rules of the gate."""

    version: Literal[1]
    mode: ModeWord = "enforce"
    repositories: list[RepositoryShape] = []
    """The first match wins; what matches none has the mode above."""
    guarded_branches: OneOrMore[Text] = ["@default"]
    """Branches a success is published for. @default is each repository's default branch."""
    tiers: OneOrMore[Name]
    """From the lowest to the highest."""
    unknown_author: Name
    """The tier of an author who is not in the roster."""
    detection: DetectionShape = DetectionShape()
    zones: dict[str, ZoneShape] = {}
    requirements: list[RequirementShape] = []
    """All that match must be met; if none matches, nobody is asked."""
    override: OverrideShape | None = None
    """Without it nobody may override."""


class LocalFile(Shape):
    """A repository's own .signoff.yaml: zones and requirements under new names, nothing else."""

    version: Literal[1] = 1
    zones: dict[str, ZoneShape] = {}
    requirements: list[RequirementShape] = []
