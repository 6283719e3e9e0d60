"""Answers in templates: ticked boxes, and the text under a question, each with its polarity.

Known wordings are data (catalogue.yaml); others are read by their words. An unticked box says nothing, a box about
having read a policy says nothing, a box that says no is no evidence. The same reading serves declarations
(declare.py).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.detect.compiled import Catalogue
from bot.detect.marks import Polarity
from bot.detect.polarity import answer
from bot.detect.subject import Found, Subject
from bot.detect.text import quote
from bot.detect.value import named_tool
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "templates"

_BOX = re.compile(
    r"^[ \t]*(?:[-*+]|\d{1,3}[.)])?[ \t]?\[(?P<mark>[^\]\n]{1,3})\][ \t]*(?P<text>\S[^\n]*)$", re.MULTILINE
)
_HEADING = re.compile(r"[ \t]*(?:#{1,6}[ \t]|\*\*)[ \t]?(?P<text>[^\n]{2,300})")
_END = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]|\*\*\S|(?:closes|fixes|refs?) #|---|signed-off-by:|authored-by:|lead-authored-by:)",
    re.IGNORECASE,
)
_TICKED = re.compile(r"\[ ?[xX✓✔☑]")
_TICKS = frozenset("xX✓✔☑")

_ABOUT_AI = re.compile(
    r"\b(?:ai|llms?|genai|generative|artificial intelligence|language models?|copilot|chatgpt|claude|gemini|cursor|"
    r"gitlab duo)\b",
    re.IGNORECASE,
)
_TOOK_PART = re.compile(
    r"\b(?:used?|uses|using|assist\w*|generat\w+|creat\w+|wr(?:ote|itten)|(?:co-)?author\w*|help\w*|produc\w+|"
    r"contain\w*|tools?|took part)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:no|not|none|never|without|n[o']t|didn'?t|haven'?t|free of)\b", re.IGNORECASE)
_NEUTRAL = re.compile(
    r"\b(?:polic\w+|guidelines?|acknowledge\w*|agree|understand|read|terms|responsib\w+|verified|checked|"
    r"review(?:ed)? (?:all|every|any))\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"\?|\b(?:usage|disclosure|assistance|declaration|tools?)\b", re.IGNORECASE)


REPLY_LENGTH = 2000
"""How many characters below its question an answer may stand."""
ANSWER_WORDS = 3


class Answer(NamedTuple):
    """One answer: whether it says that AI took part, and the line that says so."""

    ai: bool
    line: str


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    if subject.trailers_only:
        return
    for given in answers(subject.text.visible, subject.catalogue):
        if given.ai:
            named = named_tool(given.line, subject.catalogue)
            tool = named.name if named else "an AI tool"
            found = Found(NAME, tool, AiClass.AI_ASSISTED, Strength.STRONG)
            yield subject.evidence(found, subject.at("template answer"), given.line)


def answers(visible: str, catalogue: Catalogue) -> list[Answer]:
    """Every answer in a text without quotes and comments, in order."""
    found: list[Answer] = []
    if _TICKED.search(visible):
        found += _ticked(visible, catalogue)
    if "# " in visible or "**" in visible:
        found += _written(visible, catalogue)
    return found


def _ticked(visible: str, catalogue: Catalogue) -> Iterator[Answer]:
    given = [
        (_polarity(match["text"], catalogue), match[0].strip())
        for match in _BOX.finditer(visible)
        if match["mark"].strip() in _TICKS
    ]
    says_no = any(polarity is Polarity.NO_AI for polarity, _ in given)
    for polarity, line in given:
        if polarity is Polarity.AI or (polarity is Polarity.AI_UNLESS_NO and not says_no):
            yield Answer(ai=True, line=line)
        elif polarity is Polarity.NO_AI:
            yield Answer(ai=False, line=line)


def _polarity(text: str, catalogue: Catalogue) -> Polarity:
    lowered = " ".join(text[:400].replace("*", "").replace("`", "").lower().split())
    known = [question for question in catalogue.questions if question.text in lowered]
    if known:  # the longest: "no AI took part" holds "AI took part"
        return max(known, key=lambda question: len(question.text)).answer
    if not (_ABOUT_AI.search(lowered) and _TOOK_PART.search(lowered)):
        return Polarity.NONE
    if _NEGATED.search(lowered):
        return Polarity.NO_AI
    if _NEUTRAL.search(lowered):
        return Polarity.NONE
    return Polarity.AI_UNLESS_NO if lowered.startswith("if ") else Polarity.AI


def _written(visible: str, catalogue: Catalogue) -> Iterator[Answer]:
    for match in _headings(visible):
        asked = match["text"].lower().strip(" *#:")
        known = any(question.text in asked and question.answer is Polarity.AI for question in catalogue.questions)
        if not known and not (_ABOUT_AI.search(asked) and _QUESTION.search(asked) and not _NEUTRAL.search(asked)):
            continue
        for reply in _replies(visible, match.end()):
            box = _BOX.match(reply)
            said = _chosen(box) if box is not None else answer(reply)
            if said is None and box is None and named_tool(reply, catalogue, person_possible=False):
                said = True
            if said is not None:
                yield Answer(ai=said, line=quote(f"{match['text'].strip()} {reply}"))


def _headings(visible: str) -> Iterator[re.Match[str]]:
    """Each heading of Markdown, or line that starts in bold; looked up by its sign, since most lines are neither."""
    starts: set[int] = set()
    for sign in ("# ", "**"):
        place = visible.find(sign)
        while place >= 0:
            starts.add(visible.rfind("\n", 0, place) + 1)
            end = visible.find("\n", place)
            place = visible.find(sign, end) if end >= 0 else -1
    for start in sorted(starts):
        match = _HEADING.match(visible, start)
        if match is not None:
            yield match


def _replies(visible: str, place: int) -> Iterator[str]:
    """The first line with anything on it after a heading, up to the next heading; of boxes all."""
    for line in visible[place : place + REPLY_LENGTH].split("\n")[1:]:
        if not line.strip():
            continue
        if _END.match(line):
            return
        yield line.strip()
        if not _BOX.match(line):
            return


def _chosen(box: re.Match[str]) -> bool | None:
    """What a ticked box under a question says that is nothing but a yes or a no ("- [x] Yes"); other wordings are read
    wherever they stand.
    """
    words = box["text"].replace("*", "").split()
    if box["mark"].strip() not in _TICKS or len(words) > ANSWER_WORDS:
        return None
    return answer(" ".join(words))
