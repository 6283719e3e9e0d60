"""A simulated GitHub with an organisation and the service beside it, once for all; a new repository for each story."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from tests.stories.world import World
from tests.support.sandbox import Sandbox
from tests.support.service import Service, free_port

ROOT = Path(__file__).parent.parent.parent
NUMBERS = count(1)


@contextmanager
def staged(folder: Path, **settings: str) -> Iterator[World]:
    """A forge with its people and a service of its own beside it; no repository yet."""
    port = free_port()
    settings = {"SIGNOFF_PUBLIC_URL": f"http://127.0.0.1:{port}", **settings}
    with Sandbox(app_key_out=folder / "sandbox.pem") as forge:
        app = World.build(forge, f"http://127.0.0.1:{port}/webhooks/github")
        for name in ("rules.yaml", "roster.yaml"):
            shutil.copy(ROOT / name, folder / name)
        files = {"SIGNOFF_RULES": str(folder / "rules.yaml"), "SIGNOFF_ROSTER": str(folder / "roster.yaml")}
        environment = forge.app_settings(app, folder / "app.pem") | files | settings
        with Service(folder, environment, port) as service:
            yield World(forge, service, app)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The forge and the service that all stories share."""
    with staged(tmp_path_factory.mktemp("stage")) as world:
        yield world


@pytest.fixture(scope="session")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A simulated forge for stories that bring their own service, each of which makes the world new."""
    with Sandbox(app_key_out=tmp_path_factory.mktemp("forge") / "sandbox.pem") as forge:
        yield forge


@pytest.fixture
def own(tmp_path: Path) -> Iterator[World]:
    """A forge and a service for one story alone, which it may kill; leases are short."""
    with staged(tmp_path, SIGNOFF_LEASE_SECONDS="2") as world:
        yield world.with_repository("acme/payments")
        world.forge.assert_clean()


@pytest.fixture
def world(stage: World) -> Iterator[World]:
    """A repository of one's own that requires the check. What the story alters of rules and roster is put back."""
    kept = {name: (stage.service.folder / name).read_text() for name in ("rules.yaml", "roster.yaml")}
    yield stage.with_repository(f"acme/r{next(NUMBERS)}")
    stage.forge.clear_faults()
    stage.settled()
    altered = {name: text for name, text in kept.items() if (stage.service.folder / name).read_text() != text}
    noticed = stage.service.logged().count("rules_moved")
    for name, text in altered.items():
        (stage.service.folder / name).write_text(text)
    deadline = time.monotonic() + 3.0 if altered else 0.0  # the next story is to see no other change evaluated anew
    while time.monotonic() < deadline and stage.service.logged().count("rules_moved") == noticed:
        time.sleep(0.05)  # rules that were broken meanwhile did not move, and nothing will be logged
    stage.settled()
    stage.forge.assert_clean()
