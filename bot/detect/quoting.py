"""Blanks out what a message only quotes: block quotes, code fences, HTML comments, quoting HTML elements, and what a
revert quotes of the commit it takes back.

Only what is closed counts as quoted, so that one stray fence or `<!--` cannot hide the trailers after it. Blanked text
keeps its line ends: lines keep their numbers. It does not know what a trailer is.
"""

import re
from collections.abc import Iterator

_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:[-*+] [ \t]*)?(`{3,}|~{3,})(.*)$", re.MULTILINE)
_QUOTING_ELEMENT = re.compile(r"<(/?)(?i:blockquote|pre)\b[^<>\n]{0,200}>?")
_INDENTED_QUOTE = re.compile(r"\n[ \t]+>")
_REVERT = re.compile(r"^[ \t]{0,8}(?:[-*+][ \t]{1,4})?(?:Revert|Reapply) \"", re.MULTILINE)
_AFTER_SUBJECT = re.compile(r"[ \t]{0,8}(?:\(#\d{1,12}\))?\.?[ \t]{0,8}\Z")
_REVERTED = re.compile(
    r"\"[ \t]{0,8}\n{1,3}[ \t]{0,8}(?:This reverts (?:commit [0-9a-f]{7,64}\b|merge request )|Reverts "
    r"(?:[\w.-]{1,100}(?:/[\w.-]{1,100}){1,8})?[#!]\d)"
)
_INLINE = re.compile(
    r"(?<!`)`{1,3}[^`\n]{3,400}`{1,3}|\"[^\"\n]{3,400}\"|\u201c[^\u201c\u201d\n]{3,400}\u201d"
    r"|\u201e[^\u201c-\u201e\n]{3,400}[\u201c\u201d]|\xab[^\xab\xbb\n]{3,400}\xbb|(?<!\w)'[^'\n]{3,400}'(?!\w)"
)
_INLINE_MARKS = "`\"'\u201c\u201e\xab"
_SAYING = re.compile(r" (?:with|by|using|via|through) ")
_NOT_LINE_END = re.compile(r"[^\n]+")

QUOTED = "[…]"
"""Stands where a line quoted somebody: no statement begins with it."""

Span = tuple[int, int]


def without_quotes(text: str) -> str:
    """The text without block quotes, fences and what a revert quotes; HTML comments stay, some tools sign in them."""
    spans: list[Span] = []
    if 'Revert "' in text or 'Reapply "' in text:
        spans += _reverted(text)
    if "```" in text or "~~~" in text:
        spans += _fences(text)
    if "<" in text:
        spans += _elements(text)
    text = _blank(text, spans)
    return _QUOTED_LINE.sub("", text) if _has_quoted_line(text) else text


def without_comments(text: str) -> str:
    """The text without closed HTML comments."""
    return _blank(text, list(_comments(text))) if "<!--" in text else text


def said(line: str) -> str:
    """A line without the statements that it quotes, in backticks or quotation marks, inside a sentence of its own.

    A line that is nothing but the quotation is a statement: whoever signs in backticks has signed.
    """
    if not any(mark in line for mark in _INLINE_MARKS):
        return line
    own = _INLINE.sub(_unless_statement, line)
    outside = own.replace(QUOTED, "")
    return own if any(character.isalnum() for character in outside) else line


def _unless_statement(quoted: re.Match[str]) -> str:
    return QUOTED if _SAYING.search(quoted[0]) else quoted[0]


def _reverted(text: str) -> Iterator[Span]:
    """What stands between the marks of `Revert "…"`: to the end of its line, or, where the whole message was quoted and
    no mark closes it there, up to the sentence that says which commit is reverted. Without either, nothing.
    """
    subject, place = len(text) - len(text.lstrip()), 0
    while (opened := _REVERT.search(text, place)) is not None:
        start = opened.end()
        line_end = text.find("\n", start)
        place = line_end if line_end >= 0 else len(text)
        last = text.rfind('"', start, place)
        if last >= 0 and not _AFTER_SUBJECT.match(text[last + 1 : place]):
            last = text.find('"', start, place)
        if last < 0 and opened.start() <= subject:
            closed = _REVERTED.search(text, place)
            last = closed.start() if closed is not None else -1
        if last >= 0:
            yield start, last
            place = max(place, last)


def _has_quoted_line(text: str) -> bool:
    if "\n>" in text or text.lstrip(" \t").startswith(">"):
        return True
    return (" >" in text or "\t>" in text) and _INDENTED_QUOTE.search(text) is not None


def _comments(text: str) -> Iterator[Span]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield start, end + 3
        start = text.find("<!--", end + 3)


def _fences(text: str) -> Iterator[Span]:
    opened: dict[str, int] = {}
    for match in _FENCE.finditer(text):
        mark = match[1][0]
        if mark not in opened:
            opened[mark] = match.start()
        elif not match[2].strip():
            yield opened.pop(mark), match.end()


def _elements(text: str) -> Iterator[Span]:
    depth = start = 0
    for match in _QUOTING_ELEMENT.finditer(text):
        if not match[1]:
            start = start if depth else match.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield start, match.end()


def _blank(text: str, spans: list[Span]) -> str:
    if not spans:
        return text
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        begin = max(start, done)
        parts += (text[done:begin], _NOT_LINE_END.sub("", text[begin:end]))
        done = end
    return "".join([*parts, text[done:]])
