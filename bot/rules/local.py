"""What a repository adds to the rules by its own .signoff.yaml: zones and requirements under new names, nothing else.

Whoever can write to the repository can write this file, so it can only ask for more. What would take something away,
redefine a name, or look like a name that is taken, is refused with a fault; the rest of the file, and all of the
policy, stand.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.model.policy import Policy, Requirement, Zone
from bot.rules import tree
from bot.rules.checking import check
from bot.rules.document import Document, read_document
from bot.rules.faults import Fault, FaultsError, first_told, nearest, shown
from bot.rules.policy import requirement_of, sealed, zone_of
from bot.rules.references import BUILT_IN, negated, requirement_faults, same, zone_faults
from bot.rules.rules_file import LocalFile, RequirementShape, ZoneShape
from bot.rules.tree import Mapping, Node, Scalar, get, items, words

LARGEST_LOCAL = 64 * 1024
MOST_ADDED = 50
"""Zones, and requirements."""

MOST_STARS = 3
"""In one part of a path. Matching takes a time that grows with this power of the path's length."""

MOST_DOUBLE_STARS = 3


def add_local(policy: Policy, data: bytes, name: str) -> tuple[Policy, tuple[Fault, ...]]:
    """The policy with what a repository's file adds, and everything in the file that was refused. Never raises."""
    try:
        document = read_document(data, name, LARGEST_LOCAL)
    except FaultsError as error:
        return policy, error.faults
    if isinstance(document.root, Scalar) and document.root.value is None:
        return policy, document.faults
    if not policy.requirements:
        message = "nothing can be added to rules without requirements"
        return policy, (document.fault(document.root.place, message, "they decide nothing until they are mended"),)
    faults = [*document.faults, *_not_addable(document)]
    zones = _zones(document, policy, faults)
    requirements = _requirements(document, replace(policy, zones=(*policy.zones, *zones)), faults)
    if zones or requirements:
        added = replace(
            policy, zones=(*policy.zones, *zones), requirements=(*policy.requirements, *requirements), digest=""
        )
        policy = sealed(added)
    return policy, first_told(faults)


def _not_addable(document: Document) -> Iterator[Fault]:
    """Everything in the file besides zones and requirements, and these two if they have the wrong shape."""
    may = list(LocalFile.model_fields)
    if not isinstance(document.root, Mapping):
        yield document.fault(document.root.place, "`zones:` and `requirements:` are wanted here", "see docs/rules.md")
        return
    for key, place in document.root.keys.items():
        if key not in may:
            hint = nearest(key, may) if key not in _policy_words() else "it is set in the rules in force, not here"
            yield document.fault(place, f"a repository cannot set `{shown(key)}`", hint)
    version, zones, requirements = (get(document.root, key) for key in ("version", "zones", "requirements"))
    if version is not None and version.value != 1:
        yield document.fault(version.place, "`version` is 1", "")
    if zones is not None and not isinstance(zones, Mapping):
        yield document.fault(zones.place, "`zones`: a mapping of names to zones is wanted", "e.g. `api: {paths: api/}`")
    if requirements is not None and not isinstance(requirements, tree.Sequence):
        yield document.fault(requirements.place, "`requirements`: a list is wanted", "begin each with `- name:`")


def _policy_words() -> tuple[str, ...]:
    return ("mode", "repositories", "guarded_branches", "tiers", "unknown_author", "detection", "override")


def _zones(document: Document, policy: Policy, faults: list[Fault]) -> list[Zone]:
    """The zones that may be added."""
    zones = get(document.root, "zones")
    if zones is not None and _any_owner_counts(policy):
        message = "a requirement asks for owners of any zone, so a repository cannot add zones"
        faults.append(
            document.fault(zones.place, message, "the rules in force must name the zones beside `zone_owner`")
        )
        return []
    taken = {same(name) for name in (*BUILT_IN, *(zone.name for zone in policy.zones))}
    added: list[Zone] = []
    for name, node in zones.items.items() if isinstance(zones, Mapping) else ():
        place = zones.keys[name] if isinstance(zones, Mapping) else node.place
        found = list(_taken(document, Scalar(place, name, plain=True), taken, "zone", len(added)))
        found += zone_faults(document, Mapping(place, {name: node}, {name: place}))
        found += negated(document, node, "a repository cannot take anything out")
        found += _costly(document, get(node, "paths"))
        shape, wrong = check(Document(document.name, node), ZoneShape)
        found += wrong
        if shape is not None and not found:
            added.append(zone_of(name, shape))
            taken.add(same(name))
        faults += found
    return added


def _any_owner_counts(policy: Policy) -> bool:
    """Whether a new zone would let its owners sign where they could not before."""
    return any(each.need.zone_owner and not each.when.zones for each in policy.requirements)


def _requirements(document: Document, policy: Policy, faults: list[Fault]) -> list[Requirement]:
    """The requirements that may be added to a policy that has the added zones already."""
    taken = {same(requirement.name) for requirement in policy.requirements}
    zones = [*BUILT_IN, *(zone.name for zone in policy.zones)]
    added: list[Requirement] = []
    nodes = get(document.root, "requirements")
    for node in items(nodes) if isinstance(nodes, tree.Sequence) else ():
        found: list[Fault] = []
        for name in words(get(node, "name")):
            found += _taken(document, name, taken, "requirement", len(added))
        found += requirement_faults(document, [node], policy.tiers, zones)
        found += _costly(document, get(node, "when", "paths"))
        shape, wrong = check(Document(document.name, node), RequirementShape)
        found += wrong
        if shape is not None and not found:
            added.append(requirement_of(shape))
            taken.add(same(shape.name))
        faults += found
    return added


def _taken(document: Document, name: Scalar, taken: set[str], kind: str, so_far: int) -> Iterator[Fault]:
    if same(name.text) in taken:
        message = f"there is a {kind} `{shown(name.text)}` already; a repository cannot change it"
        yield document.fault(name.place, message, "add yours under a new name")
    if so_far >= MOST_ADDED:
        yield document.fault(name.place, f"a repository can add {MOST_ADDED} {kind}s at most", "join some of them")


def _costly(document: Document, globs: Node | None) -> Iterator[Fault]:
    """Patterns that could take forever to match."""
    for glob in words(globs):
        parts = glob.text.split("/")
        double = sum(part == "**" for part in parts)
        stars = max(len(re.findall(r"\*+|\?", part)) for part in parts)
        if double > MOST_DOUBLE_STARS or stars > MOST_STARS:
            message = f"`{shown(glob.text)}` has too many wildcards"
            yield document.fault(glob.place, message, f"at most {MOST_STARS} in one part of a path")
