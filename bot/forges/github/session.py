"""Authenticated requests to GitHub as an App: tokens, connections, and errors told apart by what must happen next.

Installation tokens are kept until a minute before they expire and shared by all threads; a connection is one thread's
own, since PyGithub's is not safe to share. Nothing is retried here: the due-set does that, for every cause alike.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from github import Auth, Github, GithubException, GithubIntegration

from bot.forges import onward, traffic
from bot.model.errors import GoneError, NeedsSomebodyError, SignoffError, TryAgainError

PERMISSIONS: Mapping[str, str] = {
    "checks": "write",
    "contents": "read",
    "issues": "write",
    "members": "read",
    "merge_queues": "read",
    "metadata": "read",
    "pull_requests": "read",
    "statuses": "write",
}
"""What the App asks for: checks and statuses to publish a check that a ruleset can require, contents for files and
commits, issues to answer commands, members for teams in the roster, merge_queues for the groups."""

ADMINISTRATOR = -1
"""Stands in the place of an installation for the administrator whose token was given."""
UNTOLD: Mapping[str, str] = {
    "pull_request": "nothing is decided until the next sweep",
    "pull_request_review": "an approval counts only at the next sweep, and what it was given for is not seen",
    "issue_comment": "commands wait for the next sweep",
    "check_run": "the button Re-run does nothing",
    "check_suite": "the button that runs all checks again does nothing",
    "push": "who pushed, and pushes past the gate, are seen late",
    "merge_group": "a merge queue waits for the check until it gives up",
    "repository": "a renamed or archived repository is noticed late",
    "status": "a status that somebody else set in our name is noticed late",
}
"""What happens without each of the events that the App subscribes to."""
FORGE = "github"
WORDS = frozenset(
    {
        "activity", "app", "attempts", "branches", "check-runs", "comments", "commits", "compare", "config",
        "deliveries", "files", "hook", "installation", "installations", "issues", "orgs", "pulls", "repositories",
        "members", "rules", "rulesets", "teams", "users",
    }
)  # fmt: skip
"""Words of GitHub's REST paths that this client asks, by which its requests are counted."""
UNREADABLE = (ValueError, TypeError, RuntimeError, AssertionError)
"""What PyGithub raises for an answer that is cut off or of another shape."""
TOKEN_MARGIN = timedelta(minutes=1)
SECONDARY_WAIT = timedelta(seconds=60)
"""How long to wait after a secondary rate limit that names no time (GitHub's documentation: at least a minute)."""


def graphql_of(api_url: str) -> str:
    """Where GraphQL is, for the address of the REST API: https://HOST/api/graphql on Enterprise Server."""
    return f"{api_url.removesuffix('/v3')}/graphql"


@dataclass(frozen=True, slots=True)
class GitHubSettings:
    """How to reach one GitHub as one App. URLs without a slash at the end; secrets: the current one first.

    `admin_token` is a person's, for reading what an App is not shown; the service never has one.
    """

    app_id: int
    private_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    api_url: str = "https://api.github.com"
    graphql_url: str | None = None
    check_name: str = "senior-signoff"
    timeout: int = 20
    admin_token: str | None = field(default=None, repr=False)


class Session:
    """Requests as the App (`app_rest`) and as one of its installations (`rest`, `graphql`)."""

    def __init__(self, settings: GitHubSettings) -> None:
        self._settings = settings
        self._app_auth = Auth.AppAuth(settings.app_id, settings.private_key)
        self._tokens: dict[int, tuple[str, datetime]] = {}
        self._locks: dict[int, threading.Lock] = {}
        self._guard = threading.Lock()
        self._local = threading.local()
        self._graphql_url = settings.graphql_url or graphql_of(settings.api_url)

    def rest(self, installation: int, verb: str, path: str, body: Any = None, **query: Any) -> tuple[Any, Any]:
        """Headers and parsed body of a REST request. `path` begins with a slash; `query` are its parameters."""
        return self._send(installation, verb, path, body, query)

    def app_rest(self, verb: str, path: str, body: Any = None, **query: Any) -> tuple[Any, Any]:
        """The same as the App itself, by its key."""
        return self._send(None, verb, path, body, query)

    def graphql(self, installation: int, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The `data` of a GraphQL answer; an answer with `errors` is no answer, whatever data came with it, unless all
        that it could not tell is a number that its Int is too small for: that is null, and asked for elsewhere.
        """
        connection = self._connection(installation)
        with traffic.counted(FORGE, traffic.document(document)):
            return self._data(connection, installation, {"query": document, "variables": dict(variables)})

    def _data(self, connection: Github, installation: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
        headers, answer = self._answer(connection, installation, ("POST", self._graphql_url, body, {}))
        if not isinstance(answer, dict) or ("data" not in answer and "errors" not in answer):
            raise TryAgainError("GitHub answered a GraphQL query with something that is no answer")
        if answer.get("errors") and not all(map(_is_an_id, answer["errors"])):
            raise _graphql_error(answer["errors"], headers)
        data = answer["data"]
        if not isinstance(data, dict):
            raise TryAgainError("GitHub answered a GraphQL query without data")
        return data

    def pages(self, installation: int | None, path: str, key: str | None = None, **query: Any) -> Iterator[Any]:
        """All entries of a paged REST list; `key` names the list where the answer wraps it.

        GitHub may give fewer entries than it was asked for: the Link header tells whether there are more (REST
        documentation), a count or the length of the page only where there is none. What is asked for in `query` stays
        as it is, whatever the header says.
        """
        walk = onward.Walk(path)
        while walk.query is not None:
            headers, answer = self._send(installation, "GET", path, None, {**walk.query, **query})
            wrapped = isinstance(answer, dict)
            entries = answer.get(key) if key and wrapped else answer
            if not isinstance(entries, list):
                raise TryAgainError(f"GitHub answered {path} with something that is no list")
            yield from entries
            walk.told(headers, len(entries), _total(answer) if wrapped else None)

    def _send(
        self, installation: int | None, verb: str, path: str, body: Any, query: Mapping[str, Any]
    ) -> tuple[Any, Any]:
        connection = self._connection(installation)
        with traffic.counted(FORGE, traffic.kind(verb, path, WORDS)):
            return self._answer(connection, installation, (verb, path, body, query))

    def _answer(
        self, connection: Github, installation: int | None, asked: tuple[str, str, Any, Mapping[str, Any]]
    ) -> tuple[Any, Any]:
        verb, path, body, query = asked
        what, scope = f"{verb} {path}", "app" if installation is None else str(installation)
        try:
            told = connection.requester.requestJsonAndCheck(verb, path, parameters=dict(query), input=body)
        except GithubException as error:
            traffic.left(FORGE, scope, error.headers)
            if error.status == requests.codes.unauthorized and installation is not None:
                self._forget(installation)
            found = _error(error, what, as_app=installation is None)
            if path == self._graphql_url and isinstance(
                found, GoneError
            ):  # what is gone is told in an answer, with 200
                raise TryAgainError(f"GitHub answered {error.status} to a GraphQL query") from error
            raise found from error
        except requests.RequestException as error:
            raise TryAgainError(f"GitHub could not be reached for {what}: {type(error).__name__}") from error
        except UNREADABLE as error:
            raise TryAgainError(f"GitHub's answer to {what} cannot be read: {type(error).__name__}") from error
        traffic.left(FORGE, scope, told[0])
        return told

    def _connection(self, installation: int | None) -> Github:
        token = None if installation is None else self._token(installation)
        kept: dict[int | None, tuple[str | None, Github]] = self._local.__dict__.setdefault("kept", {})
        have = kept.get(installation)
        if have is None or have[0] != token:
            auth: Auth.Auth = self._app_auth if token is None else Auth.Token(token)
            have = (token, Github(auth=auth, **self._options()))
            kept[installation] = have
        return have[1]

    def _options(self) -> dict[str, Any]:
        return {
            "base_url": self._settings.api_url,
            "timeout": self._settings.timeout,
            "user_agent": "signoff-bot",
            "retry": None,
            "seconds_between_requests": None,
            "seconds_between_writes": None,
        }

    def administrator(self, installation: int) -> int:
        """As whom to read what administrators see: one, if a token of one was given, else the installation."""
        return installation if self._settings.admin_token is None else ADMINISTRATOR

    def _token(self, installation: int) -> str:
        if installation == ADMINISTRATOR and self._settings.admin_token is not None:
            return self._settings.admin_token
        with self._guard:
            lock = self._locks.setdefault(installation, threading.Lock())
        with lock:
            have = self._tokens.get(installation)
            if have is None or have[1] - TOKEN_MARGIN <= datetime.now(UTC):  # noqa: TID251  a token's life is read here
                have = self._mint(installation)
                self._tokens[installation] = have
            return have[0]

    def _mint(self, installation: int) -> tuple[str, datetime]:
        """A token with what we ask for; where not all of that was granted, with as much of it as was."""
        with traffic.counted(FORGE, "POST access_tokens"):
            return self._minted(installation)

    def _minted(self, installation: int) -> tuple[str, datetime]:
        integration = GithubIntegration(auth=self._app_auth, **self._options())
        try:
            try:
                granted = integration.get_access_token(installation, permissions=dict(PERMISSIONS))
            except GithubException as error:
                if error.status != requests.codes.unprocessable:
                    raise
                has = integration.get_app_installation(installation).raw_data["permissions"]
                wanted = {name: has[name] for name in PERMISSIONS if name in has}
                granted = integration.get_access_token(installation, permissions=wanted)
        except GithubException as error:
            raise _error(error, f"installation {installation}", as_app=True) from error
        except requests.RequestException as error:
            raise TryAgainError(f"GitHub could not be reached for a token: {type(error).__name__}") from error
        except UNREADABLE as error:
            raise TryAgainError(f"GitHub's answer with a token cannot be read: {type(error).__name__}") from error
        finally:
            integration.close()
        return granted.token, granted.expires_at

    def _forget(self, installation: int) -> None:
        with self._guard:
            self._tokens.pop(installation, None)


def _total(answer: Mapping[str, Any]) -> Any:
    """How many entries there are of all: a comparison has its own word for its commits (REST description)."""
    return answer.get("total_count", answer.get("total_commits"))


def _error(error: GithubException, what: str, *, as_app: bool) -> SignoffError:
    status, headers = error.status, {key.lower(): value for key, value in (error.headers or {}).items()}
    said = str((error.data or {}).get("message", "") if isinstance(error.data, dict) else "")[:200]
    limited = _limited(status, headers, said)
    if limited is not None:
        return TryAgainError(f"GitHub's rate limit is reached ({what})", after=limited, shared=True)
    if status in {requests.codes.not_found, requests.codes.gone}:
        return GoneError(f"GitHub knows no {what} (any more)")
    if status == requests.codes.unauthorized and as_app:
        return NeedsSomebodyError(f"GitHub refuses the App's key for {what}: check the App id, its key and the clock")
    if status == requests.codes.unprocessable and "no commit found" in said.lower():  # it may come a moment later
        return TryAgainError(f"GitHub does not know the commit of {what} yet")
    if status in {requests.codes.forbidden, requests.codes.unprocessable, requests.codes.bad_request}:
        return NeedsSomebodyError(
            f"GitHub refuses {what} ({status} {said}): check that the App has the permissions "
            f"{', '.join(f'{name}:{level}' for name, level in PERMISSIONS.items())}, and is not suspended"
        )
    return TryAgainError(f"GitHub answered {status} to {what} {said}".rstrip())


def _limited(status: int, headers: Mapping[str, str], said: str) -> timedelta | None:
    """How long to wait if this is a rate limit, primary or secondary."""
    if status not in {requests.codes.ok, requests.codes.forbidden, requests.codes.too_many}:
        return None
    retry_after = headers.get("retry-after", "")
    if retry_after.isdigit():
        return timedelta(seconds=int(retry_after))
    if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset", "").isdigit():
        reset = datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC)
        now = datetime.now(UTC)  # noqa: TID251  the forge gives an instant, the due-set wants a wait
        return max(reset - now, timedelta(seconds=1))
    if status == requests.codes.too_many or "rate limit" in said.lower():
        return SECONDARY_WAIT
    return None


def _is_an_id(error: Any) -> bool:
    """Whether an error is about a `databaseId` alone: the path to the field is in it (GraphQL specification)."""
    path = error.get("path") if isinstance(error, dict) else None
    return isinstance(path, list) and path[-1:] == ["databaseId"]


def _graphql_error(errors: list[Any], headers: Mapping[str, str]) -> SignoffError:
    kinds = {str(error.get("type", "")) for error in errors if isinstance(error, dict)}
    said = "; ".join(str(error.get("message", "")) for error in errors if isinstance(error, dict))[:200]
    if "RATE_LIMITED" in kinds:
        wait = _limited(requests.codes.ok, headers, said) or SECONDARY_WAIT
        return TryAgainError("GitHub's rate limit is reached (GraphQL)", after=wait, shared=True)
    if kinds == {"NOT_FOUND"}:
        return GoneError(f"GitHub knows it no more: {said}")
    if "FORBIDDEN" in kinds:
        return NeedsSomebodyError(f"GitHub refuses a GraphQL query ({said}): check the App's permissions")
    return TryAgainError(f"GitHub answered a GraphQL query with errors: {said}")
