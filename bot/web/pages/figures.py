"""Figures as charts, each with its table: how much is AI-assisted, how long people wait, what went round the gate.

None of them says anything about what a person makes with AI; who is asked to sign is listed by name, not by number.
"""

from datetime import UTC, datetime, timedelta
from itertools import chain

from flask import Blueprint, render_template
from markupsafe import Markup

from bot.service import oversight
from bot.service.context import Context
from bot.service.naming import naming
from bot.store import Tx, Visible, queue, trends
from bot.store.trends import Signed, Waits
from bot.web import viewer
from bot.web.charts import Series, bars, lines

WEEKS = 12
_WEEK = timedelta(days=7)


def register(routes: Blueprint, context: Context) -> None:
    """Its route."""

    @routes.get("/figures")
    def figures_page() -> str:
        seen = viewer.current().visible
        with context.store.read() as tx:
            weeks = _weeks(context.clock())
            share, ai, number = _share(tx, context, weeks, seen)
            waits = [trends.waits(tx, week, week + _WEEK, seen) for week in weeks]
            merged = [trends.merged(tx, week, week + _WEEK, seen) for week in weeks]
            charts = [share, _times(weeks, waits), _merged(weeks, merged), _round(tx, weeks, seen)]
            waiting = _waiting(tx, context, seen)
        return render_template(
            "figures.html",
            charts=charts,
            waiting=waiting,
            signed=Signed.of(tuple(chain.from_iterable(waits))),
            held=sum(held for held, _ in merged),
            unchanged=sum(unchanged for _, unchanged in merged),
            weeks=WEEKS,
            ai=ai,
            number=number,
        )


def _weeks(now: datetime) -> list[datetime]:
    """The Mondays at which the weeks begin, the running one last."""
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    monday = today - timedelta(days=today.weekday())
    return [monday - _WEEK * back for back in range(WEEKS - 1, -1, -1)]


def _labels(weeks: list[datetime]) -> tuple[str, ...]:
    return tuple(f"{week:%d %b}" for week in weeks)


def _share(tx: Tx, context: Context, weeks: list[datetime], seen: Visible) -> tuple[Markup, int, int]:
    counts = {each.value for each in context.rulebook.current().policy.detection.counts}
    found = [trends.classes(tx, week, week + _WEEK, seen) for week in weeks]
    ai = tuple(sum(number for name, number in each.items() if name in counts) for each in found)
    rest = tuple(sum(each.values()) - some for each, some in zip(found, ai, strict=True))
    series = (Series("AI-assisted", ai, "a"), Series("other", rest, "b"))
    return (
        bars("New changes by what they disclose", _labels(weeks), series, "changes a week"),
        sum(ai),
        sum(ai) + sum(rest),
    )


def _times(weeks: list[datetime], waits: list[Waits]) -> Markup:
    found = list(map(Signed.of, waits))
    half = tuple(None if each.median is None else each.median / 3600 for each in found)
    most = tuple(None if each.ninth is None else each.ninth / 3600 for each in found)
    series = (Series("half signed within", half, "a"), Series("90 % signed within", most, "c"))
    return lines("Time to sign-off", _labels(weeks), series, "hours")


def _merged(weeks: list[datetime], merged: list[tuple[int, int]]) -> Markup:
    same = Series("merged as it was held", tuple(unchanged for _, unchanged in merged), "a")
    other = Series("changed before it merged", tuple(held - unchanged for held, unchanged in merged), "b")
    return bars("Held changes that merged", _labels(weeks), (same, other), "changes a week")


def _round(tx: Tx, weeks: list[datetime], seen: Visible) -> Markup:
    spans = [(week, week + _WEEK, seen) for week in weeks]
    overrides = tuple(trends.entries(tx, oversight.OVERRIDES, *each) for each in spans)
    round_it = tuple(
        trends.entries(tx, oversight.PUSHES, *each) + trends.bypasses(tx, oversight.BYPASSES, *each) for each in spans
    )
    series = (Series("overrides", overrides, "c"), Series("bypasses found", round_it, "d"))
    return bars("Overrides and bypasses", _labels(weeks), series, "entries a week")


def _waiting(tx: Tx, context: Context, seen: Visible) -> list[tuple[str, int]]:
    """Who is asked, by name, and by how many open changes; with the forge, where a name may be on several."""
    roster, found = context.rulebook.current().roster, queue.waiting_for(tx, seen)
    rows, forges = [], {forge for forge, _ in found}
    for forge in forges:
        accounts = [int(who) for name, who in found if name == forge and who.isdecimal()]
        names = naming(tx, roster, forge, [])
        known = {str(each): names(each) for each in accounts}
        there = f" ({forge})" * (len(forges) > 1)
        rows += [(known.get(who, who) + there, number) for (name, who), number in found.items() if name == forge]
    return sorted(rows, key=lambda row: row[0].casefold())
