"""A published OpenAPI description as a route table and as a judge of requests and answers.

Requests are judged strictly: a path, a query parameter or a key of the body that is not published is a fault even where
the schema would let it pass. Answers are judged by their schema alone, since forges add fields.
"""

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

MULTI_SEGMENT = {"path", "ref", "branch", "basehead"}
ROOT = "urn:description"


@dataclass(frozen=True)
class Operation:
    """One published operation, and the path of its route."""

    id: str
    method: str
    path: str
    pattern: re.Pattern[str]
    query: dict[str, Any]
    body: Any
    body_required: bool
    answers: dict[str, Any]


class Description:
    """Routes requests to operations and judges both sides."""

    def __init__(self, file: Path) -> None:
        self._document: dict[str, Any] = _meant(json.loads(gzip.decompress(file.read_bytes())))
        self._registry: Registry[Any] = Registry().with_resource(ROOT, DRAFT202012.create_resource(self._document))
        self._validators: dict[int, Any] = {}
        self.operations: dict[str, Operation] = {}
        for path, methods in self._document["paths"].items():
            for method, published in methods.items():
                operation = self._operation(method.upper(), path, published)
                self.operations[operation.id] = operation
        self._routes = sorted(self.operations.values(), key=lambda operation: _literals(operation.path), reverse=True)

    def _operation(self, method: str, path: str, published: dict[str, Any]) -> Operation:
        parameters = [self.resolve(parameter) for parameter in published.get("parameters", ())]
        body = self.resolve(published.get("requestBody", {}))
        answers = {}
        for code, answer in published["responses"].items():
            content = self.resolve(answer).get("content", {})
            answers[code] = next((kind["schema"] for name, kind in content.items() if "json" in name), None)
        return Operation(
            published["operationId"],
            method,
            path,
            _pattern(path),
            {parameter["name"]: parameter for parameter in parameters if parameter["in"] == "query"},
            body.get("content", {}).get("application/json", {}).get("schema"),
            bool(body.get("required")),
            answers,
        )

    def resolve(self, value: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference into the document."""
        while "$ref" in value:
            found: Any = self._document
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            value = found
        return value

    def match(self, method: str, raw_path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a request names, and its path parameters, unquoted."""
        for operation in self._routes:
            if operation.method == method and (found := operation.pattern.fullmatch(raw_path)):
                return operation, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def check_request(self, operation: Operation, query: dict[str, str], body: Any) -> list[str]:
        """What is wrong with a request; empty when it is as published. `body` is None when there is none."""
        faults = [f"unknown query parameter {name!r}" for name in query if name not in operation.query]
        for name, parameter in operation.query.items():
            if name in query:
                value = _typed(query[name], self.resolve(parameter["schema"]))
                faults += [f"query {name}: {text}" for text in self._judge(parameter["schema"], value)]
            elif parameter.get("required"):
                faults.append(f"query parameter {name!r} is missing")
        if body is None:
            return faults + (["the body is missing"] if operation.body_required else [])
        if operation.body is None:
            return faults + ([] if body == {} else ["a body where none is published"])
        faults += [f"body{text}" for text in self._judge(operation.body, body)]
        return faults + [f"body: unknown key {key!r}" for key in self._unknown(operation.body, body)]

    def check_answer(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What is wrong with an answer of ours."""
        if str(status) not in operation.answers:
            return [] if status in {401, 403, 404, 429} or status >= 500 else [f"status {status} is not published"]  # noqa: PLR2004
        schema = operation.answers[str(status)]
        if schema is None or body is None:
            return [] if schema is None and body is None else ["a body is missing, or there is one too many"]
        return self._judge(schema, body)

    def _judge(self, schema: dict[str, Any], value: Any) -> list[str]:
        if id(schema) not in self._validators:
            rooted = json.loads(json.dumps(schema).replace('"#/', f'"{ROOT}#/'))
            self._validators[id(schema)] = OAS30Validator(rooted, registry=self._registry)
        errors = sorted(self._validators[id(schema)].iter_errors(value), key=lambda error: list(map(str, error.path)))
        return [f"{''.join(f'[{step!r}]' for step in error.path)}: {error.message[:300]}" for error in errors[:5]]

    def _unknown(self, schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
        """Keys that no branch of the schema publishes."""
        if isinstance(value, list):
            items = [branch["items"] for branch in self._branches(schema) if "items" in branch]
            return (
                [key for inner in value for key in self._unknown({"anyOf": items}, inner, at + "[]")] if items else []
            )
        if not isinstance(value, dict):
            return []
        known: dict[str, list[Any]] = {}
        for branch in self._branches(schema):
            if branch.get("additionalProperties") or (branch.get("type") == "object" and "properties" not in branch):
                return []
            for name, inner in branch.get("properties", {}).items():
                known.setdefault(name, []).append(inner)
        faults = [f"{at}{key}" for key in value if key not in known]
        for key, inner in value.items():
            faults += self._unknown({"anyOf": known[key]}, inner, f"{at}{key}.") if key in known else []
        return faults

    def _branches(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        schema = self.resolve(schema)
        inner = [part for word in ("anyOf", "oneOf", "allOf") for part in schema.get(word, ())]
        return [schema, *(branch for part in inner for branch in self._branches(part))]


def _meant(value: Any) -> Any:
    """The document as its publishers mean it, where tools read it otherwise.

    A nullable enum or choice allows null although null is not among its values; and of a choice with a discriminator an
    answer may satisfy more than one branch.
    """
    if isinstance(value, list):
        return [_meant(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    found = {key: _meant(inner) for key, inner in value.items()}
    if isinstance(found.pop("discriminator", None), dict) and "oneOf" in found:
        found["anyOf"] = found.pop("oneOf")
    if found.get("nullable") is True:
        if isinstance(found.get("enum"), list) and None not in found["enum"]:
            found["enum"].append(None)
        for word in ("anyOf", "oneOf"):
            if word in found:
                found[word].append({"nullable": True, "enum": [None]})
    return found


def _literals(path: str) -> tuple[int, int, int]:
    steps = path.split("/")
    wide = sum(step.strip("{}") in MULTI_SEGMENT for step in steps if step.startswith("{"))
    return sum(not step.startswith("{") for step in steps), -wide, len(steps)


def _pattern(path: str) -> re.Pattern[str]:
    steps = []
    for step in path.split("/"):
        if step.startswith("{"):
            name = step.strip("{}")
            wide = ".*" if name == "path" else ".+"  # the root of a repository is a path too
            steps.append(f"(?P<{name}>{wide if name in MULTI_SEGMENT else '[^/]+'})")
        else:
            steps.append(re.escape(step))
    return re.compile("/".join(steps))


def _typed(text: str, schema: dict[str, Any]) -> Any:
    """A query value as the type that its schema asks for, or the text itself where it is not of that type."""
    kind = schema.get("type")
    if kind == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    return text.split(",") if kind == "array" else text
