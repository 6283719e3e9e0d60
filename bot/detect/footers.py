"""Footers and statements: "Generated with [Claude Code](…)", "Written by Mistral Vibe.", "🤖 Prepared with Codex".

A footer is a line of its own, or follows a robot. What stands after "with" or "by" must be a tool's name and nothing
else: "Generated with: npx" and "Made with love" are not ours. Names that people bear too count where no person could
stand. The words of other languages are in translations.py.
"""

import re
from collections.abc import Iterator

from bot.detect import translations
from bot.detect.marks import Tool
from bot.detect.subject import Found, Subject, in_own_words
from bot.detect.value import LENGTH, named_tool, names_only, plain
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "footers"

_VERB = (
    "generated|co-authored|coauthored|authored|written|created|prepared|built|made|implemented|developed|produced|drafted|coded|"
    "vibe[- ]?coded|assisted|refactored|fixed|ported|translated|pair[- ]programmed|programmed|paired|"
    "co-created|co-written|co-developed"
)
_HOW = "mostly|entirely|fully|partly|partially|largely|automatically|completely|initially|primarily|almost entirely"
_WHAT = (
    "commit|patch|pr|pull request|mr|merge request|change|changes|code|implementation|revert|"
    "work|fix|message|tests?|docs?|description"
)
_LINE = re.compile(
    r"^[^\w\n\[(]{0,12}"
    r"(?:(?:(?:this|the|all|most|of|these|automated|automatic|security|unit|initial|new)[ ]){0,3}"
    rf"(?:{_WHAT})?[ ]?(?:(?:in|of|for)[ ](?:this|the)[ ](?:{_WHAT})[ ])?"
    rf"(?:was|were|is|are|has been|have been)?[ ]?(?:{_HOW})?[ ]?)"
    rf"(?P<verb>{_VERB})[ ](?:(?:{_HOW})[ ])?(?P<way>with|by|using|via|through)[ ]"
    r"(?:(?:the )?(?:help|assistance|support) (?:of|from) )?(?P<tool>[^\n]{2,240})$",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    rf"🤖[^\w\n]{{0,6}}(?P<verb>{_VERB})[ ](?:with|by|using|via)[ ](?P<tool>[^\n]{{2,240}})", re.IGNORECASE
)
_INSIDE = re.compile(
    rf"(?<!not )(?:{_HOW})[ ](?:{_VERB})[ ](?:with|by|using)[ ](?P<tool>[^\n.,;()]{{2,60}})(?:[.,;()]|$)", re.IGNORECASE
)
_REVERTS = re.compile(
    r"^[ \t]*(?:Revert \"|This reverts |Reverts (?:[\w.-]{1,100}/[\w./-]{1,200})?[#!]\d)", re.MULTILINE | re.IGNORECASE
)
_NOBODY = frozenset[str]()
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
    taken_back = "🤖" in subject.text.visible and _REVERTS.search(subject.text.visible) is not None
    for line in subject.text.told:
        yield from _in_line(subject, line, taken_back=taken_back)
    if " on behalf of " in subject.text.lowered:
        for match in _ON_BEHALF.finditer(subject.text.visible):
            yield from _footer(subject, match[0], _signed(match[1], subject))


def in_other_languages(subject: Subject) -> Iterator[Evidence]:
    """Footers in other languages than English. Nearly no message has one; to look is dear."""
    for line in translations.lines(subject.text.visible, subject.text.lowered):
        yield from _translated(subject, in_own_words(line))


def _in_line(subject: Subject, line: str, *, taken_back: bool) -> Iterator[Evidence]:
    """The footer in a line. In the middle of a sentence of a revert a robot may have signed what is `taken_back`."""
    robot = _ROBOT.search(line) if "🤖" in line else None
    if robot is not None and not (taken_back and any(each.isalnum() for each in line[: robot.start()])):
        yield from _footer(subject, robot[0], _signed(robot["tool"], subject))
        return
    stated = line if robot is None else " ".join(line.replace("🤖", " ").split())
    match = _LINE.match(stated)
    if match is not None:
        people = _people(match["verb"].lower(), match["way"].lower(), subject)
        yield from _footer(subject, match[0], _stated(match["tool"], subject, people))
        return
    inside = _INSIDE.search(stated)
    if inside is not None:
        yield from _footer(subject, inside[0], _stated(inside["tool"], subject))


def _translated(subject: Subject, line: str) -> Iterator[Evidence]:
    signed = "🤖" in line
    for each in translations.footers(line):
        people = _first_names(subject) if each.person_possible and not signed else _NOBODY
        named = _stated(each.tool.strip(), subject, people)
        if named is not None and (signed or not _everyday(each.tool.strip(), subject)):
            yield from _footer(subject, line, named)
            return


def _everyday(name: str, subject: Subject) -> bool:
    """Whether a name that is also a word is written like the word: "creado con cursor" is about a database."""
    return name.isalpha() and name.islower() and subject.catalogue.words.sure.fullmatch(name) is None


def _people(verb: str, way: str, subject: Subject) -> frozenset[str]:
    """The names of tools that are a person's where these words stand before them: people pair, and write things."""
    if verb.startswith("pair"):
        return _first_names(subject)
    return subject.catalogue.words.first_names if way == "by" and verb != "generated" else _NOBODY


def _first_names(subject: Subject) -> frozenset[str]:
    return subject.catalogue.words.first_names | {"claude"}


def _footer(subject: Subject, line: str, named: Tool | None) -> Iterator[Evidence]:
    if named is None:
        return
    ai_class = named.role.as_helper
    if ai_class is not AiClass.AUTOMATION:
        found = Found(NAME, named.name, ai_class, Strength.MEDIUM)
        yield subject.evidence(found, subject.at("footer"), line)


def _signed(text: str, subject: Subject) -> Tool | None:
    """After a robot it is a signature: a tool's name anywhere will do."""
    return named_tool(text, subject.catalogue, person_possible=False) or _stated(text, subject)


def _stated(text: str, subject: Subject, people: frozenset[str] = _NOBODY) -> Tool | None:
    """A tool's name, and nothing else up to the end of the sentence; one of `people`'s names is none."""
    link = _LINK_TEXT.match(text)
    if link is not None:
        tool = names_only(plain(link[1]), subject.catalogue)
        return tool or named_tool(text, subject.catalogue, person_possible=False)
    head = _HEAD_END.split(text[:LENGTH], maxsplit=1)[0].strip()
    name = plain(head)
    tool = names_only(name, subject.catalogue) if name not in people else None
    if tool is None and _OF_AN_AI.fullmatch(head):
        tool = subject.catalogue.words.unnamed
    return tool
