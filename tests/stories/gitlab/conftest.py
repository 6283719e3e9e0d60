"""A simulated GitLab with a group and the service beside it, once for all; a new project for each story."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.stories.conftest import ROOT
from tests.stories.gitlab.world import GitLabWorld
from tests.support.gitlab_sandbox import SIGNING_TOKEN, GitLab
from tests.support.service import Service, free_port

NUMBERS = count(1)


@contextmanager
def staged(folder: Path, policy: dict[str, str] | None = None, **settings: str) -> Iterator[GitLabWorld]:
    """A GitLab with its people and a service of its own beside it; no project yet but one with `policy`, if given."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks/gitlab"
    with GitLab() as forge:
        forge.settings(rate_limit=100_000)  # we ask much more often than people do
        app = GitLabWorld.build(forge, url)
        if policy:
            GitLabWorld(forge, None, app, "", url).with_repository("acme/policy", files=policy)
        for name in ("rules.yaml", "roster.yaml"):
            shutil.copy(ROOT / name, folder / name)
        environment = {
            "SIGNOFF_RULES": str(folder / "rules.yaml"),
            "SIGNOFF_ROSTER": str(folder / "roster.yaml"),
            "SIGNOFF_GITLAB_URL": forge.url,
            "SIGNOFF_GITLAB_TOKEN": app["token"],
            "SIGNOFF_GITLAB_SIGNING_TOKEN": SIGNING_TOKEN,
        }
        with Service(folder, environment | settings, port) as service:
            yield GitLabWorld(forge, service, app, "", url)


@pytest.fixture(scope="session")
def gitlab_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitLabWorld]:
    """The GitLab and the service that the stories here share."""
    with staged(tmp_path_factory.mktemp("gitlab")) as world:
        yield world


@pytest.fixture(params=["status", "approver"])
def world(request: pytest.FixtureRequest, gitlab_stage: GitLabWorld) -> Iterator[GitLabWorld]:
    """A project of one's own, guarded by each mechanism."""
    name = f"acme/r{next(NUMBERS)}"
    yield gitlab_stage.with_rule(name) if request.param == "approver" else gitlab_stage.with_repository(name)
    tidy(gitlab_stage)


@pytest.fixture
def free(gitlab_stage: GitLabWorld) -> Iterator[GitLabWorld]:
    """A project of one's own on the free tier."""
    yield gitlab_stage.with_repository(f"acme/r{next(NUMBERS)}")
    tidy(gitlab_stage)


@pytest.fixture
def paid(gitlab_stage: GitLabWorld) -> Iterator[GitLabWorld]:
    """A project of one's own on a paid tier, whose rule needs the bot's approval."""
    yield gitlab_stage.with_rule(f"acme/r{next(NUMBERS)}")
    tidy(gitlab_stage)


def tidy(stage: GitLabWorld) -> None:
    """No fault of a story outlives it, and nothing broke the contract."""
    stage.forge.clear_faults()
    stage.settled()
    stage.forge.assert_clean()
