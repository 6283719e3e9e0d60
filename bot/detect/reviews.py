"""Prose that says who found, reported or reviewed something: "Found by Codex Security" is a review, not authorship."""

import re
from collections.abc import Iterator

from bot.detect.subject import Found, Subject
from bot.detect.value import names_only, plain
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "reviews"

_REVIEWED = re.compile(
    r"\b(?:found|spotted|reported|pointed out|flagged|detected|caught|identified|discovered|suggested|noticed|"
    r"reviewed|raised|"
    r"requested) by[ ](?P<tool>[^\n.,;:()#]{2,60})",
    re.IGNORECASE,
)
_REVIEW_OF = re.compile(r" (?:on|in|at|during|while|when|for|and|as|review|code review|security review|bot)\b")


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.trailers_only:
        return
    for line in subject.text.told:
        for match in _REVIEWED.finditer(line):
            yield from _said(subject, match, Found(NAME, "", AiClass.AI_REVIEWED_ONLY, Strength.MEDIUM))


def _said(subject: Subject, match: re.Match[str], found: Found) -> Iterator[Evidence]:
    name = plain(_REVIEW_OF.split(match["tool"], maxsplit=1)[0])
    tool = names_only(name, subject.catalogue)
    if tool is not None and tool.role.as_helper is not AiClass.AUTOMATION:
        yield subject.evidence(
            Found(found.detector, tool.name, found.ai_class, found.strength), subject.at("statement"), match[0]
        )
