"""Scenario 40, systematically, in a bounded form; in full: python -m tests.endurance matrix."""

from pathlib import Path

from tests.endurance import matrix
from tests.endurance.inside import inside


def test_whatever_fails_at_whatever_request_ends_in_the_right_check_and_never_passes_meanwhile(tmp_path: Path) -> None:
    """A fault that is over leaves no trace; no decision from part of the data, no success from an error."""
    with inside(tmp_path) as it:
        seen = list(matrix.cells(it, share=7))
    assert len(seen) > 20
    assert {cell.fault for cell in seen} == set(matrix.FAULTS)
    assert not [str(cell) for cell in seen if not cell.held]
