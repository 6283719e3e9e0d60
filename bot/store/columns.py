"""Types of columns: moments in UTC, ids of any forge's size, text of other people's making.

They exist so that both databases keep and compare the same values. A moment without a time zone is refused.
"""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A forge's number of something; SQLite's integers have 64 bits anyway."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept and given back in UTC with microseconds."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC; ValueError for a naive datetime."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone: the store takes aware times only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC: SQLite gives the time it was handed, PostgreSQL the same moment in the session's zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class FreeText(TypeDecorator[str]):
    """Text of other people's making. What PostgreSQL cannot keep (NUL, lone surrogates) becomes U+FFFD or "?"."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it can be kept in both databases."""
        del dialect
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as a FreeText column will give it back."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
