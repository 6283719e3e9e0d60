"""One commit, several changes: what is published on it is the worst of their verdicts.

The check belongs to the commit, so a change that is allowed waits for one with the same head that is not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.model.decision import Decision, Verdict


@dataclass(frozen=True, slots=True)
class Other:
    """Another open change with the same head, and how it stands. `refused`: a reviewer asked for changes."""

    name: str
    verdict: Verdict
    title: str
    refused: bool = False


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts; of none it is unknown."""
    return max(verdicts, key=lambda each: each.severity, default=Verdict.UNKNOWN)


def other(name: str, decision: Decision) -> Other:
    """How a decided change stands, for the changes that share its head."""
    return Other(name, decision.verdict, decision.title, refuses(decision))


def refuses(decision: Decision) -> bool:
    """Whether the check is to be failed and not merely open: somebody asked for changes."""
    return decision.verdict is Verdict.HOLD and decision.guarded and bool(decision.objections)


def holder(verdict: Verdict, others: Iterable[Other]) -> Other | None:
    """The change that keeps a commit from passing more than a verdict does, None if none does.

    The same one whatever the order: the worst, an objection before a wait, then by name.
    """
    ranked = sorted(others, key=lambda each: (-each.verdict.severity, not each.refused, each.name))
    return ranked[0] if ranked and ranked[0].verdict.severity > verdict.severity else None
