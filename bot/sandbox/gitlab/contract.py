"""The known part of GitLab's REST API as a route table, and as a judge of requests and answers (contracts/gitlab.yaml).

Types: int, number, bool, str, time (ISO 8601), sha (40 hexadecimal digits), any, none (no body), raw (a body that is no
JSON), a|b (one of these words), [T] (a list), the name of a shape; with ~ also null. A shape's field with ~ after its
name may be absent, a parameter with ! is required, and `<` takes over the fields of another shape. Requests are judged
strictly: an unknown parameter is a fault, which the real GitLab would ignore. Answers may have more than their shape.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

FILE = Path(__file__).parent.parent / "contracts" / "gitlab.yaml"
Check = Callable[[Any, str], list[str]]
PATTERNS = {"time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*", "sha": r"[0-9a-f]{40}"}
PLAIN: dict[str, tuple[type, ...]] = {"int": (int,), "number": (int, float), "bool": (bool,), "str": (str,)}


@dataclass(frozen=True)
class Operation:
    """One operation: its name is "METHOD /path/:with/:parameters"."""

    name: str
    method: str
    pattern: re.Pattern[str]
    literals: int
    params: dict[str, str]
    required: tuple[str, ...]
    answers: dict[int, Any]


class Contract:
    """Routes requests to operations and judges both sides."""

    def __init__(self) -> None:
        document: dict[str, Any] = yaml.safe_load(FILE.read_text())
        self._shapes: dict[str, dict[str, Any]] = document["shapes"]
        self._sets: dict[str, dict[str, Any]] = document["sets"]
        self._checks: dict[str, Check] = {}
        found = [self._operation(name, told or {}) for name, told in document["operations"].items()]
        self._operations = sorted(found, key=lambda operation: -operation.literals)

    @property
    def names(self) -> set[str]:
        """The names of all operations."""
        return {operation.name for operation in self._operations}

    def _operation(self, name: str, told: dict[str, Any]) -> Operation:
        method, path = name.split(" ")
        params: dict[str, str] = {}
        for source in [*(self._sets[one] for one in told.get("sets", ())), told.get("params", {})]:
            params = {key: value for key, value in params.items() if f"{key}!" not in source} | source
        steps = path.split("/")
        pattern = "/".join(f"(?P<{step[1:]}>[^/]+)" if step.startswith(":") else re.escape(step) for step in steps)
        return Operation(
            name, method, re.compile(pattern), sum(not step.startswith(":") for step in steps),
            {key.rstrip("!"): value for key, value in params.items()},
            tuple(key.rstrip("!") for key in params if key.endswith("!")), told["answers"],
        )  # fmt: skip

    def match(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request names, and its path parameters, unquoted."""
        for operation in self._operations:
            if operation.method == method and (found := operation.pattern.fullmatch(raw_path)):
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def request(self, operation: Operation, given: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """The parameters as their types, and what is wrong with them."""
        params = {name: _typed(value, operation.params.get(name, "any")) for name, value in given.items()}
        faults = [f"unknown parameter {name!r}" for name in params if name not in operation.params]
        faults += [f"parameter {name!r} is missing" for name in operation.required if name not in params]
        for name, value in params.items():
            if name in operation.params and value is not None:
                faults += self._check(operation.params[name])(value, name)
        return params, faults

    def answer(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What is wrong with an answer of ours; a refusal may say anything."""
        if status >= 400:  # noqa: PLR2004 - HTTP's own line between the two
            return []
        if status not in operation.answers:
            return [f"status {status} is not in the contract"]
        kind = operation.answers[status]
        if kind in ("none", "raw"):
            return [] if body is None else ["there is a body where none is told"]
        return self._check(kind)(body, "")

    def _check(self, kind: Any) -> Check:
        name = str(kind)
        if name not in self._checks:
            self._checks[name] = self._made(kind)
        return self._checks[name]

    def _made(self, kind: Any) -> Check:
        if isinstance(kind, list):
            return self._list(kind[0])
        if kind.endswith("~"):
            inner = self._check(kind[:-1])
            return lambda value, at: [] if value is None else inner(value, at)
        if kind in PLAIN:
            return lambda value, at: [] if _is(value, kind) else [f"{at}: {value!r:.60} is no {kind}"]
        if kind in PATTERNS:
            pattern = re.compile(PATTERNS[kind])
            return lambda value, at: (
                [] if isinstance(value, str) and pattern.fullmatch(value) else [f"{at}: {value!r:.60} is no {kind}"]
            )
        if kind == "any":
            return lambda _value, _at: []
        if kind in self._shapes:
            return self._shape(kind)
        words = kind.split("|")
        return lambda value, at: [] if value in words else [f"{at}: {value!r:.60} is none of {', '.join(words)}"]

    def _list(self, kind: Any) -> Check:
        inner = self._check(kind)

        def check(value: Any, at: str) -> list[str]:
            if not isinstance(value, list | tuple):
                return [f"{at}: {value!r:.60} is no list"]
            return [fault for number, item in enumerate(value) for fault in inner(item, f"{at}[{number}]")]

        return check

    def _fields(self, name: str) -> dict[str, Any]:
        own = self._shapes[name]
        return (self._fields(own["<"]) if "<" in own else {}) | {key: kind for key, kind in own.items() if key != "<"}

    def _shape(self, name: str) -> Check:
        fields = self._fields(name)

        def check(value: Any, at: str) -> list[str]:
            if not isinstance(value, dict):
                return [f"{at}: {value!r:.60} is no {name}"]
            faults: list[str] = []
            for key, kind in fields.items():
                bare = key.rstrip("~")
                if bare in value:
                    faults += self._check(kind)(value[bare], f"{at}.{bare}")
                elif key == bare:
                    faults.append(f"{at}.{bare} is missing")
            return faults

        return check


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, PLAIN[kind]) and (kind == "bool" or not isinstance(value, bool))


def _typed(value: Any, kind: Any) -> Any:
    """A value that came as text, as the type that is asked for; as it came where it is not of that type."""
    if isinstance(kind, list):
        if isinstance(value, str):
            value = [part for part in value.split(",") if part]
        return [_typed(item, kind[0]) for item in value] if isinstance(value, list) else value
    if not isinstance(value, str):
        return value
    if kind == "int" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "bool" and value.lower() in {"true", "false", "1", "0"}:
        return value.lower() in {"true", "1"}
    return value
