"""A tree against a shape: the shape's value, or every fault with its place and the nearest right word.

The shapes are pydantic models; their errors are put into words here, once for all files.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.rules import tree
from bot.rules.document import Document
from bot.rules.faults import MOST_TOLD, Fault, Place, listed, nearest, shown
from bot.rules.tree import Node

M = TypeVar("M", bound=BaseModel)
Location = Sequence[int | str]

WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "`true` or `false`",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping (`key: value`)",
    "model_type": "a mapping (`key: value`)",
    "model_attributes_type": "a mapping (`key: value`)",
    "date_type": "a date",
}
UNQUOTED = "write it without quotes"
LIMITS = {"greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}


def check(document: Document, shape: type[M]) -> tuple[M | None, list[Fault]]:
    """The value of a document in a shape, or None with every fault there is."""
    try:
        return shape.model_validate(document.root.value), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    explain = _Explainer(document, shape)
    details.sort(key=lambda detail: find(document.root, detail["loc"])[1])
    told = [explain.fault(detail) for detail in details[:MOST_TOLD]]
    return None, told + [_untold(document, detail) for detail in details[MOST_TOLD:]]


def find(root: Node, location: Location) -> tuple[Node, Place]:
    """The node nearest to a location, and the place to point at: the last key on the way, else the node."""
    node, place = root, root.place
    for step in location:
        if isinstance(node, tree.Mapping) and step in node.items:
            place = node.keys[str(step)]
            node = node.items[str(step)]
        elif isinstance(node, tree.Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = node.place
        elif step != 0:  # a single value stands for a list of one
            break
    return node, place


def _untold(document: Document, detail: ErrorDetails) -> Fault:
    """A fault after so many others that it is only counted."""
    return document.fault(find(document.root, detail["loc"])[1], detail["type"])


class _Explainer:
    """Puts one file's errors into words."""

    def __init__(self, document: Document, shape: type[BaseModel]) -> None:
        self.document = document
        self.schema = shape.model_json_schema(by_alias=True)

    def fault(self, detail: ErrorDetails) -> Fault:
        """The fault of an error, where it stands."""
        location = detail["loc"]
        node, place = find(self.document.root, location)
        message, hint = self.words(detail, node)
        wrong_value = isinstance(node, tree.Scalar) and detail["type"] not in {"extra_forbidden", "missing"}
        return self.document.fault(node.place if wrong_value else place, message, hint)

    def words(self, detail: ErrorDetails, node: Node) -> tuple[str, str]:
        """What is wrong, and what to do."""
        kind, context, location = detail["type"], detail.get("ctx", {}), detail["loc"]
        key = str(location[-1]) if location else ""
        if kind == "ours":
            plain = isinstance(node, tree.Scalar) and node.text and node.text not in context["message"]
            written = f"{_written(node)}: " if plain else ""
            return f"{_path(location)}{written}{context['message']}", context["hint"]
        if kind == "extra_forbidden":
            return f"unknown key `{shown(key)}`", nearest(key, self.keys(location[:-1]))
        if kind == "missing":
            where = _named(node) or _within(location[:-1]) + _named(find(self.document.root, location[:-2])[0], "of")
            return f"`{key}` is missing{where}", "add `version: 1`" if key == "version" else f"add `{key}:`"
        if kind == "literal_error":
            return self._not_one_of(location, node)
        if kind in LIMITS:
            name, words = LIMITS[kind]
            return f"{_path(location)}{_written(node)}: {words} {context[name]} is wanted", ""
        wanted = WANTED.get(kind, detail["msg"])
        return f"{_path(location)}{wanted} is wanted, not {_written(node)}", _quoting(kind, node)

    def _not_one_of(self, location: Location, node: Node) -> tuple[str, str]:
        words = [str(word) for word in self._words_at(location)]
        if not isinstance(node, tree.Scalar):
            return f"{_path(location)}{_written(node)} stands where a word is wanted", f"one of {listed(words)}"
        if node.text in words and not node.plain:
            return f'{_path(location)}"{shown(node.text)}" in quotes is text, and a number is wanted', UNQUOTED
        hint = nearest(node.text, words)
        return f"{_path(location)}{_written(node)} is not one of {listed(words)}", hint if "did" in hint else ""

    def keys(self, location: Location) -> list[str]:
        """The keys that a mapping at a location can have."""
        return list(dict.fromkeys(key for schema in self._schemas(location) for key in schema.get("properties", {})))

    def _words_at(self, location: Location) -> list[Any]:
        return list(dict.fromkeys(word for schema in self._schemas(location) for word in _enumerated(schema)))

    def _schemas(self, location: Location) -> list[dict[str, Any]]:
        """The parts of the JSON Schema that describe a location."""
        here = list(self._alternatives(self.schema))
        for step in location:
            here = [found for schema in here for found in self._step(schema, step)]
        return here

    def _step(self, schema: dict[str, Any], step: int | str) -> Iterator[dict[str, Any]]:
        if isinstance(step, int):
            below = schema.get("items")
            if below is None and schema.get("type") in {"string", "object"} | {None}:
                below = schema  # a single value that stands for a list of one
        else:
            below = schema.get("properties", {}).get(step, schema.get("additionalProperties"))
        if isinstance(below, dict):
            yield from self._alternatives(below)

    def _alternatives(self, schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if "$ref" in schema:
            schema = {**self.schema["$defs"][schema["$ref"].rsplit("/", 1)[1]]}
        yield schema
        for other in schema.get("anyOf", ()):
            yield from self._alternatives(other)


def _enumerated(schema: dict[str, Any]) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", ()))


def _path(location: Location) -> str:
    """The last key of a location, to open a sentence with."""
    keys = [step for step in location if isinstance(step, str)]
    return f"`{shown(keys[-1])}`: " if keys else ""


def _within(location: Location) -> str:
    keys = [step for step in location if isinstance(step, str)]
    return f" in `{shown(keys[-1])}`" if keys else ""


def _named(node: Node, word: str = "in") -> str:
    """Whose a missing key is, where the mapping has a name of its own."""
    name = node.items.get("name") if isinstance(node, tree.Mapping) else None
    return f" {word} `{shown(name.text)}`" if isinstance(name, tree.Scalar) and name.text else ""


def _written(node: Node) -> str:
    match node:
        case tree.Mapping():
            return "a mapping"
        case tree.Sequence():
            return "a list"
        case _ if node.value is None:
            return "nothing"
        case _:
            return f"`{shown(node.text)}`"


def _quoting(kind: str, node: Node) -> str:
    """What to do about a value of the wrong kind."""
    if isinstance(node, tree.Scalar) and kind == "int_type":
        return UNQUOTED if node.text.isdecimal() and not node.plain else "write a number such as 2"
    if isinstance(node, tree.Scalar) and kind == "bool_type":
        return "write `true` or leave the key out" if node.plain else UNQUOTED
    return ""
