"""Labels: an AI label counts from anybody, since it only adds. No tool is known to set one; the list is the site's."""

from collections.abc import Iterator

from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "labels"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.change is None:
        return
    wanted = {label.strip().casefold() for label in subject.rules.ai_labels}
    for label in subject.change.labels:
        if label.strip().casefold() in wanted:
            found = Found(NAME, "an AI tool", AiClass.AI_ASSISTED, Strength.STRONG)
            yield subject.evidence(found, f"label {label}"[:200], label)
