"""Session keys: trailers by which a tool links the commit to the conversation that made it, and bare session
addresses.

They survive when attribution is switched off (seen for Claude Code and Copilot, 2026). A key proves something with an
address, an id or a tool's name behind it; before other words it is a mention: people write about sessions too.
"""

import re
from collections.abc import Iterator

from bot.detect.polarity import answer
from bot.detect.subject import Found, Subject
from bot.detect.value import names_only, plain
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "sessions"
ID_LENGTH = 12
"""A word of so many letters, with nothing behind it, may be an id."""

_BEFORE_ADDRESS = " \t*_-<([`"
_ADDRESS_OR_ID = re.compile(
    r"[`<\[(\"']{0,3}(?:https?://|(?=[\w-]{0,80}\d)[A-Za-z]{0,10}[_-]?[0-9A-Fa-f]{8}|(?=[\w-]{0,80}\d)[0-9A-Z]{20,}\b)"
)
_MARKED = re.compile(r"[\d/:._-]")


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    for trailer in subject.text.trailers:
        tool = subject.catalogue.sessions.get(trailer.key)
        if tool is not None and answer(trailer.value) is not False:
            strength = Strength.STRONG if _tells(trailer.value, subject) else Strength.WEAK
            found = Found(NAME, tool.name, AiClass.AI_ASSISTED, strength)
            yield subject.evidence(found, subject.at(f"trailer {trailer.name}"), f"{trailer.name}: {trailer.value}")
    for start, tool in subject.catalogue.session_links:
        if start in subject.text.visible:
            yield from _bare(subject, start, Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.STRONG))


def _tells(value: str, subject: Subject) -> bool:
    """Whether a value is a session's address or id, or names the tool (`Entire-Agent: Claude Code`)."""
    if _ADDRESS_OR_ID.match(value):
        return True
    word = value.rstrip(".,;!")
    if len(word.split()) == 1 and (_MARKED.search(word) or len(word) >= ID_LENGTH):
        return True
    return names_only(plain(value), subject.catalogue) is not None


def _bare(subject: Subject, start: str, found: Found) -> Iterator[Evidence]:
    """The address alone on its line."""
    for line in subject.text.visible.split("\n"):
        address = line.strip(_BEFORE_ADDRESS)
        if address.startswith(start) and " " not in address:
            yield subject.evidence(found, subject.at("session address"), address)
            return
