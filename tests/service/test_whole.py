"""A change of which the forge did not show all is read again by itself, soon and then less often."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.service.echoes import whole_at
from tests.forges.test_github_reading import pull, read


@pytest.mark.parametrize(("age", "wait"), [(0, 1), (-5, 1), (7, 7), (600, 60)])
def test_a_change_that_is_not_all_there_is_read_again_after_as_long_as_it_stood(age: int, wait: int) -> None:
    """Minutes: at least one, and at most an hour, so that no number of such changes uses up the forge's limit."""
    found, _ = read(pull())
    assert found.updated_at is not None
    now = found.updated_at + timedelta(minutes=age)
    assert whole_at(now, found) is None
    partly = replace(found, change=replace(found.change, complete=False))
    assert whole_at(now, partly) == now + timedelta(minutes=wait)
