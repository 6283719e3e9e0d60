"""This machine's clock against a forge's, as its answers date themselves: in whole seconds."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.model.enforcement import Fact, Level

SKEW = timedelta(seconds=20)
"""GitHub refuses an App's word if its clock is a minute ahead; a third of that is a reason to look."""


def compared(date: str | None, now: datetime, forge: str) -> Fact:
    """What the Date header of an answer that came just now tells of the clocks.

    A time in the zone -0000 comes back without one, by Python's reading of RFC 5322; a Date header is in UTC
    (RFC 9110).
    """
    try:
        there = parsedate_to_datetime(date or "")
        ahead = now - (there if there.tzinfo else there.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        told = "a date that cannot be read" if date else "no date"
        return Fact(f"{forge}'s answer had {told}, so the clocks could not be compared.", Level.UNKNOWN)
    return skew(ahead, forge)


def skew(ahead: timedelta, forge: str) -> Fact:
    """What a difference between this machine's clock and a forge's means."""
    seconds = abs(ahead).total_seconds()
    if abs(ahead) <= SKEW:
        return Fact(f"This machine's clock and {forge}'s agree.")
    way = "ahead of" if ahead > timedelta() else "behind"
    text = f"This machine's clock is {seconds:.0f} seconds {way} {forge}'s."
    return Fact(text, Level.OPEN, "Set the clock (NTP): tokens and times of reviews depend on it.")
