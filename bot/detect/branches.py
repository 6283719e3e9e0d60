"""Branch names and title prefixes that agents use by default. Medium evidence: people can name a branch `claude/…` too.

In the subject of a merge commit a branch name is a mere mention: the merged commits are judged themselves.
"""

import re
from collections.abc import Iterator

from bot.detect.marks import Tool
from bot.detect.subject import Found, Subject
from bot.model.change import Change
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "branches"
LONGEST = 255

_MERGED = re.compile(
    r"Merge pull request #\d{1,12} from [^\s/]{1,60}/(\S{1,255})|Merge (?:remote-tracking )?branch '([^'\s]{1,255})'"
)
_REVERT = re.compile(r"revert-\d{1,12}-")


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.change is not None:
        yield from _change(subject, subject.change)
        yield from _titled(subject, subject.change.title, "title")
        return
    yield from _titled(subject, subject.text.subject, subject.at("subject"))
    if subject.text.subject.startswith("Merge "):
        match = _MERGED.match(subject.text.subject)
        tool = _tool(match[1] or match[2], subject) if match else None
        if match and tool:
            found = Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.WEAK)
            yield subject.evidence(found, subject.at("merged branch"), match[0])


def _change(subject: Subject, change: Change) -> Iterator[Evidence]:
    tool = _tool(change.branch, subject)
    if tool is not None and change.branch not in {change.base, change.default_branch}:
        strength = Strength.WEAK if _REVERT.match(change.branch) else Strength.MEDIUM
        yield subject.evidence(Found(NAME, tool.name, AiClass.AI_ASSISTED, strength), "branch name", change.branch)


def _titled(subject: Subject, title: str, where: str) -> Iterator[Evidence]:
    for start, tool in subject.catalogue.titles:
        if start.match(title[:LONGEST]):
            yield subject.evidence(Found(NAME, tool.name, AiClass.AI_ASSISTED, Strength.MEDIUM), where, title)


def _tool(branch: str, subject: Subject) -> Tool | None:
    name = _REVERT.sub("", branch[:LONGEST], count=1)
    return next((tool for start, tool in subject.catalogue.branches if start.match(name)), None)
