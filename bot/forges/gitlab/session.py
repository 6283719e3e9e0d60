"""Authenticated requests to GitLab, and errors told apart by what must happen next.

Through python-gitlab, one client per thread, with a time-out on every request and its own waiting and retrying off:
the due-set does that, for every cause alike. Nothing here sleeps.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import gitlab
import requests

from bot.forges import onward, traffic
from bot.forges.gitlab.secrets import Secrets
from bot.model.errors import GoneError, NeedsSomebodyError, SignoffError, TryAgainError

FORGE = "gitlab"
WORDS = frozenset(
    {
        "approval_rules", "approvals", "approve", "blob", "commits", "compare", "diffs", "events", "files", "groups",
        "hooks", "members", "merge_base", "merge_requests", "notes", "personal_access_tokens", "pipelines", "projects",
        "protected_branches", "raw", "repository", "resource_label_events", "statuses", "tree", "unapprove", "user",
        "users", "versions", "blobs", "branches",
    }
)  # fmt: skip
"""Words of GitLab's REST paths that this client asks, by which its requests are counted."""
GRAPHQL = "/api/graphql"
"""Not below /api/v4."""
LIMIT_WAIT = timedelta(seconds=60)
"""How long to wait after a rate limit that names no time; GitLab's own limits are per minute."""
LONGEST_LIMIT = timedelta(hours=1)
LOCKED_WAIT = timedelta(seconds=2)
"""GitLab answers 409 while another update of the same commit or merge request runs."""


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token it is, for what is said where GitLab refuses it: `setting` holds it, `needs` is what it takes."""

    setting: str
    who: str
    needs: str


THE_BOT = Bearer(
    "SIGNOFF_GITLAB_TOKEN", "the bot", "the bot is a Developer of the project and its token has the scope api"
)


@dataclass(frozen=True, slots=True)
class GitLabSettings:
    """How to reach one GitLab. `url` without a slash at the end; `clock` is the service's own."""

    url: str
    token: str = field(repr=False)
    secrets: Secrets
    clock: Callable[[], datetime]
    check_name: str = "senior-signoff"
    timeout: int = 20
    bearer: Bearer = THE_BOT


class RefusedError(NeedsSomebodyError):
    """GitLab said no to this request as it stands: `status` and what it `said` about it."""

    def __init__(self, message: str, status: int, said: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class ConflictError(TryAgainError):
    """GitLab is busy with the same thing, or has what was to be made (409)."""


class QueryError(TryAgainError):
    """GitLab answered a query with errors. `never_run`: it did not try, lacking a field or finding it too large."""

    def __init__(self, message: str, *, never_run: bool) -> None:
        super().__init__(message)
        self.never_run = never_run


class Session:
    """Requests with one token. `path` begins with a slash and is below /api/v4."""

    def __init__(self, settings: GitLabSettings) -> None:
        self._settings = settings
        self._local = threading.local()

    def get(self, path: str, /, **query: Any) -> Any:
        """The parsed body of a GET."""
        return self._json("get", path, query, None)

    def raw(self, path: str, /, **query: Any) -> bytes:
        """The bytes of a GET."""
        return self._send("get", path, query, None).content

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The parsed body of a POST."""
        return self._json("post", path, {}, dict(body or {}))

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """The parsed body of a PUT."""
        return self._json("put", path, {}, dict(body))

    def delete(self, path: str) -> None:
        """A DELETE."""
        self._send("delete", path, {}, None)

    def graphql(self, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The `data` of a query; an answer with `errors` is no answer, whatever data came with it: QueryError."""
        answer = self._json("post", GRAPHQL, {}, {"query": document, "variables": dict(variables)})
        if not isinstance(answer, dict):
            raise TryAgainError("GitLab answered a GraphQL query with something that is no answer")
        if answer.get("errors"):
            raise QueryError(
                f"GitLab did not answer a query: {_said(answer['errors'])}", never_run="data" not in answer
            )
        if not isinstance(answer.get("data"), dict):
            raise TryAgainError("GitLab answered a GraphQL query without data")
        return answer["data"]  # type: ignore[no-any-return]

    def pages(self, path: str, /, **query: Any) -> Iterator[Any]:
        """All entries of a paged list. GitLab tells the next page by X-Next-Page and Link, of lists that go on after a
        key by Link alone (REST documentation).
        """
        walk = onward.Walk(path)
        while walk.query is not None:
            answer = self._send("get", path, {**walk.query, **query}, None)
            entries = _parsed(answer, path)
            if not isinstance(entries, list):
                raise TryAgainError(f"GitLab answered {path} with something that is no list")
            yield from entries
            walk.told(answer.headers, len(entries))

    def _json(self, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None) -> Any:
        answer = self._send(verb, path, query, body)
        return _parsed(answer, path) if answer.content else None

    def _send(
        self, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> requests.Response:
        with traffic.counted(FORGE, traffic.kind(verb, path, WORDS)):
            return self._sent(verb, path, query, body)

    def _sent(
        self, verb: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None
    ) -> requests.Response:
        what = f"{verb.upper()} {path}"
        try:
            return self._client().http_request(
                verb,
                f"{self._settings.url}{path}" if path == GRAPHQL else path,
                query_data=dict(query),
                post_data=dict(body) if body is not None else None,
                obey_rate_limit=False,
                retry_transient_errors=False,
                max_retries=0,
            )
        except gitlab.GitlabError as error:
            raise _error(error, what, self._local.headers, self._settings) from error
        except requests.RequestException as error:
            raise TryAgainError(f"GitLab could not be reached for {what}: {type(error).__name__}") from error
        finally:
            traffic.left(FORGE, "token", self._local.headers)

    @property
    def date(self) -> str | None:
        """The Date header of this thread's newest answer."""
        found: str | None = self._local.headers.get("date")
        return found

    def _client(self) -> gitlab.Gitlab:
        self._local.headers = {}
        kept: gitlab.Gitlab | None = getattr(self._local, "client", None)
        if kept is None:
            connection = requests.Session()
            connection.hooks["response"].append(self._note)
            kept = gitlab.Gitlab(
                self._settings.url,
                private_token=self._settings.token,
                timeout=self._settings.timeout,
                session=connection,
                user_agent="signoff-bot",
                keep_base_url=True,
            )
            self._local.client = kept
        return kept

    def _note(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Keep the headers, which python-gitlab's errors leave out."""
        self._local.headers = {name.lower(): value for name, value in response.headers.items()}


def _said(errors: Any) -> str:
    first = errors[0] if isinstance(errors, list) else errors
    return str(first.get("message") if isinstance(first, dict) else first)[:200]


def _parsed(answer: requests.Response, path: str) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise TryAgainError(f"GitLab's answer to {path} cannot be read") from error


_NOTE = re.compile(r"(?:POST|PUT) \S+/notes(?:/\d+)?")
"""Notes have a limit of their own (GitLab's documentation), which people can have us use up: nothing else waits."""


def _error(error: gitlab.GitlabError, what: str, headers: Mapping[str, str], settings: GitLabSettings) -> SignoffError:
    status, said, bearer = error.response_code or 0, str(error.error_message)[:200], settings.bearer
    if status == requests.codes.too_many:
        wait, told = _limit_wait(headers, settings.clock()), f"GitLab's rate limit is reached ({what})"
        return TryAgainError(told, after=wait, shared=_NOTE.fullmatch(what) is None)
    if status == requests.codes.unauthorized:
        return RefusedError(
            f"GitLab refuses the token for {what} ({said}): check that {bearer.setting} is in force", status, said
        )
    if status in {requests.codes.not_found, requests.codes.gone}:
        return GoneError(f"GitLab knows no {what} (any more), or does not show it to {bearer.who}")
    if status == requests.codes.conflict:
        return ConflictError(f"GitLab is busy with the same thing, or has it ({what}: {said})", after=LOCKED_WAIT)
    if status == requests.codes.forbidden:
        return RefusedError(f"GitLab refuses {what} (403 {said}): check that {bearer.needs}", status, said)
    if requests.codes.bad_request <= status < 500:  # noqa: PLR2004  4xx
        return RefusedError(f"GitLab refuses {what} as it is ({status} {said})", status, said)
    return TryAgainError(f"GitLab answered {status or 'nothing'} to {what} {said}".rstrip())


def _limit_wait(headers: Mapping[str, str], now: datetime) -> timedelta:
    """How long GitLab asks to wait: Retry-After, else until RateLimit-Reset (seconds since 1970)."""
    after, reset = headers.get("retry-after", ""), headers.get("ratelimit-reset", "")
    wait = LIMIT_WAIT
    if after.isdecimal():
        wait = timedelta(seconds=int(after[:6]))
    elif reset.isdecimal():
        wait = timedelta(seconds=int(reset[:11]) - now.timestamp())
    return min(max(wait, timedelta(seconds=1)), LONGEST_LIMIT)
