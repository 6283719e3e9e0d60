"""What a site adds to or takes from the catalogue, checked word by word.

A new tool may be added; a name that is almost a known tool's is taken for a slip of the pen. Nothing is half applied.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from bot.detect.load import CatalogueData
from bot.detect.marks import Kind, Source, Tool, ToolRole
from bot.model.policy import CatalogueEdit

ROLE = "role"
"""Not a mark: (tool, "role", "automation") says what a tool of the site's own does."""

CLOSE = 0.85


def faults(edit: CatalogueEdit, data: CatalogueData) -> tuple[str, ...]:
    """Everything that is wrong with an edit, each with the nearest right word; empty if it can be applied."""
    tools = {tool.name.lower(): tool for tool in data.tools}
    found: list[str] = []
    for name, kind, value in edit.add:
        found += _kind_faults(kind, value, "add")
        near = get_close_matches(name.lower(), list(tools), n=1, cutoff=CLOSE)
        if name.lower() not in tools and near:
            found.append(f"add: unknown tool {name!r}; did you mean {tools[near[0]].name!r}?")
    for name, kind, value in edit.remove:
        found += _kind_faults(kind, value, "remove")
        tool = tools.get(name.lower())
        if tool is None:
            found.append(f"remove: unknown tool {name!r}{_nearest(name, [tool.name for tool in data.tools])}")
        elif kind in set(Kind) and value not in tool.of(Kind(kind)):
            found.append(f"remove: {tool.name} has no {value!r} under {kind}{_nearest(value, tool.of(Kind(kind)))}")
    return tuple(found)


def apply(edit: CatalogueEdit, data: CatalogueData) -> CatalogueData:
    """The catalogue with an edit that has no faults."""
    tools = {tool.name.lower(): tool for tool in data.tools}
    for name, kind, value in edit.remove:
        tool = tools[name.lower()]
        if kind != ROLE:
            tools[name.lower()] = _with(tool, Kind(kind), tuple(mark for mark in tool.of(Kind(kind)) if mark != value))
    for name, kind, value in edit.add:
        tool = tools.get(name.lower()) or Tool(name, ToolRole.AUTHOR, Source.SITE, {})
        if kind == ROLE:
            tools[name.lower()] = replace(tool, role=ToolRole(value))
        else:
            tools[name.lower()] = _with(tool, Kind(kind), (*tool.of(Kind(kind)), value))
    return replace(data, tools=tuple(tools.values()))


def _with(tool: Tool, kind: Kind, values: tuple[str, ...]) -> Tool:
    marks: Mapping[Kind, tuple[str, ...]] = {**tool.marks, kind: values}
    return replace(tool, marks=marks)


def _kind_faults(kind: str, value: str, where: str) -> list[str]:
    if kind == ROLE:
        right = [role.value for role in ToolRole]
        return [] if value in right else [f"{where}: unknown role {value!r}{_nearest(value, right)}"]
    if kind not in set(Kind):
        return [f"{where}: unknown kind of mark {kind!r}{_nearest(kind, [*Kind, ROLE])}"]
    return [] if value.strip() else [f"{where}: an empty mark under {kind}"]


def _nearest(word: str, right: Iterable[str]) -> str:
    words = [str(item) for item in right]
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; there are: {', '.join(words)}" if words and len(words) <= len(Kind) + 1 else ""
