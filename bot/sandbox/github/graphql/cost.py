"""What a query costs, by GitHub's documented formula: the requests for each connection at full size, over a hundred."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)


class Meter:
    """Counts requests and nodes of one operation."""

    def __init__(self, document: DocumentNode, variables: dict[str, Any]) -> None:
        self._variables = variables
        self._fragments = {
            found.name.value: found for found in document.definitions if isinstance(found, FragmentDefinitionNode)
        }
        self.requests = 0
        self.nodes = 0

    @property
    def cost(self) -> int:
        """In points."""
        return max(1, round(self.requests / 100))

    def measure(self, selections: SelectionSetNode | None, times: int = 1) -> None:
        """Count what is selected, for so many parents."""
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                size = self._size(selection)
                if size is not None:
                    self.requests += times
                    self.nodes += times * size
                self.measure(selection.selection_set, times * (size or 1))
            elif isinstance(selection, FragmentSpreadNode):
                self.measure(self._fragments[selection.name.value].selection_set, times)
            elif isinstance(selection, InlineFragmentNode):
                self.measure(selection.selection_set, times)

    def _size(self, field: FieldNode) -> int | None:
        for argument in field.arguments or ():
            if argument.name.value in {"first", "last"}:
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    return int(self._variables.get(argument.value.name.value) or 1)
        return None


def measure(document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]) -> Meter:
    """The meter after the whole operation."""
    meter = Meter(document, variables)
    meter.measure(operation.selection_set)
    return meter
