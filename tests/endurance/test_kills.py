"""Scenario 39 under load, in a bounded form; in full: python -m tests.endurance kills."""

from pathlib import Path

from tests.endurance import kills


def test_killed_again_and_again_it_loses_nothing_it_took_and_lets_nothing_pass(tmp_path: Path) -> None:
    """Every change ends with the right check, and no head that nobody approved ever had a success."""
    outcome = kills.run(tmp_path, 5)
    assert outcome.kills == 5
    assert outcome.acknowledged > 0
    assert outcome.checks > 0
    assert not outcome.broken
