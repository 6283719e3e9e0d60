"""Mere mentions of a tool: weak evidence, shown to people and never counted by the default rules.

Only names that mean nothing but a tool, and only where nothing else was found: "cursor" and "gemini" are words.
"""

from collections.abc import Iterator

from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "mentions"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.trailers_only:
        return
    mention = subject.catalogue.words.mentioned(subject.text.lowered)
    if mention is not None:
        tool = subject.catalogue.words.names[mention[0]]
        found = Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.WEAK)
        yield subject.evidence(found, subject.at("mention"), _around(subject.text.visible, mention.start()))


def _around(visible: str, place: int) -> str:
    """What stands around a mention; lower-casing may have moved it by a few characters."""
    start = max(visible.rfind("\n", 0, place) + 1, place - 60)
    return visible[start : place + 120].split("\n", 1)[0]
