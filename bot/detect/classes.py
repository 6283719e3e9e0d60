"""What evidence amounts to: the highest class among the findings that are strong enough. Nothing is added up."""

from collections.abc import Iterable

from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.policy import DetectionRules


def classify(evidence: Iterable[Evidence], minimum_strength: Strength = Strength.MEDIUM) -> AiClass:
    """The highest class among the findings of at least that strength; `none-disclosed` without any."""
    classes = (found.ai_class for found in evidence if found.strength.value >= minimum_strength.value)
    return max(classes, key=lambda ai_class: ai_class.rank, default=AiClass.NONE_DISCLOSED)


def counting(evidence: Iterable[Evidence], rules: DetectionRules) -> tuple[Evidence, ...]:
    """The findings each of which makes a change AI-assisted by the rules."""
    minimum = rules.minimum_strength.value
    return tuple(each for each in evidence if each.ai_class in rules.counts and each.strength.value >= minimum)
