"""The product as it is started by people: a process of its own, configured by its environment, spoken to over HTTP."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

PATIENCE = 30.0
METRICS = (
    "signoff_due", "signoff_oldest_due_seconds", "signoff_running", "signoff_parked", "signoff_unpublished",
    "signoff_evaluations", "signoff_evaluation_seconds", "signoff_due_lag_seconds", "signoff_forge_requests",
    "signoff_forge_request_seconds", "signoff_forge_rate_limit_left", "signoff_publish_failures", "signoff_decisions",
    "signoff_deliveries", "signoff_webhook_lag_seconds", "signoff_findings_open", "signoff_repositories",
    "signoff_rules_broken", "signoff_ledger_entries", "signoff_ledger_broken", "signoff_database_up",
)  # fmt: skip
"""What every process that shows metrics shows, whatever of it is its own part of the work."""


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """`signoff serve` (or another service command) with a database file, beside a simulated forge."""

    def __init__(self, folder: Path, environment: Mapping[str, str], port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.log = folder / "service.log"
        self.environment = {
            "SIGNOFF_LISTEN": f"127.0.0.1:{self.port}",
            "SIGNOFF_DATABASE_URL": f"sqlite:///{folder / 'signoff.sqlite3'}",
            "SIGNOFF_SWEEP_SECONDS": "3600",
            "SIGNOFF_LOG_LEVEL": "debug",
            "SIGNOFF_LOG_FORMAT": "json",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *command: str) -> Self:
        """Start it and wait until it answers."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | self.environment
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bot.cli", *(command or ("serve",))],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.until(self._answers, "the service did not start")
        return self

    def stop(self) -> None:
        """Stop it as an administrator would."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None

    def kill(self) -> None:
        """Kill -9, the process and all it started."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def settle(self, patience: float = PATIENCE) -> None:
        """Wait until nothing is due and nothing runs; for so many seconds at most."""
        self.until(self._idle, "the service did not come to rest", patience)

    def metric(self, name: str) -> float:
        """A figure of /metrics; 0 for one that is not there."""
        return self.metrics().get(name, 0.0)

    def metrics(self) -> dict[str, float]:
        """All figures of /metrics without labels, of one moment."""
        text = requests.get(f"{self.url}/metrics", timeout=5).text
        return {name: float(value) for name, value in re.findall(r"^(\w+) (\S+)$", text, re.MULTILINE)}

    def families(self) -> set[str]:
        """The names of all metrics that are shown."""
        text = requests.get(f"{self.url}/metrics", timeout=5).text
        return {name.removesuffix("_total") for name in re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE)}

    def labelled(self, name: str) -> float:
        """A figure of /metrics by its name with its labels; 0 for one that is not there."""
        text = requests.get(f"{self.url}/metrics", timeout=5).text
        found = (line.rpartition(" ") for line in text.splitlines())
        return next((float(value) for key, _, value in found if key == name), 0.0)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the product with the same settings, to its end."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | self.environment
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def logged(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text()

    def _idle(self) -> bool:
        now = self.metrics()
        return now["signoff_due"] == 0 == now["signoff_running"]

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"the service ended with {self._process.returncode}:\n{self.logged()[-3000:]}")
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.ConnectionError:
            return False

    def until(self, holds: Callable[[], bool], why: str, patience: float = PATIENCE) -> bool:
        """Wait until something holds; fail with `why` and the end of the log if it never does."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if holds():
                return True
            time.sleep(0.02)
        raise AssertionError(f"{why}:\n{self.logged()[-3000:]}")
