"""GitLab's refusals to three errors, told apart by what must happen next."""

from datetime import UTC, datetime, timedelta

import gitlab
import pytest

from bot.forges.gitlab.secrets import Secrets
from bot.forges.gitlab.session import GitLabSettings, RefusedError, _error
from bot.model.errors import GoneError, NeedsSomebodyError, SignoffError, TryAgainError

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
SETTINGS = GitLabSettings("https://gitlab.example.com", "no token", Secrets(), lambda: NOW)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RefusedError), (401, RefusedError), (403, NeedsSomebodyError), (404, GoneError), (409, TryAgainError),
        (410, GoneError), (422, RefusedError), (429, TryAgainError), (500, TryAgainError), (502, TryAgainError),
        (None, TryAgainError),
    ],
)  # fmt: skip
def test_each_refusal_is_an_error_by_what_must_happen_next(status: int | None, kind: type[SignoffError]) -> None:
    """Try again, somebody must act, gone."""
    found = _error(gitlab.GitlabError("why", status), "GET /x", {}, SETTINGS)
    assert isinstance(found, kind)
    assert "GET /x" in str(found)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 30)}, 30),
        ({"ratelimit-reset": str(int(NOW.timestamp()) - 30)}, 1),
        ({"retry-after": "999999"}, 3600),
        ({"retry-after": "soon"}, 60),
        ({}, 60),
    ],
)
def test_a_rate_limit_is_waited_for_as_long_as_gitlab_says_by_all_that_share_the_token(
    headers: dict[str, str], seconds: int
) -> None:
    """Retry-After, else RateLimit-Reset, else a minute; never longer than an hour."""
    found = _error(gitlab.GitlabError("slow down", 429), "GET /x", headers, SETTINGS)
    assert isinstance(found, TryAgainError)
    assert (found.after, found.shared) == (timedelta(seconds=seconds), True)
