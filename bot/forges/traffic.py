"""What is asked of forges, counted: requests by kind and by how they ended, their time, and what is left of limits.

A kind is the name of a GraphQL document, or a verb with the words of an API that stand in a path: few, and never a
name or number of other people's making. Nothing here waits or decides; a process counts its own requests.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic

from prometheus_client import Counter, Gauge, Histogram

from bot.model.errors import GoneError, NeedsSomebodyError, TryAgainError

REQUESTS = Counter(
    "signoff_forge_requests",
    "Requests to a forge, by kind and how they ended.",
    ["forge", "kind", "outcome"],
    registry=None,
)
SECONDS = Histogram("signoff_forge_request_seconds", "How long a request to a forge takes.", ["forge"], registry=None)
LEFT = Gauge(
    "signoff_forge_rate_limit_left",
    "Requests (GraphQL: points) that a rate limit leaves, as the forge's last answer told.",
    ["forge", "scope", "resource"],
    registry=None,
)
COLLECTORS = (REQUESTS, SECONDS, LEFT)

_DOCUMENT = re.compile(r"\s*(?:query|mutation) (\w{1,40})")
_RESOURCE = re.compile(r"[a-z_]{1,40}")
_PREFIXES = ("x-ratelimit-", "ratelimit-")


def document(text: str) -> str:
    """The kind of a GraphQL request: its document's name."""
    found = _DOCUMENT.match(text)
    return found[1] if found else "GraphQL"


def kind(verb: str, path: str, words: Collection[str]) -> str:
    """The kind of a REST request: the verb, and those parts of the path that are `words` of the API."""
    return f"{verb.upper()} {'/'.join(part for part in path.split('/') if part in words) or '/'}"


@contextmanager
def counted(forge: str, what: str) -> Iterator[None]:
    """Count the request made within, as it ends: ok, again, limited, somebody, gone, or broke for a fault of ours."""
    began, outcome = monotonic(), "broke"
    try:
        yield
        outcome = "ok"
    except TryAgainError as error:
        outcome = "limited" if error.shared else "again"
        raise
    except NeedsSomebodyError:
        outcome = "somebody"
        raise
    except GoneError:
        outcome = "gone"
        raise
    finally:
        REQUESTS.labels(forge, what, outcome).inc()
        SECONDS.labels(forge).observe(monotonic() - began)


def left(forge: str, scope: str, headers: Mapping[str, str] | None) -> None:
    """Remember what an answer's headers tell of a rate limit, which is shared by one scope (an installation)."""
    told = {name.lower(): value for name, value in (headers or {}).items()}
    for prefix in _PREFIXES:
        number = told.get(f"{prefix}remaining", "")
        resource = told.get(f"{prefix}resource") or told.get(f"{prefix}name") or "core"
        if number.isascii() and number.isdecimal() and len(number) < 10 and _RESOURCE.fullmatch(resource):  # noqa: PLR2004
            LEFT.labels(forge, scope, resource).set(int(number))
            return
