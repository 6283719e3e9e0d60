"""What is asked of forges is counted by few kinds, with what is left of their limits."""

from contextlib import suppress

import pytest

from bot.forges import traffic
from bot.forges.github.queries import CHANGE
from bot.forges.github.session import WORDS
from bot.forges.gitlab import session as gitlab
from bot.model.errors import GoneError, NeedsSomebodyError, TryAgainError


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/repos/acme/payments/check-runs/7", "PATCH check-runs"),
        ("/repos/acme/payments/pulls/7/files", "PATCH pulls/files"),
        ("/repos/acme/secret-project/branches/a%2Fb", "PATCH branches"),
        ("/nothing/known", "PATCH /"),
    ],
)
def test_a_kind_holds_words_of_the_api_and_no_names(path: str, kind: str) -> None:
    """Else every repository made a series of its own, and strangers could make as many as they like."""
    assert traffic.kind("patch", path, WORDS) == kind


def test_a_document_is_its_own_kind_and_gitlabs_paths_have_words_too() -> None:
    """What an evaluation asks for can be told apart."""
    assert traffic.document(CHANGE) == "SignoffChange"
    assert traffic.document("{ viewer { login } }") == "GraphQL"
    assert (
        traffic.kind("get", "/projects/7/merge_requests/1/notes", gitlab.WORDS) == "GET projects/merge_requests/notes"
    )


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "ok"),
        (TryAgainError("502"), "again"),
        (TryAgainError("limit", shared=True), "limited"),
        (NeedsSomebodyError("403"), "somebody"),
        (GoneError("404"), "gone"),
        (ZeroDivisionError(), "broke"),
    ],
)
def test_a_request_is_counted_by_how_it_ended(error: Exception | None, outcome: str) -> None:
    """By what must happen next, as everywhere."""
    labels = ("test", "GET it", outcome)
    before = traffic.REQUESTS.labels(*labels)._value.get()
    with suppress(type(error) if error else ()), traffic.counted("test", "GET it"):
        if error is not None:
            raise error
    assert traffic.REQUESTS.labels(*labels)._value.get() == before + 1


def test_what_a_limit_leaves_is_what_the_last_answer_told() -> None:
    """GitHub and GitLab spell it differently; what is no number is no answer."""

    def left(*labels: str) -> float:
        return float(traffic.LEFT.labels(*labels)._value.get())

    traffic.left("test", "41", {"X-RateLimit-Remaining": "4999", "X-RateLimit-Resource": "graphql"})
    traffic.left("test", "41", {"ratelimit-remaining": "7"})
    for useless in (None, {}, {"x-ratelimit-remaining": "-1"}, {"x-ratelimit-remaining": "9" * 30}):
        traffic.left("test", "41", useless)
    traffic.left("test", "41", {"ratelimit-remaining": "8", "ratelimit-name": "<script>"})
    assert (left("test", "41", "graphql"), left("test", "41", "core")) == (4999, 7)
