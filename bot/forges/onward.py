"""Where a list that a forge gives in pages goes on, as its answers tell.

What an answer says is a forge's text: of an address in it only the query is taken, never host or path, so that whatever
stands there, the next question goes to where the first one went. A list that goes in circles or does not end is
refused. What is in a page is told elsewhere.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from bot.model.errors import TryAgainError

Query = dict[str, str]

PAGE = 100
"""How many entries are asked for at once: the most that both forges give. They may give fewer."""
MOST_PAGES = 2000
"""More pages than any list has that is read here: the longest are all repositories of a large organisation."""
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_ABOUT = re.compile(r';\s*(\w+)\s*=\s*(?:"([^"]*)"|([^\s;,"]*))')


def linked(headers: Mapping[str, str]) -> Query | None:
    """The query of the next page by the Link header (RFC 8288, rel="next"), empty where it names no next page, None
    where there is no such header. Both forges document it as the way through a list of their REST API.
    """
    told = next((value for name, value in headers.items() if name.lower() == "link"), None)
    if told is None:
        return None
    targets = (target for target, about in _LINK.findall(told) if "next" in _relations(about))
    return next((_query(target) for target in targets), {})


def _relations(about: str) -> list[str]:
    rel = (quoted or bare for name, quoted, bare in _ABOUT.findall(about) if name.lower() == "rel")
    return next(rel, "").lower().split()


def _query(target: str) -> Query:
    try:
        found = dict(parse_qsl(urlsplit(target).query))
    except ValueError:  # no address at all
        found = {}
    if not found:
        raise TryAgainError("the forge names a next page that cannot be asked for")
    return found


class Steps:
    """The places of one list that were asked for; `what` is the list's name."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._taken: set[str] = set()

    def take(self, place: object) -> None:
        """Go on to a cursor or query; TryAgainError for one that was there before, or is one too many."""
        if repr(place) in self._taken or len(self._taken) >= MOST_PAGES:
            raise TryAgainError(f"{self._what}: the list does not end")
        self._taken.add(repr(place))


class Walk:
    """Through one list of a REST API: ask with `query` until it is None, and hand in what each page told."""

    def __init__(self, what: str) -> None:
        self.query: Query | None = {"per_page": str(PAGE)}
        self._steps = Steps(what)
        self._pages = 1
        self._got = 0
        self._tells = False

    def told(self, headers: Mapping[str, str], entries: int, total: object = None) -> None:
        """A page came with so many entries. `total` is how many there are of all, where the answer says it.

        A full page, or fewer than the total, means more only where no header of the list ever told.
        """
        self._got += entries
        self._pages += 1
        following, number = linked(headers), _numbered(headers)
        self._tells |= following is not None or number is not None
        if number:
            following = {"page": number}
        elif not self._tells and self._more(entries, total):
            following = {"page": str(self._pages)}
        if following:
            self._steps.take(following)
        self.query = {"per_page": str(PAGE), **following} if following else None

    def _more(self, entries: int, total: object) -> bool:
        if isinstance(total, int):
            return bool(entries) and self._got < total
        return entries >= PAGE


def _numbered(headers: Mapping[str, str]) -> str | None:
    """The number of the next page by GitLab's X-Next-Page, empty on the last one, None without that header."""
    told = next((value for name, value in headers.items() if name.lower() == "x-next-page"), None)
    return None if told is None else told.strip()
