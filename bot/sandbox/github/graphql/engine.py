"""The endpoint: reads a query, checks it against the published schema, executes it, and words errors as GitHub does.

Documents are parsed and validated once and kept. Mutations are not modelled.
"""

import gzip
import json
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from bot.sandbox.clock import iso
from bot.sandbox.github.errors import NotModelled, Refused
from bot.sandbox.github.graphql import cost
from bot.sandbox.github.graphql.node import Context, resolve, type_of
from bot.sandbox.github.graphql.root import Query
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.service import CONTRACTS, Service
from bot.sandbox.github.world import World
from bot.sandbox.serving import Answer, Asked

TYPES = {404: "NOT_FOUND", 403: "FORBIDDEN", 422: "UNPROCESSABLE"}


class Engine:
    """Answers GraphQL requests."""

    def __init__(self, service: Service) -> None:
        self._service = service
        text = gzip.decompress((CONTRACTS / "schema.graphql.gz").read_bytes()).decode()
        self.schema: GraphQLSchema = build_schema(text, assume_valid=True)
        self._read = lru_cache(maxsize=256)(self._read_anew)

    def _read_anew(self, text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return None, (error,)
        return document, tuple(validate(self.schema, document))

    def answer(self, asked: Asked) -> Answer:
        """Answer one request."""
        try:
            body = json.loads(asked.raw)
            text = str(body["query"])
        except (ValueError, KeyError, TypeError):
            return Answer(400, {"message": "Problems parsing JSON"})
        document, faults = self._read(text)
        chosen = get_operation_ast(document, body.get("operationName")) if document else None
        name = chosen.name.value if chosen and chosen.name else "graphql"
        variables = body.get("variables") or {}

        def handle(actor: Actor, world: World) -> Answer:
            if actor.account is None:
                raise Refused(401, "This endpoint requires you to be authenticated.")
            if faults or document is None or chosen is None:
                words = [fault.message for fault in faults] or ["no such operation in the document"]
                self._service.journal.violation("request", f"GraphQL {name}", words)
                return Answer(200, {"errors": [_plain(fault) for fault in faults] or [{"message": words[0]}]})
            return self._execute(world, actor, document, chosen, variables)

        return self._service.serve(asked, name, handle)

    def _execute(
        self, world: World, actor: Actor, document: DocumentNode, chosen: OperationDefinitionNode,
        variables: dict[str, Any],
    ) -> Answer:  # fmt: skip
        if chosen.operation is not OperationType.QUERY:
            raise NotModelled("mutations")
        meter = cost.measure(document, chosen, variables)
        budget = self._service.limits.budget(actor, "graphql", world.setting("rate_limit"))
        budget.remaining -= meter.cost
        rate = {
            "cost": meter.cost,
            "nodeCount": meter.nodes,
            "limit": budget.limit,
            "remaining": max(budget.remaining, 0),
            "used": budget.limit - max(budget.remaining, 0),
            "resetAt": iso(budget.reset),
        }
        context = Context(world, actor, rate)
        result = execute_sync(
            self.schema, document, Query(context, None), variable_values=variables, operation_name=None
            if chosen.name is None else chosen.name.value, field_resolver=resolve, type_resolver=type_of,
        )  # fmt: skip
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [self._error(error) for error in result.errors]
        return Answer(200, body, budget.headers("graphql"))

    def _error(self, error: GraphQLError) -> dict[str, Any]:
        cause = error.original_error
        if isinstance(cause, Refused):
            view = _plain(error)
            return {"type": TYPES.get(cause.status, "UNPROCESSABLE")} | view
        where = "/".join(str(step) for step in error.path or ())
        message = f"not modelled by the sandbox: {cause}" if isinstance(cause, NotModelled) else error.message
        side = "request" if cause is None and not error.path else "sandbox"
        self._service.journal.violation(side, f"GraphQL {where}", [message])
        return _plain(error) | {"type": "NOT_MODELLED", "message": message}


def _plain(error: GraphQLError) -> dict[str, Any]:
    view: dict[str, Any] = {"message": error.message}
    if error.path:
        view["path"] = list(error.path)
    if error.locations:
        view["locations"] = [{"line": found.line, "column": found.column} for found in error.locations]
    return view
