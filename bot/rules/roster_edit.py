"""A roster file with ids filled in: the text stays as its writer left it, comments and order too; only ids are added.

The file is one that the roster's reader took already, so it holds no anchors, tags or other surprises.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from bot.model.ids import AccountId
from bot.rules.roster_file import ACCOUNT_KEYS


@dataclass(frozen=True, slots=True)
class Unresolved:
    """An account without an id: its forge, its login, and the line it stands in."""

    forge: str
    login: str
    line: int


def unresolved(text: str) -> tuple[Unresolved, ...]:
    """The accounts of a roster file that have no id."""
    return tuple(Unresolved(forge, login.value, login.start_mark.line + 1) for forge, login, _ in _without_id(text))


def with_ids(text: str, found: Mapping[tuple[str, str], AccountId]) -> str:
    """The file with the ids of those accounts that are found, by forge and login."""
    for forge, login, number in sorted(_without_id(text), key=lambda each: -each[1].start_mark.index):
        account = found.get((forge, login.value))
        if account is not None:
            text = _with_id(text, login, number, account)
    return text


Found = tuple[str, yaml.ScalarNode, tuple[Any, yaml.MappingNode, yaml.ScalarNode | None]]


def _without_id(text: str) -> Iterator[Found]:
    """Each account without an id: its forge, the login's node, and the key, mapping and empty id there is."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for person in _items(_get(root, "people")):
        for forge, key in ACCOUNT_KEYS.items():
            for account in _items(_get(person, forge)):
                login, number = _get(account, key), _get(account, "id")
                if isinstance(login, yaml.ScalarNode) and (number is None or number.value in {"", "~", "null"}):
                    yield forge, login, (_key(account, key), account, number)


def _with_id(text: str, login: yaml.ScalarNode, place: Any, account: AccountId) -> str:
    key, mapping, number = place
    if number is not None:
        start, end = number.start_mark.index, number.end_mark.index
        lead = "" if text[start - 1 : start] == " " else " "
        return f"{text[:start]}{lead}{account}{text[end:]}"
    if mapping.flow_style:
        at = login.end_mark.index
        name = '"id"' if key.style == '"' else "id"
        return f"{text[:at]}, {name}: {account}{text[at:]}"
    end = text.find("\n", login.end_mark.index)
    at = len(text) if end < 0 else end
    newline = "\r\n" if text[at - 1 : at] == "\r" else "\n"
    at -= len(newline) - 1
    return f"{text[:at]}{newline}{' ' * key.start_mark.column}id: {account}{text[at:]}"


def _get(node: Any, name: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _key(node: yaml.MappingNode, name: str) -> Any:
    return next(key for key, _ in node.value if key.value == name)


def _items(node: Any) -> list[Any]:
    if isinstance(node, yaml.SequenceNode):
        return list(node.value)
    return [] if node is None else [node]
