"""Where in the roster files a warning is about somebody: it is told of the finished roster, which has no lines.

What cannot be found again is told without a place.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from bot.rules.concerns import Concern
from bot.rules.document import Document, read_document
from bot.rules.references import same
from bot.rules.tree import Mapping as Tree
from bot.rules.tree import Node, Scalar, Sequence, get, items


def placed(concerns: Iterable[Concern], files: Mapping[str, bytes]) -> tuple[Concern, ...]:
    """The same warnings, those about a person with the file and line. The files are those that made the roster."""
    documents = [read_document(data, name) for name, data in sorted(files.items())]
    return tuple(_placed(each, documents) for each in concerns)


def _placed(concern: Concern, documents: Iterable[Document]) -> Concern:
    name, *inside = concern.about or ("",)
    for document in documents:
        for person in items(get(document.root, "people")):
            called = get(person, "name")
            if isinstance(called, Scalar) and name and same(called.text) == same(name):
                others = (each for each in _scalars(person) if each is not called)
                wanted = {same(each) for each in inside}
                found = next((each for each in others if same(each.text) in wanted), called)
                return replace(concern, file=document.name, line=found.place.line)
    return concern


def _scalars(node: Node) -> Iterator[Scalar]:
    match node:
        case Scalar():
            yield node
        case Sequence():
            for each in node.items:
                yield from _scalars(each)
        case Tree():
            for each in node.items.values():
                yield from _scalars(each)
