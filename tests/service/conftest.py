"""A store of its own for each test, with one repository."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, open_store, repositories
from tests.service.quiet import HERE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store that knows one repository."""
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with opened.write() as tx:
        repositories.upsert(tx, HERE)
    yield opened
    opened.dispose()
