"""What GitHub's answer shows of its lists. By the schema a connection may be null, and so may its list and each entry.

None of that is an empty list: who needs it whole refuses it here, and of a change it is said what is missing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.model.change import Commit
from bot.model.errors import TryAgainError

Json = Mapping[str, Any]


def nodes(connection: Json | None, what: str) -> Sequence[Json]:
    """What a connection lists; TryAgainError, which names it, where it does not show all."""
    listed = (connection or {"nodes": None})["nodes"]
    if listed is None or None in listed:
        raise TryAgainError(f"GitHub did not show all {what}")
    return listed  # type: ignore[no-any-return]


def labels(pull: Json) -> tuple[str, ...]:
    """The names of the labels that were shown."""
    return tuple(node["name"] for node in _label_nodes(pull) if node)


def tip(pull: Json) -> Json | None:
    """The newest commit with what stands on it, None where there is none or it is not shown."""
    shown = [node for node in pull["head"]["nodes"] or () if node]
    return shown[-1]["commit"] if shown else None


def missing(pull: Json, commits: Sequence[Commit]) -> tuple[str, ...]:
    """What was not shown to the end, of what is not read page by page."""
    head, suites = pull["head"], (tip(pull) or {"checkSuites": {"nodes": ()}})["checkSuites"]
    listed = (pull["commits"] or {"totalCount": None})["totalCount"] == len(commits)
    ends = not commits or any(entry.sha == pull["headRefOid"] for entry in commits)
    labelled = (pull["labels"] or {"totalCount": None})["totalCount"] == len(labels(pull))
    edits = pull["userContentEdits"] or {"nodes": ()}
    shown = {
        "commits": listed and ends and _whole(head),
        "labels": labelled and _whole(pull["labels"]),
        "former texts": _whole(edits),
        "check suites": _whole(suites),
    }
    return tuple(name for name, there in shown.items() if not there)


def _whole(connection: Json | None) -> bool:
    return connection is not None and connection["nodes"] is not None and None not in connection["nodes"]


def _label_nodes(pull: Json) -> Sequence[Json]:
    return (pull["labels"] or {"nodes": None})["nodes"] or ()
