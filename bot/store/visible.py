"""What of the store somebody may see: the repositories they can read on the forge, or everything."""

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import ColumnElement, Table, and_, false, or_, true

Visible: TypeAlias = Mapping[str, frozenset[int]] | None
"""The readable repositories' numbers by forge; None is every repository."""


def within(table: Table, visible: Visible) -> ColumnElement[bool]:
    """The rows of the repositories that may be seen."""
    if visible is None:
        return true()
    some = [
        and_(table.c.forge == forge, table.c.repository.in_(sorted(numbers)))
        for forge, numbers in visible.items()
        if numbers
    ]
    return or_(*some) if some else false()


def sees(visible: Visible, forge: str, repository: int) -> bool:
    """Whether one repository may be seen."""
    return visible is None or repository in visible.get(forge, frozenset())


def scopes(visible: Visible) -> list[str] | None:
    """The ledger's scopes that may be seen, None for all."""
    if visible is None:
        return None
    return [f"{forge}/{number}" for forge, numbers in visible.items() for number in sorted(numbers)]
