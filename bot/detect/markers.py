"""Markers: fixed texts that tools put into messages and bodies, often as HTML comments that survive a squash merge.

Those of summaries and reviews (`CURSOR_SUMMARY`, Bugbot, CodeRabbit) say who described the change, not who wrote it.
"""

import re
from collections.abc import Iterator

from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "markers"

_TRANSCRIPT = re.compile(r"^#+ Context:[ \t]*\n\s{0,20}USER: ", re.MULTILINE)


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.trailers_only:
        return
    text = subject.text.unquoted
    commented = "<!--" in text
    for marks, ai_class, what in (
        (subject.catalogue.markers, AiClass.AI_ASSISTED, "marker"),
        (subject.catalogue.summaries, AiClass.AI_REVIEWED_ONLY, "summary"),
    ):
        for marker, tool in marks:
            place = text.find(marker) if commented or not marker.startswith("<!--") else -1
            if place >= 0:
                found = Found(NAME, tool.name, ai_class, Strength.MEDIUM)
                yield subject.evidence(found, subject.at(what), _line(text, place))
    if "USER: " in text:
        transcript = _TRANSCRIPT.search(text)
        if transcript is not None:  # aider's first releases, 2023
            found = Found(NAME, "Aider", AiClass.AI_ASSISTED, Strength.MEDIUM)
            yield subject.evidence(found, subject.at("transcript"), transcript[0])


def _line(text: str, place: int) -> str:
    end = text.find("\n", place)
    return text[place : end if end >= 0 else len(text)]
