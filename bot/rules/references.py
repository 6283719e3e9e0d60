"""Cross checks of a rules file: whatever is named exists, and every name is given once.

They look at the tree and not at the finished policy, so that they are told together with all other faults, each with
its place; what has the wrong shape is passed over here, since somebody else tells that.
"""

from collections.abc import Collection, Iterable, Iterator
from unicodedata import normalize

from bot.model.policy import GOVERNANCE, OPAQUE
from bot.rules import tree
from bot.rules.document import Document
from bot.rules.faults import Fault, listed, nearest, shown
from bot.rules.tree import Node, Scalar, get, items, words

BUILT_IN = (GOVERNANCE, OPAQUE)


def same(name: str) -> str:
    """What two names have in common that a reader would take for one another."""
    return normalize("NFKC", name).casefold().strip()


def rules_faults(document: Document) -> Iterator[Fault]:
    """Every fault of a rules file that its shapes do not tell."""
    root = document.root
    tiers = words(get(root, "tiers"))
    zones = get(root, "zones")
    known_zones = [*BUILT_IN, *(zones.items if isinstance(zones, tree.Mapping) else ())]
    known_tiers = [tier.text for tier in tiers]
    yield from twice(document, tiers, "tier")
    named = [get(root, "unknown_author"), get(root, "override", "tier")]
    yield from unknown(document, named, known_tiers, "tier")
    yield from zone_faults(document, zones)
    requirements = items(get(root, "requirements"))
    yield from requirement_faults(document, requirements, known_tiers, known_zones)


def zone_faults(document: Document, zones: Node | None) -> Iterator[Fault]:
    """Zones that are nameless, empty, or take away from what is built in."""
    if not isinstance(zones, tree.Mapping):
        return
    names = [Scalar(place, name, plain=True) for name, place in zones.keys.items()]
    yield from twice(document, names, "zone")
    for name, zone in zones.items.items():
        place = zones.keys[name]
        if not name.strip() or not name.isprintable():
            yield document.fault(place, "a zone's name is a word", "e.g. `infrastructure`")
        if same(name) in BUILT_IN and name not in BUILT_IN:
            message = f"`{shown(name)}` looks like the zone `{same(name)}`, which is built in"
            yield document.fault(place, message, "choose another name")
        if isinstance(zone, tree.Mapping):
            yield from _zone_content_faults(document, name, zone)
        elif isinstance(zone, Scalar) and zone.value is None:
            yield document.fault(place, f"zone `{shown(name)}` is empty", "name its `paths:`")


def _zone_content_faults(document: Document, name: str, zone: tree.Mapping) -> Iterator[Fault]:
    if not zone.items:
        yield document.fault(zone.place, f"zone `{shown(name)}` is empty", "name its `paths:`")
    if name not in BUILT_IN:
        return
    for key in sorted(set(zone.items) - {"paths"}):
        yield document.fault(zone.keys[key], f"`{name}` is built in: only paths can be added", f"remove `{key}`")
    yield from negated(document, zone, f"nothing can be taken out of `{name}`")


def negated(document: Document, zone: Node, why: str) -> Iterator[Fault]:
    """Patterns that exclude a path, where that is not allowed."""
    for glob in words(get(zone, "paths")):
        if glob.text.startswith("!"):
            yield document.fault(glob.place, f"`{shown(glob.text)}` excludes a path: {why}", "remove the pattern")


def requirement_faults(
    document: Document, requirements: Iterable[Node], tiers: Collection[str], zones: Collection[str]
) -> Iterator[Fault]:
    """Requirements that share a name, or name a tier or zone that does not exist."""
    found = list(requirements)
    yield from twice(document, (name for each in found for name in words(get(each, "name"))), "requirement")
    for requirement in found:
        named = [get(requirement, "when", "author_below"), get(requirement, "need", "tier")]
        yield from unknown(document, named, tiers, "tier")
        yield from unknown(document, words(get(requirement, "when", "zones")), zones, "zone")
        yield from _need_faults(document, get(requirement, "need"))


def _need_faults(document: Document, need: Node | None) -> Iterator[Fault]:
    approvals, teams = get(need, "approvals"), get(need, "distinct_teams")
    if not (isinstance(approvals, Scalar) and isinstance(teams, Scalar)):
        return
    if isinstance(approvals.value, int) and isinstance(teams.value, int) and 0 < approvals.value < teams.value:
        message = f"{approvals.value} approvals cannot come from {teams.value} different teams"
        yield document.fault(teams.place, message, "ask for more approvals or fewer teams")


def unknown(document: Document, named: Iterable[Node | None], known: Collection[str], kind: str) -> Iterator[Fault]:
    """Names of something that does not exist. Nothing is said if nothing is known: that is a fault of its own."""
    for name in named:
        if isinstance(name, Scalar) and name.text and known and name.text not in known:
            hint = nearest(name.text, known)
            yield document.fault(name.place, f"there is no {kind} `{shown(name.text)}`", hint or listed(known))


def twice(document: Document, names: Iterable[Scalar], kind: str) -> Iterator[Fault]:
    """Names that were given before, or that a reader would take for one given before."""
    first: dict[str, Scalar] = {}
    for name in names:
        before = first.setdefault(same(name.text), name)
        if before is not name:
            message = f"a second {kind} `{shown(name.text)}`, the first is in line {before.place.line}"
            yield document.fault(name.place, message, "give each its own name")
