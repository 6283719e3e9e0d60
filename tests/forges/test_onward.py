"""Lists that come in pages: all of a list is read, by what the forge says of it, and only from the forge."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.forges import onward
from bot.forges.github import session as github
from bot.forges.gitlab import session as gitlab
from bot.forges.gitlab.secrets import Secrets
from bot.model.errors import TryAgainError
from tests.forges.wire import Answer, Asked, wired

GAVE = 30
"""So many entries these forges give at most, whatever they are asked for."""
ALL = list(range(250))
Entries = Callable[[str], Iterator[Any]]


def on_github(url: str) -> Iterator[Any]:
    """A list of GitHub's, read by whoever has an administrator's token."""
    session = github.Session(github.GitHubSettings(1, "key", (), api_url=url, admin_token="token"))
    return session.pages(github.ADMINISTRATOR, "/list", state="open")


def wrapped_on_github(url: str) -> Iterator[Any]:
    """The same inside an object."""
    session = github.Session(github.GitHubSettings(1, "key", (), api_url=url, admin_token="token"))
    return session.pages(github.ADMINISTRATOR, "/list", "entries", state="open")


def on_gitlab(url: str) -> Iterator[Any]:
    """A list of GitLab's."""
    clock = lambda: datetime(2026, 11, 20, tzinfo=UTC)  # noqa: E731
    session = gitlab.Session(gitlab.GitLabSettings(url, "token", Secrets((), ()), clock))
    return session.pages("/list", state="open")


def part(asked: Asked, size: int = GAVE) -> tuple[list[int], int]:
    """The entries of the page that was asked for, and its number."""
    number = int(asked.query.get("page", 1))
    return ALL[(number - 1) * size : number * size], number


def linked(asked: Asked) -> Answer:
    """Tells the next page by Link, as if it were on another host, which also asks for something else."""
    entries, number = part(asked)
    links = [f'<https://elsewhere.example.com/others?state=all&page={number - 1}>; rel="prev"']
    if number * GAVE < len(ALL):
        links.append(
            f'<https://elsewhere.example.com/others?state=all&per_page={GAVE}&page={number + 1}>; rel="last next"'
        )
    return {"Link": ", ".join(links)}, entries


def by_cursor(asked: Asked) -> Answer:
    """Goes on after a key, as the lists do that have no numbers."""
    start = int(asked.query.get("cursor", 0))
    more = {"link": f"</list?cursor={start + GAVE}>; rel=next"} if start + GAVE < len(ALL) else {}
    return more, ALL[start : start + GAVE]


def numbered(asked: Asked) -> Answer:
    """Tells the next page by X-Next-Page, empty on the last."""
    entries, number = part(asked)
    return {"X-Next-Page": str(number + 1) if number * GAVE < len(ALL) else ""}, entries


def silent(asked: Asked) -> Answer:
    """Tells nothing: a page that is not full is the last."""
    return {}, part(asked, 100)[0]


def counted(asked: Asked) -> Answer:
    """Tells how many there are, and nothing else."""
    entries, _ = part(asked)
    return {}, {"total_count": len(ALL), "entries": entries}


def compared(asked: Asked) -> Answer:
    """The same in the words of a comparison."""
    entries, _ = part(asked)
    return {}, {"total_commits": len(ALL), "entries": entries}


@pytest.mark.parametrize(
    ("entries", "answer", "pages"),
    [
        (on_github, linked, 9), (on_github, by_cursor, 9), (on_github, silent, 3),
        (wrapped_on_github, counted, 9), (wrapped_on_github, compared, 9),
        (on_gitlab, linked, 9), (on_gitlab, by_cursor, 9), (on_gitlab, numbered, 9), (on_gitlab, silent, 3),
    ],
)  # fmt: skip
def test_a_forge_that_gives_less_than_it_is_asked_for_is_read_to_the_end(
    entries: Entries, answer: Callable[[Asked], Answer], pages: int
) -> None:
    """No entry is lost, no page is asked for twice, and neither the path nor what was asked for ever changes."""
    with wired(answer) as wire:
        assert list(entries(wire.url)) == ALL
    assert len(wire.asked) == pages
    assert {each.path.removeprefix("/api/v4") for each in wire.asked} == {"/list"}
    assert {each.query["state"] for each in wire.asked} == {"open"}


@pytest.mark.parametrize("entries", [on_github, on_gitlab])
@pytest.mark.parametrize("link", ['</list?page=2>; rel="next"', "<http://[broken>; rel=next", "</list>; rel=next"])
def test_a_list_that_goes_in_circles_or_nowhere_is_no_answer(entries: Entries, link: str) -> None:
    """Part of a list is no list: it is read again later."""
    with wired(lambda _: ({"Link": link}, [1])) as wire, pytest.raises(TryAgainError, match=r"end|asked for"):
        list(entries(wire.url))
    assert len(wire.asked) <= 3


def test_a_list_without_end_is_given_up() -> None:
    """Each page names another one that nobody saw yet."""
    walk = onward.Walk("/list")
    with pytest.raises(TryAgainError, match="/list: the list does not end"):
        for number in range(onward.MOST_PAGES + 2):
            walk.told({"Link": f"</list?page={number}>; rel=next"}, 1)


@pytest.mark.parametrize(
    ("header", "following"),
    [
        ({}, None),
        ({"LINK": '<https://a.example.com/?page=3>; rel="last", <https://a.example.com/?page=1>; rel="first"'}, {}),
        ({"link": '<https://a.example.com/?page=2>; title="a; rel=next"; rel="prev"'}, {}),
        ({"link": "<https://a.example.com/?page=2>; rel=nextish"}, {}),
        ({"link": '<https://a.example.com/?a=x%2Cy&page=2>; rel="next"'}, {"a": "x,y", "page": "2"}),
        ({"link": "rel=next; <>; ,,, <"}, {}),
    ],
)
def test_only_the_link_to_the_next_page_is_taken(header: Mapping[str, str], following: object) -> None:
    """By RFC 8288; None is told apart from a header that names no next page."""
    assert onward.linked(header) == following
