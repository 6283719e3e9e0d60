"""Blanks out what a message only quotes: block quotes, code fences, HTML comments and quoting HTML elements.

Only what is closed counts as quoted, so that one stray fence or `<!--` cannot hide the trailers after it. Blanked text
keeps its line ends: lines keep their numbers. It does not know what a trailer is.
"""

import re
from collections.abc import Iterator

_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*(?:[-*+] [ \t]*)?(`{3,}|~{3,})(.*)$", re.MULTILINE)
_QUOTING_ELEMENT = re.compile(r"<(/?)(?i:blockquote|pre)\b[^<>\n]{0,200}>?")
_INDENTED_QUOTE = re.compile(r"\n[ \t]+>")
_NOT_LINE_END = re.compile(r"[^\n]+")

Span = tuple[int, int]


def without_quotes(text: str) -> str:
    """The text without block quotes and fences; HTML comments stay, since some tools sign in them."""
    spans: list[Span] = []
    if "```" in text or "~~~" in text:
        spans += _fences(text)
    if "<" in text:
        spans += _elements(text)
    text = _blank(text, spans)
    return _QUOTED_LINE.sub("", text) if _has_quoted_line(text) else text


def without_comments(text: str) -> str:
    """The text without closed HTML comments."""
    return _blank(text, list(_comments(text))) if "<!--" in text else text


def _has_quoted_line(text: str) -> bool:
    return "\n>" in text or text.lstrip(" \t").startswith(">") or _INDENTED_QUOTE.search(text) is not None


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
