"""The small shapes that files are made of: a text, a name, a path pattern, an id, one or more of something.

Each says in its own words what it refuses. What a value means together with others is not judged here.
"""

import re
from typing import Annotated, Any, TypeVar

import pathspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.model.ids import AccountId

T = TypeVar("T")

ODD_SET = re.compile(r"\[[^]]*(\[|--|&&|~~|\|\|)")
"""What the regular expressions behind the patterns read in more than one way."""
LONGEST_NAME = 100
LARGEST_ID = 2**63 - 1


class Shape(BaseModel):
    """A mapping of a file: no unknown keys, no value that is quietly turned into another."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


def account_id(number: int | None) -> AccountId | None:
    """An account's id as a file has it, or none."""
    return None if number is None else AccountId(number)


def refuse(message: str, hint: str = "") -> PydanticCustomError:
    """An error in our words, for a validator to raise."""
    return PydanticCustomError("ours", "{message}", {"message": message, "hint": hint})


def _as_text(value: Any) -> Any:
    """Text is what was written, be it without quotes and looking like a number or a boolean."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def _as_name(value: Any) -> Any:
    value = _as_text(value)
    if isinstance(value, str):
        if not value.strip():
            raise refuse("a name cannot be empty", "write a name")
        if not value.isprintable() or value != value.strip():
            raise refuse("a name is one line of printable characters", "remove line breaks and spaces around it")
        if len(value) > LONGEST_NAME:
            raise refuse(f"a name has at most {LONGEST_NAME} characters", "shorten it")
    return value


def _as_glob(value: Any) -> Any:
    value = _as_text(value)
    if isinstance(value, str):
        if not value.strip() or value.startswith("#"):
            raise refuse("this pattern matches nothing", "write a path, e.g. `infra/**`")
        try:
            readable = pathspec.GitIgnoreSpec.from_lines([value]).patterns[0].include is not None
        except (ValueError, re.error):
            readable = False
        if not readable or ODD_SET.search(value):
            raise refuse("this is no path pattern", _mending(value))
    return value


def _mending(glob: str) -> str:
    """What to do about a pattern that cannot be read."""
    if glob.rfind("[") > glob.rfind("]"):
        return "its `[` is never closed: add `]`, or write `\\[` for the character itself"
    if glob.strip() == "!":
        return "`!` excludes what stands after it: write a path there, or `\\!` for the character itself"
    return "the syntax is that of .gitignore"


def _as_mailbox(value: Any) -> Any:
    if isinstance(value, str):
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", value):
            raise refuse("this is no mailbox", "write it as name@example.com")
        return value.lower()
    return value


def _as_true(value: Any) -> Any:
    if value is False:
        raise refuse("`false` is no condition", "leave the key out: what is not named is not asked")
    return value


class _OneOrMore:
    """A single value stands for a list of one; an empty list would say nothing."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], {**many, "minItems": 1}]}


def _as_list(value: Any) -> Any:
    if value == []:
        raise refuse("an empty list says nothing", "name at least one, or leave the key out")
    return value if isinstance(value, list) or value is None else [value]


class _AnyNumber(_OneOrMore):
    """A single value stands for a list of one, null for an empty list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list) else [] if value is None else [value], handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], many, {"type": "null"}]}


def _schema(**keywords: Any) -> Any:
    return Field(json_schema_extra=keywords)


OneOrMore = Annotated[list[T], _OneOrMore()]
AnyNumber = Annotated[list[T], _AnyNumber()]
Text = Annotated[str, BeforeValidator(_as_text)]
Name = Annotated[str, BeforeValidator(_as_name), _schema(minLength=1, maxLength=LONGEST_NAME)]
Glob = Annotated[str, BeforeValidator(_as_glob), _schema(minLength=1)]
Mailbox = Annotated[str, BeforeValidator(_as_mailbox), _schema(pattern="^[^@\\s<>]+@[^@\\s<>]+$")]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
OnlyTrue = Annotated[bool, BeforeValidator(_as_true)]
