"""Patterns to matchers: paths as git's ignore files write them, branches and repositories as people do.

A path is matched in every form in which a tool may read it: without a leading slash or `./`, with backslashes as
slashes, and in Unicode's composed form, as is the pattern. Case counts, as in git, unless a matcher is asked to ignore
it. A pattern that cannot be read matches everything: a zone that nobody can spell must not be empty.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from unicodedata import normalize

from pathspec import GitIgnoreSpec

Matcher = Callable[[str], object]
"""Gives something true for what matches: an expression's own method, since calling through Python costs more."""
_GROUP = re.compile(r"\(\?P<\w+>")


@lru_cache(maxsize=512)
def paths(patterns: tuple[str, ...], *, ignore_case: bool = False) -> Matcher:
    """A matcher for paths by patterns in gitignore syntax; a later `!pattern` takes out what an earlier one put in."""
    if not patterns:
        return lambda _: False
    texts = [normalize("NFC", each) for each in patterns]
    found = _one_expression(texts, re.IGNORECASE if ignore_case else 0) or _spec(texts)
    return found or (lambda _: True)


def any_odd(many: Iterable[str]) -> bool:
    """Whether some path of many has another form than the one it is written in; one search is cheaper than many."""
    text = "\n".join(("", *many))
    return not text.isascii() or "\\" in text or "\n/" in text or "\n." in text


def forms(path: str) -> tuple[str, ...]:
    """The forms in which a path is matched: as it is, and with backslashes as slashes if there are any."""
    if not any_odd((path,)):
        return (path,)
    plain = normalize("NFC", path)
    bare = re.sub(r"^(?:\.?/+)+", "", plain)
    return (bare, re.sub(r"^(?:\.?/+)+", "", bare.replace("\\", "/"))) if "\\" in bare else (bare,)


def _one_expression(texts: list[str], flags: int) -> Matcher | None:
    """All patterns in one expression: many times faster than one after the other. None if one takes paths out."""
    sources = []
    for text in texts:
        if text.startswith("!"):
            return None
        try:
            sources.append(_GROUP.sub("(?:", _source(text)))
        except (ValueError, re.error, Warning):
            return None
    # A dot must match a line feed, which git allows in a path: else `x\n/main.tf` would be outside of `*.tf`.
    return re.compile("|".join(f"(?:{each})" for each in sources), flags | re.DOTALL).match


def _source(text: str) -> str:
    """The expression of one pattern. A comment or a blank one matches nothing; ValueError if it cannot be read."""
    for compiled in GitIgnoreSpec.from_lines([text]).patterns:
        if compiled.regex is not None:
            return str(compiled.regex.pattern)
    if not text.strip() or text.startswith("#"):
        return r"(?!)"
    raise ValueError(text)


def _spec(texts: list[str]) -> Matcher | None:
    """The patterns one after the other, as git reads them. None if one cannot be read."""
    try:
        for text in texts:
            _source(text)
        spec = GitIgnoreSpec.from_lines(texts)
    except (ValueError, re.error, Warning):
        return None
    return lambda path: spec.match_file(path.replace("\n", " "))


@lru_cache(maxsize=512)
def name(pattern: str) -> Matcher:
    """A matcher for branches and repositories: `*` and `?` stay within a part, `**` crosses slashes."""
    source = ""
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern):
        source += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece) or re.escape(piece)
    expression = re.compile(source, re.DOTALL)
    return expression.fullmatch


def beginning(pattern: str) -> str:
    """What every name begins with that a pattern for branches or repositories can match; all of it where it is one."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


def repository(pattern: str, full_name: str) -> bool:
    """Whether a repository's full name matches; case is without meaning there, and `*` alone is every repository."""
    return pattern == "*" or name(pattern.lower())(full_name.lower()) is not None


def branch(pattern: str, name_of_branch: str, default_branch: str) -> bool:
    """Whether a branch matches; `@default` is the default branch."""
    if pattern == "@default":
        return name_of_branch == default_branch != ""
    return name(pattern)(name_of_branch) is not None
