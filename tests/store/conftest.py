"""Real databases: a SQLite file, and PostgreSQL. Every test gets an empty one."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.store import Store, Tx, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both kinds of database."""
    return str(request.param)


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    return f"sqlite:///{tmp_path}/new.db" if kind == "sqlite" else request.getfixturevalue("postgresql")("template1")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with this version's tables and nothing in them."""
    path = tmp_path_factory.mktemp("template") / "signoff.db"
    open_store(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture(scope="session")
def migrated_database(postgresql: Callable[[str], str]) -> str:
    """The name of a PostgreSQL database with this version's tables and nothing in them."""
    template = postgresql("template1")
    open_store(template).dispose()
    return str(make_url(template).database)


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of either kind that has its tables."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "signoff.db")
        return f"sqlite:///{tmp_path}/signoff.db"
    return str(request.getfixturevalue("postgresql")(request.getfixturevalue("migrated_database")))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store of either kind with nothing in it."""
    opened = open_store(store_url)
    yield opened
    opened.dispose()


@pytest.fixture
def tx(store: Store) -> Iterator[Tx]:
    """One transaction, for tests that need no second one."""
    with store.write() as opened:
        yield opened


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """An open store on a SQLite file."""
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    yield opened
    opened.dispose()
