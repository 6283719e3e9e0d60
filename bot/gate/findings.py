"""The evidence that counts: found now and remembered, without what landed already and what was cleared.

What is remembered adds to what is found and never takes away. When every commit of a change went through the gate
before, nothing of it is evidence, also not what its own text or opener says: nothing new comes in with it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.gate.matter import Matter
from bot.gate.people import Standing
from bot.model.decision import Reason
from bot.model.evidence import SHORT_KEY, Evidence
from bot.model.ids import AccountId

_KEY = re.compile(rf"[0-9a-fA-F]{{{SHORT_KEY},64}}")


@dataclass(frozen=True, slots=True)
class Cleared:
    """What is left after clearing, what was cleared by whom, and what was said in vain."""

    left: tuple[Evidence, ...]
    reasons: tuple[Reason, ...] = ()


def merged(matter: Matter) -> tuple[Evidence, ...]:
    """Every finding once, the strongest form of it, in an order that does not depend on when it was found."""
    if matter.all_landed:
        return ()
    landed = matter.memory.landed
    found: dict[str, Evidence] = {}
    for each in (*matter.evidence, *matter.memory.evidence):
        if each.commit is not None and each.commit in landed:
            continue
        key = each.key
        known = found.get(key)
        if known is None or _order(each) < _order(known):
            found[key] = each
    return in_order(found.values())


def in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The strongest and highest class first."""
    return tuple(sorted(evidence, key=_order))


def _order(each: Evidence) -> tuple[int, int, str, str, str, str, str]:
    return (
        -each.strength.value,
        -each.ai_class.rank,
        each.detector,
        each.tool,
        each.commit or "",
        each.where,
        each.quote,
    )


def named(what: str, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The findings that a clearance names: by key or the start of one, or by place or text, if exactly one answers to
    it. So whatever is found later under the same text or at the same place is not cleared with it.
    """
    what = what.strip()
    by_key = tuple(each for each in evidence if _KEY.fullmatch(what) and each.key.startswith(what.casefold()))
    if by_key:
        return by_key if len({each.key for each in by_key}) == 1 else ()
    others = tuple(each for each in evidence if what and what in (each.where.strip(), each.quote.strip()))
    return others if len(others) == 1 else ()


def _shown(what: str) -> str:
    """What a clearance names, as people say it: of a key the start."""
    return what[:SHORT_KEY] if _KEY.fullmatch(what) else what


def clear(matter: Matter, evidence: tuple[Evidence, ...], entitled: dict[AccountId, Standing]) -> Cleared:
    """The evidence without what entitled people cleared; `entitled` holds them by account id."""
    left, reasons = evidence, []
    for each in sorted(matter.memory.clearances, key=lambda each: (each.at, each.by, each.evidence, each.reason)):
        what = named(each.evidence, evidence)
        who = entitled.get(each.by)
        if who is None:
            text = "a clearance by somebody who may not clear evidence of this change is without effect"
            reasons.append(Reason("clearance_refused", text))
        elif not what:
            text = f"the clearance of {_shown(each.evidence)} names no single finding of this change"
            reasons.append(Reason("clearance_of_nothing", text))
        else:
            left = tuple(item for item in left if item not in what)
            text = f"{who.name} cleared {what[0].where}: {each.reason}"
            reasons.append(Reason("cleared", text, passes=True))
    return Cleared(left, tuple(reasons))
