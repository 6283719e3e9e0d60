"""Disclosure standards in trailers: Assisted-by (Linux, Fedora, Mesa, LLVM), Generated-by (ASF), `AI-Assisted: yes`
and kin.

Whether `Assisted-by` names a person or a tool is judged by its value; an answer by its polarity. What a no means for
the gate is not decided here: a no is simply no evidence.
"""

from collections.abc import Iterator

from bot.detect.keys import ANSWERED, ASSISTED, GENERATED, GENERATED_BY, NAMED
from bot.detect.polarity import answer
from bot.detect.subject import Found, Subject
from bot.detect.trailers import Trailer
from bot.detect.value import named_tool
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "disclosure"
ANY_TOOL = "an AI tool"

_NOT_CODE = frozenset({"research", "review", "reviews", "brainstorming", "translation", "spelling", "learning"})


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    for trailer in subject.text.trailers:
        found = _judge(trailer, subject)
        if found is not None:
            yield subject.evidence(found, subject.at(f"trailer {trailer.name}"), f"{trailer.name}: {trailer.value}")


def _judge(trailer: Trailer, subject: Subject) -> Found | None:
    if any(shape.match(trailer.value) for shape, _ in subject.catalogue.trailers.get(trailer.key, ())):
        return None  # one tool's own trailer (tool_trailers.py)
    if trailer.key in ASSISTED or trailer.key in GENERATED:
        standard = trailer.key in ASSISTED
        person_possible = trailer.key.endswith("-by") and trailer.key not in GENERATED_BY
        named = named_tool(trailer.value, subject.catalogue, person_possible=person_possible, unseen=standard)
        if named is None or named.role.as_helper is AiClass.AUTOMATION:
            return None
        return Found(NAME, named.name, named.role.as_helper, Strength.STRONG)
    if trailer.key in ANSWERED:
        return None if answer(trailer.value) is False else _assisted(trailer, subject, Strength.STRONG)
    if trailer.key in NAMED:
        return _named(trailer, subject)
    return None


def _named(trailer: Trailer, subject: Subject) -> Found | None:
    said = answer(trailer.value)
    words = {word.strip(" .;").lower() for word in trailer.value.split(",")}
    if said is False or words <= _NOT_CODE:
        return None
    if trailer.key in {"ai", "llm", "drafted-with", "agent-signature"} and said is None:
        named = named_tool(trailer.value, subject.catalogue, person_possible=False)
        return Found(NAME, named.name, AiClass.AI_ASSISTED, Strength.STRONG) if named else None
    return _assisted(trailer, subject, Strength.STRONG)


def _assisted(trailer: Trailer, subject: Subject, strength: Strength) -> Found:
    named = named_tool(trailer.value, subject.catalogue, person_possible=False)
    return Found(NAME, named.name if named else ANY_TOOL, AiClass.AI_ASSISTED, strength)
