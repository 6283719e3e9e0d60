"""Labels: an AI label counts from anybody, since it only adds, and counts on when it is taken off: that takes
somebody entitled and `/signoff clear`. No tool is known to set one; the list is the site's.
"""

from collections.abc import Iterator
from itertools import chain

from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "labels"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.change is None:
        return
    wanted = {label.strip().casefold() for label in subject.rules.ai_labels}
    standing = ((label, "") for label in subject.change.labels)
    once = ((each.label, ", taken off since") for each in subject.change.label_events if each.added)
    for label, since in chain(standing, once):
        name = label.strip().casefold()
        if name in wanted:
            wanted.remove(name)
            found = Found(NAME, "an AI tool", AiClass.AI_ASSISTED, Strength.STRONG)
            yield subject.evidence(found, f"label {label}"[:200] + since, label)
