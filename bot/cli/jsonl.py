"""Commits as JSON lines, in and out: the format of `signoff detect --jsonl`.

A line is an object with `sha` and `message` (texts) and, if known, `author` and `committer` with `name` and `email`.
Anything else is a bad line: it gets an answer too, and never stops the others.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import IO, Any

from bot import detect
from bot.detect.compiled import Catalogue
from bot.model.change import Commit, GitIdentity
from bot.model.evidence import Strength
from bot.model.ids import Sha

LARGEST_LINE = 64 << 20


class BadLineError(ValueError):
    """A line that holds no commit; the message says why."""


def lines(source: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream, none longer than the limit: of a longer one only the start, which is a bad line then. A
    byte order mark at the start of the stream is none of the first line.
    """
    mark: bytes | None = BOM_UTF8
    while line := source.readline(LARGEST_LINE):
        if len(line) == LARGEST_LINE and not line.endswith(b"\n"):
            while (rest := source.readline(LARGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        line, mark = line.removeprefix(mark or b""), None
        if line.strip():
            yield line


def commit_of(line: bytes) -> Commit:
    """The commit in a line; BadLineError if there is none."""
    if len(line) >= LARGEST_LINE:
        raise BadLineError(f"longer than {LARGEST_LINE >> 20} MiB")
    try:
        data = json.loads(line.decode("utf-8", "replace"))
    except ValueError as error:
        raise BadLineError(f"not JSON: {error}") from None
    except RecursionError:
        raise BadLineError("not JSON of a commit: nested too deeply") from None
    if not isinstance(data, dict):
        raise BadLineError("not an object")
    sha, message = data.get("sha"), data.get("message")
    if not isinstance(sha, str) or not isinstance(message, str):
        raise BadLineError("sha and message must be texts")
    return Commit(
        Sha(sha), _identity(data.get("author"), "author"), _identity(data.get("committer"), "committer"), message
    )


def answer(commit: Commit, catalogue: Catalogue, note: str | None = None) -> dict[str, Any]:
    """What was found in a commit, as it is printed."""
    evidence = detect.examine_commit(commit, catalogue, note)
    return {
        "sha": commit.sha,
        "class": detect.classify(evidence, Strength.MEDIUM).value,
        "evidence": [each.facts for each in evidence],
    }


def _identity(value: Any, what: str) -> GitIdentity:
    """A missing identity, name or mailbox is empty; one of the wrong type makes the line a bad one."""
    data = {} if value is None else value
    parts = [data.get(key) for key in ("name", "email")] if isinstance(data, dict) else [0]
    if not all(part is None or isinstance(part, str) for part in parts):
        raise BadLineError(f"{what} must be an object with the texts name and email")
    return GitIdentity(str(parts[0] or ""), str(parts[1] or ""))
