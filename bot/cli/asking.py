"""What a server's hook asks of the service: which heads may enter a branch now, and what is remembered of changes that
may not. One question for a branch; TryAgainError where there is no answer to rely on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from bot.detect.text import quote
from bot.model.errors import TryAgainError
from bot.model.ids import BlobId, Sha

TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Held:
    """A change in which AI took part and which did not enter: the heads it stood on, contents known to be its own."""

    number: int
    heads: tuple[Sha, ...]
    blobs: frozenset[BlobId]


@dataclass(frozen=True, slots=True)
class Answer:
    """The heads that may be merged into a branch, and the changes whose content may not come in beside them."""

    allowed: tuple[Sha, ...]
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """Whom to ask, and about which repository."""

    url: str | None
    token: str | None
    forge: str
    repository: str

    @property
    def configured(self) -> bool:
        """Whether there is anybody to ask."""
        return self.url is not None and bool(self.token)

    def ask(self, branch: str) -> Answer:
        """What the service knows about a branch now."""
        if not self.configured:
            raise TryAgainError("no service to ask is configured for this hook (--service, SIGNOFF_HOOK_TOKEN)")
        query = {"forge": self.forge, "repository": self.repository, "branch": branch}
        headers = {"Authorization": f"Bearer {self.token}"}
        try:
            answer = requests.get(f"{self.url}/hooks/allowed", query, headers=headers, timeout=TIMEOUT)
            if not answer.ok:
                raise TryAgainError(f"the sign-off service answers {answer.status_code}{_why(answer)}")
            found = answer.json()
            held = tuple(_held(each) for each in found.get("held", ()))
            return Answer(tuple(Sha(str(each)) for each in found["heads"]), held)
        except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TryAgainError(f"the sign-off service gave no answer ({type(error).__name__})") from None


def _why(answer: requests.Response) -> str:
    """What the service gives as the reason, if it gives one; a proxy's page before it is none."""
    try:
        return f": {quote(str(answer.json()['error']))}"
    except (ValueError, KeyError, TypeError):
        return ""


def _held(told: Mapping[str, Any]) -> Held:
    heads = tuple(Sha(str(each)) for each in told["heads"])
    return Held(int(told["number"]), heads, frozenset(BlobId(str(each)) for each in told["blobs"]))
