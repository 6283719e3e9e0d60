"""What a query costs: GitLab's own formula, and the limit on it.

A field costs 1 and one that asks Gitaly 1 more, with what is selected in it; one with a resolver of its own costs 1% of
all that more for each entry of a page (app/graphql/types/base_field.rb, app/graphql/resolvers/base_resolver.rb). What
each is, the schema says. Introspection costs 1 a field.
"""

from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)
from graphql.utilities import value_from_ast_untyped

LIMIT = 250
"""Of somebody with a token (app/graphql/gitlab_schema.rb)."""
LONGEST = 10_000
"""Characters of a query (app/controllers/graphql_controller.rb)."""
PAGE = 100


def score(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: dict[str, Any]) -> int:
    """The points of an operation. Fragments are not modelled: the product sends none."""
    return _selected(schema, "Query", operation.selection_set, variables)


def _selected(schema: GraphQLSchema, kind: str, chosen: SelectionSetNode | None, variables: dict[str, Any]) -> int:
    fields = getattr(schema.type_map.get(kind), "fields", {})
    total = 0
    for selection in chosen.selections if chosen else ():
        if not isinstance(selection, FieldNode):
            raise NotImplementedError("fragments")
        field = fields.get(selection.name.value)
        inner = get_named_type(field.type).name if field else ""
        children = _selected(schema, inner, selection.selection_set, variables)
        total += _one(field, selection, children, variables)
    return total


def _one(field: GraphQLField | None, chosen: FieldNode, children: int, variables: dict[str, Any]) -> int:
    told = _told(field)
    if "fixed" in told:
        return int(told["fixed"]) + children
    own = children + 1 + int(told.get("gitaly", False)) + int(told.get("more", 0))
    is_list = field is not None and get_named_type(field.type).name.endswith("Connection")
    return int(own * (1 + 0.01 * _page(chosen, variables))) if told.get("resolver") and is_list else own


def _told(field: GraphQLField | None) -> dict[str, Any]:
    for directive in (field.ast_node.directives or ()) if field is not None and field.ast_node else ():
        if directive.name.value == "cost":
            return {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}
    return {}


def _page(chosen: FieldNode, variables: dict[str, Any]) -> int:
    for argument in chosen.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                return min(int(argument.value.value), PAGE)
            if isinstance(argument.value, VariableNode):
                return min(int(variables.get(argument.value.name.value) or PAGE), PAGE)
    return PAGE
