"""Which workers are known to be dead after a kill -9, so that what they had in hand is gone on with at once."""

import subprocess
import sys

from bot import bootstrap

TELL = "from bot import bootstrap; print(bootstrap.process_name())"


def test_a_process_of_this_machine_that_ended_is_dead_and_one_that_runs_is_not() -> None:
    """A worker's name is its process's name, then its own number."""
    ended = subprocess.run([sys.executable, "-c", TELL], capture_output=True, text=True, check=True).stdout.strip()
    assert bootstrap.is_dead(f"{ended}/0")
    assert not bootstrap.is_dead(f"{bootstrap.process_name()}/0")


def test_of_another_machine_or_container_or_boot_nothing_is_known() -> None:
    """Its numbers mean other processes there: to take one for dead would give its work to two."""
    host, numbered_by, *rest = bootstrap.process_name().split("/")
    elsewhere = "0" * len(numbered_by)
    others = [f"{host}/{by}/999999/ab/0" for by in (elsewhere, bootstrap.UNKNOWN)]
    garbled = [f"{host}/{numbered_by}/{number}/{rest[1]}/0" for number in ("-1", "0", "x", "")]
    for owner in (*others, *garbled, f"{host}/{numbered_by}", "a/b", "one", ""):
        assert not bootstrap.is_dead(owner), owner


def test_two_processes_with_the_same_number_have_different_names() -> None:
    """Leases tell owners apart by nothing else."""
    assert bootstrap.process_name() != bootstrap.process_name()
