"""How objects of the graph answer: a class per type, a method or a row's field per field of the schema.

`resolve` is the one resolver. It finds `head_ref_oid` for headRefOid, on the node and then among the row's fields
that the class lists in `plain`; what it does not find is not modelled. Connections are cut here, with GitHub's
limits.
"""

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar

from graphql import GraphQLResolveInfo, get_named_type

from bot.sandbox.github import permissions
from bot.sandbox.github.errors import NotModelled, Refused
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.world import World

MOST_ITEMS = 100
MISSING = object()


@dataclass(frozen=True)
class Context:
    """What every node needs to know."""

    world: World
    actor: Actor
    rate: dict[str, Any]


class Node:
    """An object of the graph over a row (or anything else)."""

    typename: ClassVar[str] = ""
    plain: ClassVar[tuple[str, ...]] = ()
    prefix: ClassVar[str] = ""

    def __init__(self, context: Context, row: Any) -> None:
        self.context = context
        self.row = row

    @property
    def world(self) -> World:
        """The forge."""
        return self.context.world

    @property
    def type_name(self) -> str:
        """The type in the schema."""
        return self.typename or type(self).__name__

    def id(self) -> str:
        """The opaque id."""
        return f"{self.prefix or self.type_name}_{self.row.id}"

    def needs(self, permission: str) -> None:
        """Refuse an installation that lacks a permission."""
        actor = self.context.actor
        if actor.permissions is not None and not permissions.granted(actor, permission):
            raise Refused(403, "Resource not accessible by integration")


@dataclass
class Many:
    """A list that becomes a connection: its rows, how each is shown, and extra counts."""

    rows: Sequence[Any]
    show: Callable[[Any], Any]
    extra: dict[str, Any] | None = None


class Connection:
    """One page of a list."""

    def __init__(self, many: Many, arguments: dict[str, Any]) -> None:
        self._many = many
        self._start, self._stop = _window(len(many.rows), arguments)

    @cached_property
    def nodes(self) -> list[Any]:
        """The objects of this page."""
        return [self._many.show(row) for row in self._many.rows[self._start : self._stop]]

    @property
    def edges(self) -> list[dict[str, Any]]:
        """The same with their cursors."""
        return [
            {"cursor": _cursor(self._start + place), "node": node, **(self._many.extra or {})}
            for place, node in enumerate(self.nodes)
        ]

    @property
    def total_count(self) -> int:
        """How many there are in all."""
        return int((self._many.extra or {}).get("totalCount", len(self._many.rows)))

    @property
    def filtered_count(self) -> int:
        """How many there are of the wanted kinds."""
        return len(self._many.rows)

    @property
    def page_info(self) -> dict[str, Any]:
        """Where this page stands."""
        some = self._stop > self._start
        return {
            "hasNextPage": self._stop < len(self._many.rows),
            "hasPreviousPage": self._start > 0,
            "startCursor": _cursor(self._start) if some else None,
            "endCursor": _cursor(self._stop - 1) if some else None,
        }


def _cursor(place: int) -> str:
    return f"cursor:{place + 1}"


def _place(cursor: str) -> int:
    found = re.fullmatch(r"cursor:(\d+)", cursor)
    if not found:
        raise Refused(422, f"`{cursor}` does not appear to be a valid cursor.")
    return int(found[1]) - 1


def _window(count: int, arguments: dict[str, Any]) -> tuple[int, int]:
    start = _place(arguments["after"]) + 1 if arguments.get("after") else 0
    stop = min(_place(arguments["before"]), count) if arguments.get("before") else count
    start = min(start, stop)
    if arguments.get("first") is not None:
        stop = min(stop, start + int(arguments["first"]))
    if arguments.get("last") is not None:
        start = max(start, stop - int(arguments["last"]))
    return start, stop


def _check_window(name: str, arguments: dict[str, Any]) -> None:
    if arguments.get("first") is None and arguments.get("last") is None:
        raise Refused(422, f"You must provide a `first` or `last` value to properly paginate the `{name}` connection.")
    for word in ("first", "last"):
        value = arguments.get(word)
        if value is not None and not 0 <= value <= MOST_ITEMS:
            raise Refused(422, f"Requesting {value} records on the `{name}` connection exceeds the `{word}` limit of"
                          f" {MOST_ITEMS} records.")  # fmt: skip


@lru_cache(maxsize=2048)
def snake(name: str) -> str:
    """HeadRefOid -> head_ref_oid."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: "_" + found[1].lower(), name)


def resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    """Answer one field."""
    field = info.field_name
    if isinstance(source, dict):
        if field not in source:
            raise NotModelled(f"{info.parent_type.name}.{field}")
        return source[field]
    if isinstance(source, Node) and snake(field) in source.plain:
        value = getattr(source.row, snake(field))
    else:
        value = getattr(source, snake(field), MISSING)
    if value is MISSING:
        raise NotModelled(f"{info.parent_type.name}.{field}")
    connects = get_named_type(info.return_type).name.endswith("Connection")
    window = {}
    if connects:
        window = {word: arguments.pop(word, None) for word in ("first", "last", "after", "before")}
        _check_window(field, window)
    if callable(value):
        value = value(**_accepted(value, info, arguments))
    return Connection(value, window) if isinstance(value, Many) else value


def _accepted(method: Any, info: GraphQLResolveInfo[Any], arguments: dict[str, Any]) -> dict[str, Any]:
    written = {argument.name.value for node in info.field_nodes for argument in node.arguments or ()}
    given = {snake(name): value for name, value in arguments.items() if value is not None}
    known = inspect.signature(method).parameters
    unknown = [name for name in arguments if name in written and snake(name) in given and snake(name) not in known]
    if unknown:
        raise NotModelled(f"{info.parent_type.name}.{info.field_name}({', '.join(unknown)})")
    return {name: value for name, value in given.items() if name in known}


def type_of(value: Any, info: GraphQLResolveInfo[Any], _abstract: Any) -> str:
    """The concrete type of an object where the schema has an interface or a union."""
    if isinstance(value, Node):
        return value.type_name
    if isinstance(value, dict) and "__typename" in value:
        return str(value["__typename"])
    raise NotModelled(f"the type of {info.parent_type.name}.{info.field_name}")
