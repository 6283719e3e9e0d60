"""Addresses of an agent's sessions and tasks (Devin, Jules, Codex, Cursor, Amp, opencode).

In the body of a change anywhere; in a commit only at the end of a short line, as a squash leaves the body's footer. A
person who links to a session in passing is the price; so it is medium evidence.
"""

from collections.abc import Iterator

from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "links"
LEAD = 40
"""How many characters may stand before the address on a line of a commit's message."""


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    text = subject.text.visible
    if subject.trailers_only or "https://" not in text:
        return
    for start, tool in subject.catalogue.links:
        place = text.find(start)
        if place >= 0 and (subject.change is not None or _ends_a_short_line(text, place)):
            found = Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.MEDIUM)
            yield subject.evidence(found, subject.at("session address"), text[place : place + 200].split()[0])


def _ends_a_short_line(text: str, place: int) -> bool:
    before = text[max(0, place - LEAD - 1) : place].rpartition("\n")
    after = text[place : place + 300].split("\n", 1)[0]
    return bool(before[1]) and " " not in after.rstrip(" )*_.")
