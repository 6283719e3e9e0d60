"""Decides whether a value names a tool or a person: `Claude Opus 4.6 via Crush` or `Max Mustermann`.

`Assisted-by:` means both (439 of 440 values in curl's history, 2026, are people; in other projects nearly all are
tools), so the value is judged, not the key. What could be either is taken for a person.
"""

import re

from bot.detect import mailbox
from bot.detect.compiled import Catalogue
from bot.detect.identity import known_agent
from bot.detect.marks import Tool

LENGTH = 240

_LINK = re.compile(r"\[([^\[\]]{0,120})\]\(([^()\s]{0,200})\)?")
_WORDS = re.compile(r"[a-z0-9][a-z0-9.]*")
_VERSION = re.compile(r"v?\d[\d.]*[a-z]?\Z|[a-z]?\d[\d.]*[a-z]{0,2}\Z|\d+(?:b|k|m)\Z")
_KERNEL = re.compile(r"[a-z][\w.-]{0,40}:(?!//)[\w./-]*\d[\w./-]*(?: |\Z)")
_UNSEEN = re.compile(
    r"(?:[\w+-]+ ){1,4}"
    r"(?:v?\d{1,2}(?:\.\d{1,2})?(?: \([\w .-]{1,30}\))?|\([a-z][a-z.]{0,30}-v?\d{1,2}(?:\.\d{1,2})?\))\Z"
)
_ADDRESS = re.compile(r"https?://\S+")
_ABOUT_AI = re.compile(r"(?<![a-z])(?:ai|llms?|genai)(?![a-z])")


def named_tool(value: str, catalogue: Catalogue, *, person_possible: bool = True, unseen: bool = False) -> Tool | None:
    """The tool a value names, or None for a person or anything else.

    `person_possible`: a lone first name proves nothing there. `unseen`: a name and a version that nobody has seen
    before is a model (`Zephyr:zephyr-9`), as people's names hold no versions.
    """
    value = value[:LENGTH]
    boxes = list(mailbox.split(value))
    for name, box in boxes:
        tool = known_agent(name, box, catalogue)
        if tool is not None:
            return tool
    text = plain(value)
    tool = _sure(text, catalogue)
    if tool is None and not boxes:
        tool = _whole(text, catalogue, person_possible=person_possible) or _shaped(text, catalogue, unseen=unseen)
    return tool


def plain(value: str) -> str:
    """A value in lower case, without marks of Markdown; a link's address follows its text."""
    if "](" in value:
        value = _LINK.sub(r"\1 \2", value)
    return " ".join(value.replace("`", " ").replace("*", " ").replace('"', " ").lower().split()).strip(" .@")


def names_only(text: str, catalogue: Catalogue) -> Tool | None:
    """The tool that a plain text names with nothing else in it that could be about something else."""
    return _whole(text, catalogue, person_possible=False)


def _sure(text: str, catalogue: Catalogue) -> Tool | None:
    """A name that is nobody's and nothing else's, or a model with its version; the last name wins ("X via Crush")."""
    words = catalogue.words
    found = None
    for match in words.sure.finditer(text):
        found = words.names[match[0]]
    if found is not None:
        return found
    version = words.versioned.search(text)
    if version is None:
        return None
    via = text.rpartition(" via ")[2]
    return words.names.get(via.strip(" ()")) or words.models.get(version[1] or version[2])


def _whole(text: str, catalogue: Catalogue, *, person_possible: bool) -> Tool | None:
    """A text all of whose words belong to names of tools and models, one of them at least being such a name."""
    words = catalogue.words
    if person_possible and text in words.first_names:
        return None
    parts = _WORDS.findall(text.replace("_", " "))
    if not parts or len(parts) > 24:  # noqa: PLR2004  longer is prose
        return None
    parts = [part.strip(".") for part in parts]
    if not all(part in words.known or _VERSION.match(part) for part in parts):
        return _via(text, catalogue)
    return _anchor(text, parts, catalogue)


def _anchor(text: str, parts: list[str], catalogue: Catalogue) -> Tool | None:
    words = catalogue.words
    for size in (3, 2, 1):
        for end in range(len(parts), size - 1, -1):
            name = " ".join(parts[end - size : end])
            if name in words.names or name in words.models:
                return words.names.get(name) or words.models[name]
    return words.unnamed if "agent" in text and "model" in text else None


def _via(text: str, catalogue: Catalogue) -> Tool | None:
    """`<anything> via <tool>`: whoever goes through a tool is not a person."""
    head, via, tail = text.rpartition("via ")
    tool = catalogue.words.names.get(tail.split("<")[0].strip(" ()")) if via else None
    return tool if head else None


def _shaped(text: str, catalogue: Catalogue, *, unseen: bool) -> Tool | None:
    if _ADDRESS.match(text):
        return catalogue.words.unnamed if _ABOUT_AI.search(text) else None
    first, colon, _ = text.partition(":")
    if colon and first in catalogue.words.names:
        return catalogue.words.names[first]
    if unseen and "@" not in text and (_KERNEL.match(text) or _UNSEEN.match(text)):
        return catalogue.words.unnamed
    return None
