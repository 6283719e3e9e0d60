"""Logging in with a forge: what the pages need of each, and the OAuth (code, state, PKCE) that they share.

A token is the person's own and is used to ask who they are and what they can read, for nothing else.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from bot.model.change import Account
from bot.model.errors import NeedsSomebodyError, TryAgainError
from bot.model.subject import Repository

TIMEOUT = 10
"""Seconds an answer may take; somebody waits for the page."""
BATCH = 100
"""How many repositories one request asks about."""


class LogIn(Protocol):
    """One forge's log-in."""

    @property
    def name(self) -> str:
        """The forge's name, as everywhere."""

    @property
    def title(self) -> str:
        """What people call it."""

    def begin(self, back: str, state: str, verifier: str) -> str:
        """The address on the forge where the person agrees; `back` is ours, where they return to."""

    def finish(self, back: str, code: str, verifier: str) -> str:
        """The person's token for the code they returned with. NeedsSomebodyError for one that the forge refuses."""

    def account(self, token: str) -> Account:
        """Whose token it is. NeedsSomebodyError for one that is over, TryAgainError if the forge cannot tell now."""

    def readable(self, token: str, repositories: Sequence[Repository]) -> frozenset[int]:
        """Which of the repositories, by number, the person can read. Raises as `account` does."""


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client registered with a forge. Nothing of it is printed."""

    id: str
    secret: str
    authorize: str
    token: str
    scope: str | None = None

    def __repr__(self) -> str:
        return f"Client({self.id!r}, ***)"

    def begin(self, back: str, state: str, verifier: str) -> str:
        """The address to send the person to."""
        url, _ = self._session(back).create_authorization_url(self.authorize, state=state, code_verifier=verifier)
        return str(url)

    def finish(self, back: str, code: str, verifier: str) -> str:
        """The token for a code."""
        try:
            answer = self._session(back).fetch_token(
                self.token, code=code, code_verifier=verifier, timeout=TIMEOUT, headers={"Accept": "application/json"}
            )
        except AuthlibBaseError as error:
            raise NeedsSomebodyError(f"the forge did not accept the log-in: {error.error}") from None
        except (requests.RequestException, ValueError) as error:
            raise TryAgainError(f"the forge could not be asked: {type(error).__name__}") from None
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise NeedsSomebodyError("the forge gave no token for this log-in")
        return token

    def _session(self, back: str) -> OAuth2Session:
        session = OAuth2Session(
            self.id,
            self.secret,
            scope=self.scope,
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  the name of a method
        )
        session.trust_env = False
        return session


@dataclass(frozen=True, slots=True)
class OAuth(ABC):
    """What the log-ins of all forges do alike: each asks by its own means which repositories a token can read."""

    client: Client

    def begin(self, back: str, state: str, verifier: str) -> str:
        """See `LogIn`."""
        return self.client.begin(back, state, verifier)

    def finish(self, back: str, code: str, verifier: str) -> str:
        """See `LogIn`."""
        return self.client.finish(back, code, verifier)

    def readable(self, token: str, repositories: Sequence[Repository]) -> frozenset[int]:
        """See `LogIn`."""
        return frozenset(number for some in _batches(repositories) for number in self._readable(token, some))

    @abstractmethod
    def _readable(self, token: str, some: list[Repository]) -> set[int]:
        """Which of at most `BATCH` repositories, by number, the person can read."""


def ask(method: str, url: str, token: str, body: Any = None) -> Any:
    """One request with a person's token; the JSON of the answer."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    try:
        answer = requests.request(method, url, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        if answer.status_code in {401, 403} and not _is_limited(answer):
            raise NeedsSomebodyError("the forge does not take this log-in any more; please log in again")
        answer.raise_for_status()
        return answer.json()
    except (requests.RequestException, ValueError) as error:
        raise TryAgainError(f"the forge could not be asked: {type(error).__name__}") from None


def _is_limited(answer: requests.Response) -> bool:
    """Whether it is a limit that passes: GitHub says that with 403 and one of these headers too (its documentation)."""
    told = answer.headers
    return answer.status_code != 401 and ("Retry-After" in told or told.get("X-RateLimit-Remaining") == "0")  # noqa: PLR2004


def _batches(repositories: Sequence[Repository]) -> list[list[Repository]]:
    """The repositories, so many at a time."""
    rest = iter(repositories)
    return list(iter(lambda: list(islice(rest, BATCH)), []))
