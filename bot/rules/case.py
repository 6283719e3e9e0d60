"""A case file to everything that deciding needs: the change, what is remembered, the policy, the roster, the time.

This is how scenarios are written, by us and by users. Files it names are read through a function that is handed in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.change import Change
from bot.model.memory import Memory
from bot.model.policy import Policy
from bot.model.roster import Roster
from bot.rules import tree
from bot.rules.case_file import CaseFile
from bot.rules.case_nouns import change_of, memory_of
from bot.rules.checking import check
from bot.rules.document import Document, read_document
from bot.rules.faults import FaultsError, kept, shown
from bot.rules.policy import load_policy, packaged_policy, policy_of
from bot.rules.roster import load_roster, packaged_roster, roster_of
from bot.rules.tree import get

LARGEST_CASE = 32 * 1024 * 1024

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it was read. `expect` is any part of the decision, None if the file expects nothing."""

    change: Change
    memory: Memory
    policy: Policy
    roster: Roster
    now: datetime
    expect: Mapping[str, Any] | None = None


def load_case(data: bytes, name: str, read: Read) -> Case:
    """The case in a file. `read` gives the bytes of a file named in it, OSError if there is none.

    FaultsError with everything that is wrong, in the case and in the rules and roster it brings along.
    """
    document = read_document(data, name, LARGEST_CASE)
    shape, found = check(document, CaseFile)
    faults = [*document.faults, *found]
    policy = kept(lambda: _policy(document, read), faults)
    roster = kept(lambda: _roster(document, read, policy), faults)
    if shape is None or policy is None or roster is None or faults:
        raise FaultsError(faults)
    return Case(change_of(shape.change, roster), memory_of(shape.memory), policy, roster, shape.now, shape.expect)


def _policy(document: Document, read: Read) -> Policy:
    node = get(document.root, "rules")
    if isinstance(node, tree.Mapping):
        return policy_of(Document(document.name, node))
    path = _path(document, "rules")
    return packaged_policy() if path is None else load_policy(_content(document, "rules", path, read), path)


def _roster(document: Document, read: Read, policy: Policy | None) -> Roster:
    node = get(document.root, "roster")
    if isinstance(node, tree.Mapping):
        return roster_of([Document(document.name, node)], policy)
    path = _path(document, "roster")
    return (
        packaged_roster(policy)
        if path is None
        else load_roster({path: _content(document, "roster", path, read)}, policy)
    )


def _path(document: Document, key: str) -> str | None:
    """The path under a key, None if there is nothing under it."""
    node = get(document.root, key)
    if node is None or (isinstance(node, tree.Scalar) and node.value is None):
        return None
    if isinstance(node, tree.Scalar) and node.text:
        return node.text
    message = f"`{key}`: a path beside this file, or the content itself, is wanted"
    raise FaultsError([document.fault(node.place, message, f"e.g. `{key}: {key}.yaml`")])


def _content(document: Document, key: str, path: str, read: Read) -> bytes:
    try:
        return read(path)
    except (OSError, ValueError) as error:
        node = get(document.root, key) or document.root
        reason = getattr(error, "strerror", None) or "it is no path"
        message = f"`{key}`: {shown(path)} cannot be read: {reason}"
        raise FaultsError([document.fault(node.place, message, "the path is relative to this file")]) from None
