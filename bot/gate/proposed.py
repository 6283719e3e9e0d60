"""What a change would make of the rules, told on its own check: that they can be used, or every fault with its place.

It judges nothing: what is proposed decides about nobody before it is merged. A proposal that cannot be used keeps the
check from passing, since merging it would leave the gate on the version before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.gate.escape import code, cut

_SHOWN = 20
_WIDEST = 240


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say about a proposal: where (file, line and column, or empty), what, and what to do about it."""

    place: str
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed version of `what`, with everything that is wrong with it, and what is legal and looks wrong."""

    what: str
    faults: tuple[Remark, ...] = ()
    warnings: tuple[Remark, ...] = ()


def broken(proposals: Iterable[Proposed]) -> bool:
    """Whether any of them cannot be used."""
    return any(each.faults for each in proposals)


def title(proposals: Iterable[Proposed], otherwise: str, limit: int) -> str:
    """The check's title: what must be mended, before what else it waits for."""
    wrong = [(each.what, len(each.faults)) for each in proposals if each.faults]
    if not wrong:
        return otherwise
    told = " and ".join(f"the proposed {what} ({count} fault{'s' * (count != 1)})" for what, count in wrong)
    return cut(f"Mend {told} first. {otherwise}", limit)


def lines(proposals: Iterable[Proposed]) -> Iterator[str]:
    """A section of the check for each proposal, as Markdown."""
    for each in proposals:
        yield f"### The proposed {each.what}"
        yield ""
        if each.faults:
            yield "It cannot be used. Merged like this, it would not take force: the version before would stay."
        else:
            yield "It can be used. Until it is merged, the version in force decides, also about this change."
        yield ""
        yield from _remarks(each.faults, "faults")
        yield from _remarks(each.warnings, "warnings", "looks wrong: ")


def _remarks(remarks: tuple[Remark, ...], many: str, lead: str = "") -> Iterator[str]:
    for each in remarks[:_SHOWN]:
        place = f"{code(each.place, 120)}: " if each.place else ""
        advice = f" ({code(each.advice, _WIDEST)})" if each.advice else ""
        yield f"- {place}{lead}{code(each.text, _WIDEST)}{advice}"
    if len(remarks) > _SHOWN:
        yield f"- … and {len(remarks) - _SHOWN} more {many}, which are not shown here"
    if remarks:
        yield ""
