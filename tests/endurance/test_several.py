"""Several processes on one PostgreSQL: scenario 43."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.stories.conftest import staged


@contextmanager
def working(folder: Path, environment: Mapping[str, str], name: str) -> Iterator[tuple[int, Path]]:
    """A `signoff work` process: its id and its log."""
    log = folder / f"{name}.log"
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SIGNOFF_")}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "work"], cwd=folder, env=clean | environment, stdout=out, stderr=out
        )
        try:
            yield process.pid, log
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(30)


def test_processes_share_the_work_and_one_that_was_paused_past_its_lease_publishes_nothing(
    tmp_path: Path, postgresql: Callable[[str], str]
) -> None:
    """One evaluation at a time and the same result, whoever makes it."""
    settings = {"SIGNOFF_DATABASE_URL": postgresql("template1"), "SIGNOFF_LEASE_SECONDS": "2", "SIGNOFF_WORKERS": "2"}
    with staged(tmp_path, **settings) as stage:
        world = stage.with_repository("acme/shared")
        world.settled()
        service = world.service
        service.stop()
        service.start("serve", "--no-worker")
        world.forge.requests(reset=True)
        world.forge.fault("hang", operation="SignoffChange", seconds=4, times=1)
        with working(tmp_path, service.environment, "one") as (one, log_of_one):
            slow = world.opened("jo", branch="slow")
            world.forge.wait_deliveries()
            service.until(lambda: not world.forge.faults(), "nobody reads the change")
            os.kill(one, signal.SIGSTOP)
            with working(tmp_path, service.environment, "two") as (_, log_of_two):
                assert world.state(slow) == "waiting"
                os.kill(one, signal.SIGCONT)
                numbers = [world.opened("jo", branch=f"b{index}") for index in range(6)]
                assert [world.state(number) for number in numbers] == ["waiting"] * 6
                service.until(lambda: "lease_lost" in log_of_one.read_text(), "the paused one did not notice")
                both = {name: log.read_text().count("published") for name, log in
                        {"one": log_of_one, "two": log_of_two}.items()}  # fmt: skip
        written = [each["path"] for each in world.forge.requests() if each["operation"] == "checks/create"]
        assert len(written) == 7, "each head got one check"
        assert both["two"] >= 1
        assert sum(both.values()) == 7
