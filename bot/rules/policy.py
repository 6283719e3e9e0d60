"""A rules file to the policy in force, or to every fault in it. No file is opened here.

A policy without requirements is made all the same: it is legal, `warnings` tells it, and deciding by it says that it
cannot tell.
"""

from dataclasses import replace
from importlib.resources import files
from typing import Any

from bot.model.evidence import AiClass, Strength
from bot.model.ids import Tier
from bot.model.policy import (
    CatalogueEdit,
    DetectionRules,
    Mode,
    Need,
    OverrideRules,
    Policy,
    RepositoryRule,
    Requirement,
    Undeclared,
    When,
    Zone,
)
from bot.rules.checking import check
from bot.rules.digest import digest
from bot.rules.document import Document, read_document
from bot.rules.faults import FaultsError
from bot.rules.marks import catalogue_faults
from bot.rules.references import rules_faults
from bot.rules.rules_file import (
    DetectionShape,
    NeedShape,
    OverrideShape,
    RequirementShape,
    RulesFile,
    WhenShape,
    ZoneShape,
)

DEFAULTS = files("bot.rules") / "defaults"


def load_policy(data: bytes, name: str) -> Policy:
    """The policy of a rules file; `name` is the file's for messages. FaultsError with everything that is wrong."""
    return policy_of(read_document(data, name))


def packaged_policy() -> Policy:
    """The policy that is shipped."""
    return load_policy((DEFAULTS / "rules.yaml").read_bytes(), "rules.yaml")


def example(name: str) -> str:
    """The shipped `rules.yaml` or `roster.yaml` to begin with, without the line for editors that names the checkout."""
    return (DEFAULTS / name).read_text(encoding="utf-8").partition("\n#\n")[2]


def policy_schema() -> dict[str, Any]:
    """The JSON Schema of a rules file, for editors."""
    return RulesFile.model_json_schema(by_alias=True)


def policy_of(document: Document) -> Policy:
    """The policy of a tree that was read already."""
    shape, faults = check(document, RulesFile)
    faults += [*document.faults, *rules_faults(document), *catalogue_faults(document)]
    if shape is None or faults:
        raise FaultsError(faults)
    return sealed(
        Policy(
            tiers=tuple(map(Tier, shape.tiers)),
            unknown_author=Tier(shape.unknown_author),
            requirements=tuple(requirement_of(each) for each in shape.requirements),
            zones=tuple(zone_of(name, each) for name, each in shape.zones.items()),
            detection=_detection(shape.detection),
            mode=Mode(shape.mode),
            repositories=tuple(
                RepositoryRule(glob, Mode(rule.mode)) for rule in shape.repositories for glob in rule.match
            ),
            guarded_branches=tuple(shape.guarded_branches),
            override=_override(shape.override),
        )
    )


def sealed(policy: Policy) -> Policy:
    """The policy with the digest of what it says."""
    return replace(policy, digest=digest(policy))


def zone_of(name: str, shape: ZoneShape) -> Zone:
    """A zone as the gate knows it."""
    return Zone(name, tuple(shape.paths or ()), shape.deleted_lines, shape.deleted_files, bool(shape.removed_resources))


def requirement_of(shape: RequirementShape) -> Requirement:
    """A requirement as the gate knows it."""
    return Requirement(shape.name, _when(shape.when), _need(shape.need))


def _when(shape: WhenShape) -> When:
    return When(
        ai=shape.ai,
        classes=tuple(AiClass(word) for word in shape.class_ or ()),
        tools=tuple(shape.tool or ()),
        author_below=None if shape.author_below is None else Tier(shape.author_below),
        zones=tuple(shape.zones or ()),
        paths=tuple(shape.paths or ()),
        labels=tuple(shape.labels or ()),
        bases=tuple(shape.base or ()),
        repositories=tuple(shape.repository or ()),
        changed_lines=shape.changed_lines,
        changed_files=shape.changed_files,
        operator_unknown=True if shape.operator else None,
    )


def _need(shape: NeedShape) -> Need:
    return Need(shape.approvals, Tier(shape.tier), shape.zone_owner, shape.distinct_teams)


def _detection(shape: DetectionShape) -> DetectionRules:
    return DetectionRules(
        counts=frozenset(AiClass(word) for word in shape.counts),
        minimum_strength=Strength.of(shape.minimum_strength),
        undeclared=Undeclared(shape.undeclared),
        ai_labels=frozenset(shape.labels.ai),
        no_ai_labels=frozenset(shape.labels.no_ai),
        automation_apps=frozenset(shape.automation_apps),
        catalogue=CatalogueEdit(_marks(shape.catalogue.add), _marks(shape.catalogue.remove)),
    )


def _marks(tools: dict[str, dict[str, list[str]]]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (tool, kind, value) for tool, kinds in tools.items() for kind, values in kinds.items() for value in values
    )


def _override(shape: OverrideShape | None) -> OverrideRules:
    if shape is None:
        return OverrideRules(tier=None)
    return OverrideRules(Tier(shape.tier), shape.expires, shape.reason_length)
