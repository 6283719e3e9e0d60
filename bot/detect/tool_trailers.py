"""Trailers that one tool writes and nobody else: `Made-with: Cursor`, `Replit-Commit-Author: Agent`, Gas Town's
`Executed-By`.

The value must have the shape that the catalogue gives; `Made-with: love` is none of ours.
"""

from collections.abc import Iterator

from bot.detect.keys import REVIEW
from bot.detect.subject import Found, Subject
from bot.detect.value import named_tool
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "trailers"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    of_a_rig = _of_a_rig(subject.text.lowered)
    for trailer in subject.text.trailers:
        shown = f"{trailer.name}: {trailer.value}"
        where = subject.at(f"trailer {trailer.name}")
        for shape, tool in subject.catalogue.trailers.get(trailer.key, ()):
            if shape.match(trailer.value):
                ai_class = AiClass.AI_REVIEWED_ONLY if trailer.key in REVIEW else tool.role.as_helper
                yield subject.evidence(Found(NAME, tool.name, ai_class, Strength.STRONG), where, shown)
        if trailer.key == "executed-by" and of_a_rig:
            found = Found(NAME, "Gas Town", AiClass.AI_ASSISTED, Strength.STRONG)
            yield subject.evidence(found, where, shown)
        elif trailer.key == "executed-by":
            named = named_tool(trailer.value, subject.catalogue)
            if named is not None:
                found = Found(NAME, named.name, named.role.as_helper, Strength.MEDIUM)
                yield subject.evidence(found, where, shown)


def _of_a_rig(lowered: str) -> bool:
    """Whether Gas Town's next line follows, `Rig:`; alone or in another order these are anybody's words."""
    rig = lowered.rfind("\nrig:")
    return rig >= 0 and 0 <= lowered.find("executed") < rig
