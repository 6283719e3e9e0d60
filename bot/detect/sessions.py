"""Session keys: trailers by which a tool links the commit to the conversation that made it, and bare session
addresses.

They survive when attribution is switched off (seen for Claude Code and Copilot, 2026). A key counts with any value
but a no.
"""

from collections.abc import Iterator

from bot.detect.polarity import answer
from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "sessions"

_BEFORE_ADDRESS = " \t*_-<([`"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    for trailer in subject.text.trailers:
        tool = subject.catalogue.sessions.get(trailer.key)
        if tool is not None and answer(trailer.value) is not False:
            found = Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.STRONG)
            yield subject.evidence(found, subject.at(f"trailer {trailer.name}"), f"{trailer.name}: {trailer.value}")
    for start, tool in subject.catalogue.session_links:
        if start in subject.text.visible:
            yield from _bare(subject, start, Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.STRONG))


def _bare(subject: Subject, start: str, found: Found) -> Iterator[Evidence]:
    """The address alone on its line."""
    for line in subject.text.visible.split("\n"):
        address = line.strip(_BEFORE_ADDRESS)
        if address.startswith(start) and " " not in address:
            yield subject.evidence(found, subject.at("session address"), address)
            return
