"""A store with a few decided changes, and a browser of sorts on the pages over it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.service.context import Context
from tests.web.site import context, kept, site

SHOWN = (
    "00-an-ai-change-of-a-junior-waits-for-a-senior.yaml",
    "92-two-seniors-for-a-high-blast-radius.yaml",
    "00-a-senior-signs-it.yaml",
    "36-markup-in-names-and-paths.yaml",
    "28-an-objection-after-an-approval.yaml",
)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that holds the changes 1 to 5 of repository 1, made once."""
    folder = tmp_path_factory.mktemp("seeded")
    found = context(folder)
    kept(found.store, SHOWN)
    found.store.dispose()
    return folder / "pages.sqlite3"


@pytest.fixture
def known(tmp_path: Path, seeded: Path) -> Iterator[Context]:
    """A context whose store holds the changes 1 to 5 of repository 1."""
    shutil.copy(seeded, tmp_path)
    found = context(tmp_path)
    yield found
    found.store.dispose()


@pytest.fixture
def browser(known: Context) -> FlaskClient:
    """Asks for pages on this machine."""
    return site(known).test_client()
