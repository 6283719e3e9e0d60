"""Cross checks of what a site adds to or takes from the catalogue of tools: `bot.detect` knows the right words."""

from collections.abc import Iterator

from bot.detect import edits, load
from bot.model.policy import CatalogueEdit
from bot.rules.document import Document
from bot.rules.faults import Fault, shown
from bot.rules.tree import Mapping, Node, get, words

Mark = tuple[str, str, str]


def catalogue_faults(document: Document) -> Iterator[Fault]:
    """Every mark that the catalogue would not take."""
    catalogue = get(document.root, "detection", "catalogue")
    marks = [(key, mark, node) for key in ("add", "remove") for mark, node in _marks(get(catalogue, key))]
    data = load.packaged() if marks else None
    for key, mark, node in marks:
        edit = CatalogueEdit(add=(mark,)) if key == "add" else CatalogueEdit(remove=(mark,))
        for told in edits.faults(edit, data) if data is not None else ():
            message, _, hint = told.removeprefix(f"{key}: ").partition("; ")
            yield document.fault(node.place, shown(message, 300), shown(hint, 300))


def _marks(tools: Node | None) -> Iterator[tuple[Mark, Node]]:
    for tool, kinds in tools.items.items() if isinstance(tools, Mapping) else ():
        for kind, values in kinds.items.items() if isinstance(kinds, Mapping) else ():
            for value in words(values):
                yield (tool, kind, value.text), value
