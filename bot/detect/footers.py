"""Footers and statements: "Generated with [Claude Code](…)", "Written by Mistral Vibe.", "🤖 Prepared with Codex".

A footer is a line of its own, or follows a robot. What stands after "with" or "by" must be a tool's name and nothing
else: "Generated with: npx" and "Made with love" are not ours.
"""

import re
from collections.abc import Iterator

from bot.detect.marks import Tool
from bot.detect.subject import Found, Subject
from bot.detect.value import LENGTH, named_tool, names_only, plain
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "footers"

_VERB = (
    "generated|co-authored|coauthored|authored|written|created|prepared|built|made|implemented|developed|produced|drafted|coded|"
    "vibe[- ]coded|assisted|refactored|fixed|ported|translated"
)
_HOW = "mostly|entirely|fully|partly|partially|largely|automatically|completely|initially|primarily|almost entirely"
_WHAT = (
    "commit|patch|pr|pull request|mr|merge request|change|changes|code|implementation|"
    "work|fix|message|tests?|docs?|description"
)
_LINE = re.compile(
    r"^[^\w\n\[(]{0,12}"
    r"(?:(?:(?:this|the|all|most|of|these|automated|automatic|security|unit|initial|new)[ ]){0,3}"
    rf"(?:{_WHAT})?[ ]?(?:was|were|is|are|has been|have been)?[ ]?(?:{_HOW})?[ ]?)"
    rf"(?P<verb>{_VERB})[ ](?:(?:{_HOW})[ ])?(?:with|by|using|via|through)[ ]"
    r"(?:(?:the )?(?:help|assistance|support) (?:of|from) )?(?P<tool>[^\n]{2,240})$",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    rf"🤖[^\w\n]{{0,6}}(?P<verb>{_VERB})[ ](?:with|by|using|via)[ ](?P<tool>[^\n]{{2,240}})", re.IGNORECASE
)
_INSIDE = re.compile(
    rf"(?:{_HOW})[ ](?:{_VERB})[ ](?:with|by|using)[ ](?P<tool>[^\n.,;()]{{2,60}})(?:[.,;()]|$)", re.IGNORECASE
)
_HEAD_END = re.compile(
    r"[.,;:!\u2013\u2014](?:\s|$)| (?:and|then|but|for|to|from|in|on|as|so|which|who|because|under|after)\b| - "
)
_LINK_TEXT = re.compile(r"\[([^\[\]]{1,80})\]\(")
_ON_BEHALF = re.compile(r"^_?([a-z][\w.-]{3,60}) on behalf of [\w.-]{1,40}_?$", re.IGNORECASE | re.MULTILINE)
_OF_AN_AI = re.compile(r"(?:[A-Z][\w-]{1,20} ){1,3}AI\b")


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.trailers_only:
        return
    for line in subject.text.told:
        robot = _ROBOT.search(line) if "🤖" in line else None
        if robot is not None:
            yield from _footer(subject, robot, _signed(robot["tool"], subject))
            continue
        match = _LINE.match(line) or _INSIDE.search(line)
        if match is not None:
            yield from _footer(subject, match, _stated(match["tool"], subject))
    if " on behalf of " in subject.text.lowered:
        for match in _ON_BEHALF.finditer(subject.text.visible):
            yield from _footer(subject, match, _signed(match[1], subject))


def _footer(subject: Subject, match: re.Match[str], named: Tool | None) -> Iterator[Evidence]:
    if named is None:
        return
    ai_class = named.role.as_helper
    if ai_class is not AiClass.AUTOMATION:
        found = Found(NAME, named.name, ai_class, Strength.MEDIUM)
        yield subject.evidence(found, subject.at("footer"), match[0])


def _signed(text: str, subject: Subject) -> Tool | None:
    """After a robot it is a signature: a tool's name anywhere will do."""
    return named_tool(text, subject.catalogue, person_possible=False) or _stated(text, subject)


def _stated(text: str, subject: Subject) -> Tool | None:
    """A tool's name, and nothing else up to the end of the sentence."""
    link = _LINK_TEXT.match(text)
    if link is not None:
        tool = names_only(plain(link[1]), subject.catalogue)
        return tool or named_tool(text, subject.catalogue, person_possible=False)
    head = _HEAD_END.split(text[:LENGTH], maxsplit=1)[0].strip()
    tool = names_only(plain(head), subject.catalogue)
    if tool is None and _OF_AN_AI.fullmatch(head):
        tool = subject.catalogue.words.unnamed
    return tool
