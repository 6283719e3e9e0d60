"""The catalogue, compiled for looking up: dicts by mailbox, account and key, and one pattern per kind of text.

It answers "whose mark is this?" and judges nothing: what a mark proves is the detectors' business.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.detect import edits, globs, load, mailbox
from bot.detect.load import CatalogueData
from bot.detect.marks import Kind, Question, Tool
from bot.detect.trailers import canonical
from bot.model.errors import BadInputError
from bot.model.policy import CatalogueEdit

_NAMED = re.compile(r"(?P<name>.*?)\s*<(?P<mailbox>[^<>]*)>\Z")
_FAMILY = (
    "code|coder|opus|sonnet|haiku|fable|mythos|instant|pro|max|mini|flash|turbo|"
    "preview|chat|plus|large|medium|small|thinking"
)

Patterns = tuple[tuple[re.Pattern[str], Tool], ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Account ids and bot logins on GitHub, user names on GitLab. An id of `shared` needs its login to match too."""

    by_id: Mapping[int, Tool]
    by_pair: Mapping[tuple[int, str], Tool]
    by_bot_login: Mapping[str, Tool]
    by_username: Mapping[str, Tool]
    shared: frozenset[int]

    def find(self, number: int | None, login: str) -> Tool | None:
        """The tool behind a GitHub account; `login` in lower case, empty if unknown."""
        if number is not None:
            tool = self.by_pair.get((number, login)) if number in self.shared else self.by_id.get(number)
            if tool is not None:
                return tool
        return self.by_bot_login.get(login)


@dataclass(frozen=True, slots=True)
class Words:
    """What tells a tool's name from a person's (value.py): names and models by lower-case text, and what is sure."""

    names: Mapping[str, Tool]
    models: Mapping[str, Tool]
    heads: Mapping[str, int]
    sure: re.Pattern[str]
    versioned: re.Pattern[str]
    known: frozenset[str]
    products: Mapping[str, Tool]
    first_names: frozenset[str]
    unnamed: Tool

    def mentioned(self, lowered: str) -> re.Match[str] | None:
        """A sure name in a lower-case text, looked up by the words of the text: most texts hold none."""
        for word in sorted(self.heads.keys() & lowered.split()):
            found = self.sure.match(lowered, lowered.find(word) + self.heads[word])
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Every mark of every tool, compiled. Made by `catalogue()` only; two are equal only if they are the same."""

    version: str
    tools: Mapping[str, Tool]
    mailboxes: Mapping[str, tuple[tuple[re.Pattern[str] | None, Tool], ...]]
    accounts: Accounts
    words: Words
    name_suffixes: Mapping[str, Tool]
    trailers: Mapping[str, Patterns]
    sessions: Mapping[str, Tool]
    session_links: tuple[tuple[str, Tool], ...]
    links: tuple[tuple[str, Tool], ...]
    markers: tuple[tuple[str, Tool], ...]
    summaries: tuple[tuple[str, Tool], ...]
    branches: Patterns
    titles: Patterns
    questions: tuple[Question, ...]


_UNEDITED = CatalogueEdit()


def catalogue(edit: CatalogueEdit = _UNEDITED) -> Catalogue:
    """The packaged catalogue with a site's edit; BadInputError for an edit that does not fit, with the nearest word."""
    return _edited(edit)


@lru_cache(maxsize=32)
def _edited(edit: CatalogueEdit) -> Catalogue:
    data = load.packaged()
    found = edits.faults(edit, data)
    if found:
        raise BadInputError("detection.catalogue: " + "; ".join(found))
    return compiled(edits.apply(edit, data))


def check_edit(edit: CatalogueEdit) -> tuple[str, ...]:
    """Everything that is wrong with a site's edit of the catalogue; empty if nothing is."""
    return edits.faults(edit, load.packaged())


def compiled(data: CatalogueData) -> Catalogue:
    """The catalogue ready for use."""
    tools = data.tools
    trailers: dict[str, Patterns] = {}
    for value, tool in _marks(tools, Kind.TRAILERS):
        key, _, shape = value.partition(":")
        key = canonical(key)
        trailers[key] = (*trailers.get(key, ()), (globs.whole(shape.strip() or "*"), tool))
    return Catalogue(
        version=data.version,
        tools={tool.name: tool for tool in tools},
        mailboxes=_mailboxes(tools),
        accounts=_accounts(data),
        words=_words(data),
        name_suffixes=dict(_marks(tools, Kind.NAME_SUFFIXES)),
        trailers=trailers,
        sessions={canonical(key): tool for key, tool in _marks(tools, Kind.SESSIONS)},
        session_links=tuple(_marks(tools, Kind.SESSION_LINKS)),
        links=tuple(_marks(tools, Kind.LINKS)),
        markers=tuple(_marks(tools, Kind.MARKERS)),
        summaries=tuple(_marks(tools, Kind.SUMMARIES)),
        branches=tuple((globs.start(value), tool) for value, tool in _marks(tools, Kind.BRANCHES)),
        titles=tuple((globs.start(value), tool) for value, tool in _marks(tools, Kind.TITLES)),
        questions=data.questions,
    )


def _marks(tools: Iterable[Tool], kind: Kind) -> list[tuple[str, Tool]]:
    return [(value, tool) for tool in tools for value in tool.of(kind)]


def _mailboxes(tools: Iterable[Tool]) -> dict[str, tuple[tuple[re.Pattern[str] | None, Tool], ...]]:
    found: dict[str, tuple[tuple[re.Pattern[str] | None, Tool], ...]] = {}
    for value, tool in _marks(tools, Kind.MAILBOXES):
        named = _NAMED.match(value)
        box = mailbox.tidy(named["mailbox"] if named else value)
        pattern = globs.whole(named["name"]) if named else None
        found[box] = (*found.get(box, ()), (pattern, tool))
    return found


def _accounts(data: CatalogueData) -> Accounts:
    by_id: dict[int, Tool] = {}
    by_pair: dict[tuple[int, str], Tool] = {}
    by_bot_login: dict[str, Tool] = {}
    for value, tool in _marks(data.tools, Kind.ACCOUNTS):
        number, plus, login = value.lower().rpartition("+")
        if not plus and login.isdecimal():
            number, login = login, ""
        if number and int(number) in data.shared_accounts:
            by_pair[int(number), login] = tool
        elif number:
            by_id[int(number)] = tool
        if login.endswith("[bot]"):
            by_bot_login.setdefault(login, tool)
    usernames = {name.lower(): tool for name, tool in _marks(data.tools, Kind.USERNAMES)}
    return Accounts(by_id, by_pair, by_bot_login, usernames, data.shared_accounts)


def _words(data: CatalogueData) -> Words:
    names = {name.lower(): tool for name, tool in _marks(data.tools, Kind.NAMES)}
    models = {name.lower(): tool for name, tool in _marks(data.tools, Kind.MODELS)}
    sure = sorted(set(names) - data.personal_names, key=len, reverse=True)
    brands = "|".join(sorted(map(re.escape, models), key=len, reverse=True))
    parts = {part for name in names for part in _split(name)}
    return Words(
        names=names,
        models=models,
        heads=_heads(sure),
        sure=re.compile(rf"(?<![\w@.+-])(?:{'|'.join(map(re.escape, sure))})(?![\w@+])"),
        versioned=re.compile(
            rf"(?<![a-z0-9@+])({brands})(?:[ ._-]?(?:{_FAMILY}))?[ ._:-]?v?[a-z]?[0-9]"
            rf"|(?<![a-z0-9@+])(claude)[ -](?:{_FAMILY})\b"
        ),
        known=data.vocabulary | parts | frozenset(models),
        products={name: names[name] for name in data.product_names if name in names},
        first_names=data.first_names,
        unnamed=next(tool for tool in data.tools if "ai" in tool.of(Kind.NAMES)),
    )


def _heads(names: Iterable[str]) -> dict[str, int]:
    """The first word of each name as it may stand in a text, and where in that word the name begins."""
    found: dict[str, int] = {}
    for name in names:
        word, _, more = name.partition(" ")
        for before in ("", "(", "`", '"', "'", "["):
            for after in ("",) if more else ("", ".", ",", ":", ";", ")", "`", '"', "'", "'s", "?", "!", "]"):
                found[f"{before}{word}{after}"] = len(before)
    return found


def _split(name: str) -> list[str]:
    return name.replace("-", " ").split()
