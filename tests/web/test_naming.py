"""Accounts by the names people know."""

from pathlib import Path

import pytest

from bot import rules
from bot.store import open_store, people
from bot.web.naming import numbers_of
from tests.web.site import NOW


@pytest.mark.parametrize(
    ("forges", "login", "numbers"),
    [
        (["github"], "Jo", {"github": 101}),
        (["gitlab"], "jo", {"gitlab": 2101}),
        (["github", "gitlab"], "jo", {"github": 101, "gitlab": 2101}),
        (["github", "gitlab"], "guest", {"gitlab": 77}),
        (["github"], "guest", {}),
    ],
)
def test_a_login_is_looked_up_on_the_forge_that_is_meant(
    tmp_path: Path, forges: list[str], login: str, numbers: dict[str, int]
) -> None:
    """People have accounts on both forges, often of one name: the numbers of one forge mean others on the next."""
    store = open_store(f"sqlite:///{tmp_path / 'names.sqlite3'}")
    with store.write() as tx:
        people.remember(tx, "gitlab", 77, "guest", NOW)
        assert numbers_of(tx, rules.packaged_roster(), forges, login) == numbers
    store.dispose()
