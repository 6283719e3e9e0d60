"""git-ai's notes (refs/notes/ai, git-ai v3.0.0): only lines attested to an AI session count.

A note that attests no AI lines proves nothing: in git-ai's own repository 1,603 of 10,685 are such. A note can only add
evidence, never take any away.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.detect.subject import Found, Subject
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "notes"

_ATTESTED = re.compile(
    r"^[ \t]+((?:s_[0-9a-f]{14})(?:::t_[0-9a-f]{14})?|[0-9a-f]{16})[ \t]+(\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)[ \t]*\r?$",
    re.MULTILINE,
)


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if not subject.note:
        return
    attestation, _, metadata = subject.note.replace("\r\n", "\n").partition("\n---\n")
    names = _tools(metadata)
    seen: set[str] = set()
    for match in _ATTESTED.finditer("\n" + attestation):
        tool = names.get(match[1].partition("::")[0], "an AI tool")
        if tool not in seen:
            seen.add(tool)
            found = Found(NAME, tool, AiClass.AI_ASSISTED, Strength.STRONG)
            yield subject.evidence(found, subject.at("git-ai note"), match[0].strip())


def _tools(metadata: str) -> dict[str, str]:
    """The tool of each attested key, where the note says it."""
    try:
        data = json.loads(metadata)
    except (ValueError, RecursionError):
        return {}
    found: dict[str, str] = {}
    for part in ("sessions", "prompts"):
        entries = data.get(part) if isinstance(data, dict) else None
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            tool = _inside(entry, "agent_id", "tool")
            if isinstance(tool, str) and tool.strip():
                found[key] = tool.strip()[:80]
    return found


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
