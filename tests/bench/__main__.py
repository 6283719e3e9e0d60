"""`make bench`: prints the table of figures that the README shows, as measured here, with medians."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from tests.bench import throughput
from tests.forges import payloads
from tests.stories.conftest import staged
from tests.stories.world import TRAILER, World

ROUNDS = 30
LATENCY = 50


def main() -> None:
    """Measure and print."""
    console = Console()
    rows: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder), SIGNOFF_LOG_LEVEL="warning") as stage:
        world = stage.with_repository("acme/bench")
        world.forge.check_answers(on=False)
        world.settled()
        for measure in (requests_spent, to_status, acknowledged, burst, memory):
            console.print(f"[dim]{measure.__doc__}[/dim]")
            rows += measure(world)
    console.print(f"[dim]{throughput.rows.__doc__}[/dim]")
    rows += throughput.rows()
    table = Table(
        "What", "Here", title=f"Measured with {LATENCY} ms for each API answer, Python {sys.version.split()[0]}"
    )
    for row in rows:
        table.add_row(*row)
    console.print(table)


def requests_spent(world: World) -> Iterator[tuple[str, str]]:
    """API requests of one evaluation."""
    number = world.opened("jo", branch="count")
    world.settled()
    world.forge.requests(reset=True)
    world.forge.approve(world.repository, number, "grace")
    world.settled()
    yield "API requests for one evaluation, warm", str(_spent(world))
    world.forge.label(world.repository, number, "jo", "docs")
    world.settled()
    yield "the same, decision unchanged", str(_spent(world))


def to_status(world: World) -> Iterator[tuple[str, str]]:
    """From webhook to status: from when the event is sent until the status reaches the forge."""
    times, session = [], requests.Session()
    for index in range(ROUNDS):
        branch = f"speed-{index}"
        world.forge.lose_deliveries(100)
        world.forge.push(world.repository, branch, {f"{branch}.txt": "x\n"}, f"X\n\n{TRAILER}", by="jo")
        world.forge.open_change(world.repository, "jo", branch)
        world.forge.lose_deliveries(0)
        pushed, opened = (world.forge.deliveries(event)[-1] for event in ("push", "pull_request"))
        session.post(f"{world.service.url}/webhooks/github", data=pushed["body"], headers=pushed["headers"], timeout=10)
        world.settled()
        world.forge.requests(reset=True)
        with _latency(world):
            before = time.monotonic()
            session.post(
                f"{world.service.url}/webhooks/github", data=opened["body"], headers=opened["headers"], timeout=10
            )
            time.sleep(0.4)
            world.settled()
        arrived = [entry["arrived"] for entry in world.forge.requests() if entry["operation"] == "checks/create"]
        times.append((arrived[0] - before) * 1000)
    yield "webhook sent to status arrived, median", f"{statistics.median(times):.0f} ms"


def acknowledged(world: World) -> Iterator[tuple[str, str]]:
    """Acknowledgement of a delivery, durable."""
    what = "acknowledgement, durable (SQLite, synchronous=FULL), median"
    yield f"{what}, while its workers evaluate", f"{_acknowledgement(world, 0):.1f} ms"
    world.service.stop()
    world.service.start("serve", "--no-worker")
    yield f"{what}, workers elsewhere", f"{_acknowledgement(world, 200):.1f} ms"
    world.service.stop()
    world.service.start()


def _acknowledgement(world: World, first: int) -> float:
    times, session = [], requests.Session()
    for index in range(first, first + 200):
        headers, body = _delivery(world, index)
        before = time.perf_counter()
        answer = session.post(f"{world.service.url}/webhooks/github", data=body, headers=headers, timeout=10)
        times.append((time.perf_counter() - before) * 1000)
        assert answer.status_code == 202, answer.text
    return statistics.median(times)


def burst(world: World) -> Iterator[tuple[str, str]]:
    """Three hundred webhooks at once."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    def send(index: int) -> int:
        headers, body = _delivery(world, 1000 + index)
        return requests.post(f"{world.service.url}/webhooks/github", data=body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(300) as pool:
        codes = list(pool.map(send, range(300)))
    yield "300 webhooks at once", f"{codes.count(202)} taken"
    world.settled()


def memory(world: World) -> Iterator[tuple[str, str]]:
    """Memory of the serving process."""
    largest = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            command = (status.parent / "cmdline").read_text()
        except OSError:
            continue
        if "bot.cli" in command and "serve" in command:
            largest = max(largest, int(text.split("VmRSS:")[1].split()[0]))
    yield "memory of the serving process", f"{largest / 1024:.0f} MB"


@contextmanager
def _latency(world: World) -> Iterator[None]:
    world.forge.latency(LATENCY)
    yield
    world.forge.latency(0)


def _spent(world: World) -> int:
    return sum(1 for entry in world.forge.requests(reset=True) if world.app["slug"] in entry["actor"])


def _delivery(world: World, index: int) -> tuple[dict[str, str], bytes]:
    repository = payloads.REPOSITORY | {"id": 999_999, "full_name": "acme/not-there"}
    payload = payloads.pull_request("labeled", repository=repository)
    return payloads.signed(payload, str(world.forge.ready["webhook_secret"]), delivery=f"bench-{index}")


main()
