"""One sandbox of each forge for all tests of this folder, with an empty world for each; and a receiver for webhooks."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.gitlab_sandbox import GitLab
from tests.support.sandbox import Sandbox


@pytest.fixture(scope="session")
def process() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def sandbox(process: Sandbox) -> Iterator[Sandbox]:
    """An empty world. At the end nothing may have broken a published contract."""
    process.reset()
    yield process
    process.assert_clean()


@pytest.fixture
def acme(sandbox: Sandbox) -> Sandbox:
    """An organisation with a junior, two seniors and an owner, one repository, the App, and its check required."""
    sandbox.users("jo", "grace", "linus", "ada")
    sandbox.org("acme", {"jo": "member", "grace": "member", "linus": "member", "ada": "admin"}, base_permission="write")
    sandbox.repo("acme/payments", {"src/pay.py": "one\ntwo\nthree\nfour\nfive\n", "README.md": "# Payments\n"})
    app = sandbox.app(id=77)
    sandbox.require_check("acme/payments", "ada", app["id"])
    return sandbox


@pytest.fixture(scope="session")
def gitlab_process() -> Iterator[GitLab]:
    with GitLab() as running:
        yield running


@pytest.fixture
def gitlab(gitlab_process: GitLab) -> Iterator[GitLab]:
    """An empty GitLab. At the end nothing may have broken the contract."""
    gitlab_process.reset()
    yield gitlab_process
    gitlab_process.assert_clean()


class Receiver:
    """Takes webhooks and keeps them; answers with `status`."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Say nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/github"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.stop()
