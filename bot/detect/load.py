"""Reads the packaged catalogue and checks every entry, so that a slip of the pen fails at once and says where.

It refuses unknown keys, empty marks, and two tools with one name. It compiles nothing: see compiled.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from bot.detect.marks import Kind, Polarity, Question, Source, Tool, ToolRole
from bot.model.errors import BadInputError


@dataclass(frozen=True, slots=True)
class CatalogueData:
    """The catalogue as written: see the comments in catalogue.yaml for what each part means."""

    version: str
    tools: tuple[Tool, ...]
    shared_accounts: frozenset[int]
    personal_names: frozenset[str]
    product_names: frozenset[str]
    first_names: frozenset[str]
    vocabulary: frozenset[str]
    questions: tuple[Question, ...]


@cache
def packaged() -> CatalogueData:
    """The catalogue of this release."""
    text = resources.files("bot.detect").joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> CatalogueData:
    """The catalogue in a YAML text; BadInputError names every entry that is wrong."""
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  the safe one, in C
    faults: list[str] = []
    tools = tuple(_tool(entry, faults) for entry in data["tools"])
    names = [tool.name.lower() for tool in tools]
    faults += [f"{name}: listed twice" for name in sorted(set(names)) if names.count(name) > 1]
    if faults:
        raise BadInputError("catalogue.yaml: " + "; ".join(faults))
    return CatalogueData(
        version=str(data["version"]),
        tools=tools,
        shared_accounts=frozenset(int(number) for number in data["shared_accounts"]),
        personal_names=frozenset(data["personal_names"]),
        product_names=frozenset(data["product_names"]),
        first_names=frozenset(data["first_names"]),
        vocabulary=frozenset(str(word) for word in data["vocabulary"]),
        questions=tuple(Question(item["text"], Polarity(item["answer"])) for item in data["questions"]),
    )


def _tool(entry: Mapping[str, Any], faults: list[str]) -> Tool:
    name = str(entry.get("name", "a tool without a name"))
    marks: dict[Kind, tuple[str, ...]] = {}
    for key, values in entry.items():
        if key in {"name", "role", "source"}:
            continue
        if key not in set(Kind):
            faults.append(f"{name}: unknown kind of mark {key!r}")
            continue
        marks[Kind(key)] = tuple(str(value) for value in values)
        faults += [f"{name}: an empty mark under {key}" for value in values if not str(value).strip()]
    try:
        return Tool(name, ToolRole(str(entry.get("role"))), Source(str(entry.get("source"))), marks)
    except ValueError as error:
        faults.append(f"{name}: {error}")
        return Tool(name, ToolRole.AUTHOR, Source.REPORTED, marks)
