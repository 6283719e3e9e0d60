"""Small charts as SVG that the server draws, each in a figure with a caption and its numbers as a table.

Colours and strokes come from the style sheet by class, so that both themes can be read and no style stands inline. What
the chart shows is in the table too; to a screen reader the drawing is one image with a sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WIDE, HIGH = 640, 200
_LEFT, _BOTTOM, _TOP = 56, 30, 16


@dataclass(frozen=True, slots=True)
class Series:
    """One row of numbers by its name; None where there is none. `tint` is a class of the style sheet: a to d."""

    name: str
    values: tuple[float | None, ...]
    tint: str


def bars(title: str, labels: tuple[str, ...], series: Sequence[Series], unit: str) -> Markup:
    """Stacked bars."""
    totals = [sum(each.values[place] or 0 for each in series) for place in range(len(labels))]
    top = _nice(max(2, *totals))
    drawn = [_axes(labels, top)]
    step = (WIDE - _LEFT) / len(labels)
    for place in range(len(labels)):
        base = 0.0
        for each in series:
            value = each.values[place] or 0
            if value:
                x, y = _LEFT + place * step + step * 0.15, _y(base + value, top)
                size = f'width="{step * 0.7:.1f}" height="{_y(base, top) - y:.1f}"'
                drawn.append(f'<rect class="tint-{each.tint}" x="{x:.1f}" y="{y:.1f}" {size}/>')
            base += value
    return _figure(title, labels, series, unit, "".join(drawn))


def lines(title: str, labels: tuple[str, ...], series: Sequence[Series], unit: str) -> Markup:
    """Lines with a point for each number; a gap where there is none."""
    top = _nice(max((1, *(value for each in series for value in each.values if value is not None))))
    step = (WIDE - _LEFT) / len(labels)
    drawn = [_axes(labels, top)]
    for each in series:
        at = [
            None if value is None else (_LEFT + (place + 0.5) * step, _y(value, top))
            for place, value in enumerate(each.values)
        ]
        for one, other in pairwise(at):
            if one is not None and other is not None:
                ends = f'x1="{one[0]:.1f}" y1="{one[1]:.1f}" x2="{other[0]:.1f}" y2="{other[1]:.1f}"'
                drawn.append(f'<line class="line tint-{each.tint}" {ends}/>')
        drawn += [f'<circle class="tint-{each.tint}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in filter(None, at)]
    return _figure(title, labels, series, unit, "".join(drawn))


def _figure(title: str, labels: tuple[str, ...], series: Sequence[Series], unit: str, drawing: str) -> Markup:
    keys = "".join(f'<li class="tint-{each.tint}">{escape(each.name)}</li>' for each in series)
    heads = "".join(f'<th scope="col">{escape(each.name)}</th>' for each in series)
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(f"<td>{_shown(each.values[place])}</td>" for each in series)
        + "</tr>"
        for place, label in enumerate(labels)
    )
    caption = f"{escape(title)} ({escape(unit)})"
    return Markup(  # noqa: S704  every part is ours or escaped above
        f'<figure class="chart"><figcaption>{caption}</figcaption><ul class="keys">{keys}</ul>'
        f'<svg viewBox="0 0 {WIDE} {HIGH}" role="img" aria-label="{caption}; the table below has the numbers">'
        f"{drawing}</svg><details><summary>The numbers: {escape(title)}</summary><table>"
        f'<thead><tr><th scope="col">Week from</th>{heads}</tr></thead><tbody>{rows}</tbody></table></details></figure>'
    )


def _axes(labels: tuple[str, ...], top: float) -> str:
    step = (WIDE - _LEFT) / len(labels)
    drawn = []
    for part in (0, 0.5, 1):
        y = _y(top * part, top)
        drawn.append(f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{WIDE}" y2="{y:.1f}"/>')
        drawn.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_shown(top * part)}</text>')
    every = 1 if len(labels) <= 6 else 2  # noqa: PLR2004  more would not fit side by side
    for place, label in list(enumerate(labels))[::every]:
        x = _LEFT + (place + 0.5) * step
        drawn.append(f'<text x="{x:.1f}" y="{HIGH - 6}" text-anchor="middle">{escape(label)}</text>')
    return "".join(drawn)


def _y(value: float, top: float) -> float:
    return HIGH - _BOTTOM - (HIGH - _BOTTOM - _TOP) * value / top


def _nice(top: float) -> float:
    """The least round number that is not below, for one that is at least 1."""
    size = 1.0
    while size * 10 < top:
        size *= 10
    steps = (1, 2, 4, 6, 8, 10) if size == 1 else (1, 2, 3, 4, 5, 6, 8, 10)  # half of it is a whole number too
    return next((size * each for each in steps if size * each >= top), size * 10)


def _shown(value: float | None) -> str:
    if value is None:
        return "none"
    return "under 0.1" if 0 < value < 0.05 else f"{value:,.1f}".removesuffix(".0")  # noqa: PLR2004  would be 0.0
