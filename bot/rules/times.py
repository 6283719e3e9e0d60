"""Days, moments and durations as people write them in files. A day that does not exist is refused, never mended."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from bot.rules.shapes import refuse

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})?)?")
DURATION = re.compile(r"([1-9]\d{0,3})(m|h|d)")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
FAR_FUTURE = 9000
"""From this year on a day is somebody's way of writing "never"."""


def _as_day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise refuse("there is no such day", "a date is year-month-day, e.g. 2026-03-31") from None
    raise refuse("a date is wanted here", "write year-month-day, e.g. 2026-03-31")


def _as_last_day(value: Any) -> Any:
    day = _as_day(value) if value is not None else None
    return None if isinstance(day, date) and day.year >= FAR_FUTURE else day


def _as_moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and MOMENT.fullmatch(value):
        try:
            moment = datetime.fromisoformat(value.upper())
        except ValueError:
            raise refuse("there is no such time", "e.g. 2026-11-20T10:00:00Z") from None
        if 1970 <= moment.year < FAR_FUTURE:  # noqa: PLR2004  what a forge's clock can say
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    raise refuse("a time is wanted here", "write it in UTC, e.g. 2026-11-20T10:00:00Z")


def _as_duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and (found := DURATION.fullmatch(value)):
        return timedelta(**{UNITS[found[2]]: int(found[1])})
    raise refuse("a duration is wanted here", "a number and m, h or d, e.g. `4h`")


Day = Annotated[date, BeforeValidator(_as_day)]
LastDay = Annotated[date | None, BeforeValidator(_as_last_day)]
Moment = Annotated[datetime, BeforeValidator(_as_moment)]
Duration = Annotated[
    timedelta, BeforeValidator(_as_duration), WithJsonSchema({"type": "string", "pattern": f"^{DURATION.pattern}$"})
]
