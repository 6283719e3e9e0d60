"""Bytes to a document: a tree that remembers where everything stands, and what was wrong on the way.

Text that is JSON as a whole is read by JSON's rules, all else as YAML without its traps (see `bot.rules.tree`) and
without what can hide something or cost a lot (see `bot.rules.builder`). Nothing here knows what the keys mean.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from bot.rules.builder import Builder, place_of
from bot.rules.faults import START, Fault, FaultsError, Place, shown
from bot.rules.json_events import json_events
from bot.rules.tree import Node, Scalar

LARGEST = 1024 * 1024
"""Bytes of a rules or roster file."""

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's tree, or a part of it, and the faults found while reading it."""

    name: str
    root: Node
    faults: tuple[Fault, ...] = ()

    def fault(self, place: Place, message: str, hint: str = "") -> Fault:
        """A fault at a place of this document."""
        return Fault(self.name, place.line, place.column, message, hint)


def read_document(data: bytes, name: str, largest: int = LARGEST) -> Document:
    """The tree of a file. FaultsError if it cannot be read to the end; lesser faults come with the document."""
    if len(data) > largest:
        raise FaultsError([Fault(name, *START, f"the file is too big: the most is {largest:,} bytes", "split it")])
    text = _decoded(data, name)
    builder = Builder(name)
    json = json_events(text)
    try:
        for event in json or yaml.parse(text, Loader=Loader):
            builder.take(event)
    except yaml.YAMLError as error:
        raise FaultsError([*builder.faults, *_syntax_faults(error, text, name)]) from None
    if json is None:
        builder.faults.extend(_tabs(text, name, builder.exempt))
    return Document(name, builder.root or Scalar(START, "", plain=True), tuple(builder.faults))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8")) + 1
        fault = Fault(name, before.count(b"\n") + 1, column, "this is not UTF-8", "save the file as UTF-8")
        raise FaultsError([fault]) from None


def _syntax_faults(error: yaml.YAMLError, text: str, name: str) -> list[Fault]:
    """A parser's error in our words. It stops at the first one; tabs, the commonest cause, are all told."""
    if tabs := list(_tabs(text, name, exempt=[])):
        return tabs
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
    place = place_of(mark)
    message = f"this is not YAML: {problem}"
    if context := getattr(error, "context", None):
        message += f" ({context} that begins in line {place_of(getattr(error, 'context_mark', None)).line})"
    if not mark and (odd := re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)):
        line = text.count("\n", 0, odd.start()) + 1
        place = Place(line, odd.start() - text.rfind("\n", 0, odd.start()))
        message = f"the character {shown(odd[0])} is not allowed in YAML"
    return [Fault(name, *place, shown(message, 300), "check indentation, colons, brackets and quotes up to here")]


def _tabs(text: str, name: str, exempt: Iterable[range]) -> Iterator[Fault]:
    """Every line indented with a tab, outside quoted and block text."""
    allowed = {line for lines in exempt for line in lines}
    for number, line in enumerate(text.split("\n"), 1):
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indent and line.strip() and number not in allowed:
            column = indent.index("\t") + 1
            yield Fault(name, number, column, "a tab; YAML is indented with spaces", "replace the tab with spaces")
