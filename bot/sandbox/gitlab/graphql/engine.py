"""The endpoint: reads a query, checks it against the schema that an instance of this version has, counts its cost,
executes it, and words refusals as GitLab does. Mutations are not modelled.

`graphql` off is an instance, or a proxy before it, that has no such endpoint; `graphql_without` names fields
(MergeRequest.notes) that an older one lacks.
"""

import json
from functools import lru_cache
from typing import Any

from graphql import (
    IDLE,
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    Node,
    OperationType,
    Visitor,
    build_ast_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
    visit,
)

from bot.sandbox.gitlab import access, identity
from bot.sandbox.gitlab.contract import FILE
from bot.sandbox.gitlab.errors import NotModelled, Refused, not_found
from bot.sandbox.gitlab.graphql import cost, nodes
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.world import World
from bot.sandbox.serving import Answer, Asked

SCHEMA = FILE.with_suffix(".graphql")


class Engine:
    """Answers GraphQL requests."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._text = SCHEMA.read_text()
        self._schema = lru_cache(maxsize=16)(self._built)

    def _built(self, version: str, *, enterprise: bool, without: tuple[str, ...]) -> GraphQLSchema:
        return build_ast_schema(visit(parse(self._text), _Older(version, enterprise=enterprise, without=without)))

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        try:
            body = json.loads(asked.raw)
            text, variables = str(body["query"]), dict(body.get("variables") or {})
        except (ValueError, KeyError, TypeError):
            return Answer(422, {"errors": [{"message": "Unexpected end of document"}]})
        document = _parsed(text)
        chosen = get_operation_ast(document, body.get("operationName")) if isinstance(document, DocumentNode) else None
        name = chosen.name.value if chosen and chosen.name else "graphql"

        def handle(actor: Actor, world: World, _later: list[Any]) -> Answer:
            if not world.setting("graphql"):
                raise not_found()
            identity.allow(actor, "GET", asked.path)
            if len(text) > cost.LONGEST:
                return Answer(422, {"errors": [{"message": "Query too large"}]})
            if not isinstance(document, DocumentNode):
                return self._misread(name, [document])
            return self._run(world, actor, document, name, variables)

        return self._service.serve(asked, name, handle, _errors)

    def _run(self, world: World, actor: Actor, document: DocumentNode, name: str, variables: dict[str, Any]) -> Answer:
        schema = self._schema(
            str(world.setting("version")),
            enterprise=bool(world.setting("enterprise")),
            without=tuple(world.setting("graphql_without")),
        )
        operation = get_operation_ast(document)
        if operation is None or operation.operation is not OperationType.QUERY:
            raise NotModelled("anything but one query")
        faults = validate(schema, document)
        if faults:
            return self._misread(name, faults)
        points = cost.score(schema, operation, variables)
        most = int(world.setting("graphql_complexity"))
        if points > most:
            said = f"Query has complexity of {points}, which exceeds max complexity of {most}"
            return Answer(200, {"errors": [{"message": said}]})
        result = execute_sync(
            schema, document, _root(world, actor), variable_values=variables, field_resolver=_resolve,
            type_resolver=lambda value, _info, _kind: str(value["__typename"]),
        )  # fmt: skip
        shown: dict[str, Any] = {"data": result.data}
        if result.errors:
            shown["errors"] = [self._failed(name, error) for error in result.errors]
        return Answer(200, shown)

    def _misread(self, name: str, faults: list[GraphQLError]) -> Answer:
        """A query that this instance's schema does not know is refused before it is run, with no data."""
        if not self._service.world.setting("graphql_without"):
            self._service.journal.violation("request", f"GraphQL {name}", [fault.message for fault in faults])
        told = [{"message": fault.message, "extensions": {"code": "undefinedField"}} for fault in faults]
        return Answer(200, {"errors": told})

    def _failed(self, name: str, error: GraphQLError) -> dict[str, Any]:
        cause = error.original_error
        message = cause.message if isinstance(cause, Refused) else error.message
        if not isinstance(cause, Refused):
            self._service.journal.violation("sandbox", f"GraphQL {name}", [f"{error.path}: {message}"])
        return {"message": message, "path": list(error.path or ())}


def _parsed(text: str) -> DocumentNode | GraphQLError:
    try:
        return parse(text)
    except GraphQLError as error:
        return error


class _Older(Visitor):
    """Takes away what an instance of this version and build does not have."""

    def __init__(self, version: str, *, enterprise: bool, without: tuple[str, ...]) -> None:
        super().__init__()
        self._version = _numbers(version)
        self._enterprise = enterprise
        self._without = without

    def enter_field_definition(
        self, node: FieldDefinitionNode, _key: object, _parent: object, _path: object, ancestors: list[Any]
    ) -> Any:
        """Remove a field, or leave it."""
        home = next(each for each in reversed(ancestors) if isinstance(each, Node))
        told = {one.name.value: one for one in node.directives or ()}
        missing = "enterprise" in told and not self._enterprise
        if "since" in told:
            (argument,) = told["since"].arguments or ()
            missing = missing or self._version < _numbers(str(getattr(argument.value, "value", "")))
        return REMOVE if missing or f"{home.name.value}.{node.name.value}" in self._without else IDLE  # type: ignore[attr-defined]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))


def _root(world: World, actor: Actor) -> dict[str, Any]:
    def project(_info: object, fullPath: str) -> dict[str, Any] | None:  # noqa: N803  the argument's published name
        try:
            found = world.project(fullPath)
            access.see(world, actor, found)
        except Refused:
            return None
        return None if fullPath.isdigit() else nodes.project(world, actor, found)

    me = nodes.user(world, actor.user.id, "CurrentUser") if actor.user else None
    return {"project": project, "currentUser": me}


def _resolve(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    if info.field_name not in source:
        raise NotModelled(f"{info.parent_type.name}.{info.field_name}")
    value = source[info.field_name]
    return value(info, **arguments) if callable(value) else value


def _errors(data: Any, body: Any) -> Any:
    """The fault `errors`: a 200 that says that something went wrong, perhaps beside data."""
    told = body if body is not None else [{"message": "Internal server error"}]
    return {"errors": told} if data is None else {"data": data, "errors": told}
