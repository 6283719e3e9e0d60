"""Parser events to a tree. Anchors, aliases, tags, several documents, duplicate keys and deep nesting are refused here.

It keeps no call stack of its own making: a file cannot exhaust it.
"""

import re
from typing import Any

import yaml

from bot.rules.faults import START, Fault, FaultsError, Place, shown
from bot.rules.tree import Mapping, Node, Scalar, Sequence

SURROGATE = re.compile("[\ud800-\udfff]")
DEEPEST = 24
MOST_FAULTS = 1000
"""After this many faults the file is read no further."""


def place_of(mark: Any) -> Place:
    """A parser's mark as a place; the start of the file if there is none."""
    return Place(mark.line + 1, mark.column + 1) if mark else START


class Builder:
    """Puts events together into a tree, and notes on the way what is not allowed.

    `exempt` holds the lines in which quoted and block text goes on: their indentation is their own affair.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.faults: list[Fault] = []
        self.exempt: list[range] = []
        self.documents = 0
        self.open: list[tuple[Sequence | Mapping, tuple[str, Place] | None]] = []

    def take(self, event: yaml.Event) -> None:
        """Take the next event."""
        place = place_of(event.start_mark)
        match event:
            case yaml.DocumentStartEvent():
                self._document(place)
            case yaml.ScalarEvent():
                self._refuse_tricks(event, place)
                self._scalar(event, place)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._refuse_tricks(event, place)
                self._open(Sequence(place) if isinstance(event, yaml.SequenceStartEvent) else Mapping(place))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._fault(place, "an alias (`*…`) is not allowed", "write the value out")
                self._add(Scalar(place, "", plain=True))

    def _document(self, place: Place) -> None:
        self.documents += 1
        if self.documents > 1:
            self._fault(place, "a second document starts here", "one file, one document: remove the `---`")
            raise FaultsError(self.faults)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> None:
        plain = event.style in {None, ""}
        if not plain:
            self.exempt.append(range(place.line + 1, place_of(event.end_mark).line + 1))
        if SURROGATE.search(event.value):
            self._fault(place, "half a surrogate pair is no character", "remove it")
        self._add(Scalar(place, event.value, plain))

    def _refuse_tricks(self, event: yaml.NodeEvent, place: Place) -> None:
        if event.anchor is not None:
            self._fault(place, f"an anchor (`&{shown(event.anchor)}`) is not allowed", "write the value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._fault(place, f"a tag (`{shown(tag)}`) is not allowed", "remove it; put text in quotes")

    def _open(self, container: Sequence | Mapping) -> None:
        if len(self.open) >= DEEPEST:
            self._fault(container.place, f"nested more than {DEEPEST} levels deep", "nothing here needs that")
            raise FaultsError(self.faults)
        self.open.append((container, None))

    def _close(self) -> None:
        container, _ = self.open.pop()
        self._add(container)

    def _add(self, node: Node) -> None:
        """Put a finished node where it belongs: as the root, an item, a key, or a key's value."""
        if not self.open:
            self.root = node
            return
        container, key = self.open[-1]
        if isinstance(container, Sequence):
            container.items.append(node)
        elif key is None:
            self.open[-1] = (container, self._key(node))
        else:
            self.open[-1] = (container, None)
            self._pair(container, key, node)

    def _key(self, node: Node) -> tuple[str, Place]:
        if isinstance(node, Scalar):
            return node.text, node.place
        self._fault(node.place, "a list or mapping cannot be a key", "a key is a word")
        return "", node.place

    def _pair(self, container: Mapping, key: tuple[str, Place], node: Node) -> None:
        word, place = key
        if word in container.items:
            first = container.keys[word].line
            self._fault(place, f"`{shown(word)}` stands here a second time, the first is in line {first}", "keep one")
            return
        container.items[word] = node
        container.keys[word] = place

    def _fault(self, place: Place, message: str, hint: str) -> None:
        self.faults.append(Fault(self.name, *place, message, hint))
        if len(self.faults) > MOST_FAULTS:
            raise FaultsError(self.faults)
