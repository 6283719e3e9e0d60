r"""JSON text as the parser events that YAML gives, so that one tree builder serves both.

YAML readers do not quite read JSON: they stumble over tabs, pairs of `\ud83d\ude00` escapes and odd line breaks in
strings. So what is JSON as a whole never goes through one. Values are not judged here.
"""

import json
import re
from collections.abc import Iterator

import yaml

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[][{}:,]|[^][{}:,"\s]+)', re.DOTALL)


def json_events(text: str) -> list[yaml.Event] | None:
    """The events of a JSON object; None if the text is not one as a whole."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return list(_events(text))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _events(text: str) -> Iterator[yaml.Event]:
    """Events of text that is known to be JSON, so that every token is one of a few."""
    marks = _Marks(text)
    for found in TOKEN.finditer(text):
        token = found[1]
        start, end = marks.at(found.start(1)), marks.at(found.end(1))
        match token[0]:
            case "{":
                yield yaml.MappingStartEvent(None, None, True, start, end, flow_style=True)
            case "}":
                yield yaml.MappingEndEvent(start, end)
            case "[":
                yield yaml.SequenceStartEvent(None, None, True, start, end, flow_style=True)
            case "]":
                yield yaml.SequenceEndEvent(start, end)
            case '"':
                yield yaml.ScalarEvent(None, None, (False, True), json.loads(token), start, end, style='"')
            case ":" | ",":
                pass
            case _:
                yield yaml.ScalarEvent(None, None, (True, False), token, start, end)


class _Marks:
    """Turns ascending offsets into lines and columns, looking at each character once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 0
        self.line_start = 0
        self.seen = 0

    def at(self, offset: int) -> yaml.Mark:
        """The place of an offset that is not before the last one asked for."""
        breaks = self.text.count("\n", self.seen, offset)
        if breaks:
            self.line += breaks
            self.line_start = self.text.rfind("\n", self.seen, offset) + 1
        self.seen = offset
        return yaml.Mark("", offset, self.line, offset - self.line_start, None, 0)
