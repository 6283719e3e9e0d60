"""The door for deliveries: what it answers, how much of what cannot be believed, and the headers on every answer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.forges.github import GitHub, GitHubSettings
from bot.service.intake import Intake
from bot.web.app import HEADERS, create_app
from bot.web.webhooks import MOST_REFUSED
from tests.forges import payloads
from tests.web.site import context

SECRET = "the-webhook-secret"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[FlaskClient]:
    """The service with a forge that it believes by a secret, and never asks."""
    forge = GitHub.connect(GitHubSettings(4001, "no key", (SECRET,)))
    found = replace(context(tmp_path), forges={"github": forge})
    yield create_app(found, Intake(found.store, found.clock), body_limit=10_000).test_client()
    found.store.dispose()


def test_a_flood_of_forged_deliveries_is_cut_off_and_a_good_one_is_always_taken(door: FlaskClient) -> None:
    """They cost log space and time; a forge does not send again what was turned away."""
    headers, body = payloads.signed(payloads.push(), "guessed")
    answers = [door.post("/webhooks/github", data=body, headers=headers).status_code for _ in range(MOST_REFUSED + 5)]
    assert answers == [401] * MOST_REFUSED + [429] * 5
    headers, body = payloads.signed(payloads.push(), SECRET, event="push")
    assert door.post("/webhooks/github", data=body, headers=headers).status_code == 202


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/metrics", "/record", "/nothing", "/webhooks/github"])
def test_every_answer_carries_the_headers_that_keep_a_browser_in_bounds(door: FlaskClient, path: str) -> None:
    """Also refusals and what only machines ask for."""
    answer = door.get(path)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
