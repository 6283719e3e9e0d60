"""A forge that gives the answers of a test, over real HTTP on loopback, and keeps what it was asked.

For answers that a forge may give and the sandbox does not: the sandbox keeps to the published contracts.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request: its path without the query, the query, and the parsed body of one that has one."""

    path: str
    query: Mapping[str, str]
    body: Any


Answer = tuple[Mapping[str, str], Any]
"""Headers and what is written as JSON."""


@dataclass
class Wire:
    """What the forge was asked, and where it is."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def wired(answer: Callable[[Asked], Answer]) -> Iterator[Wire]:
    """A forge that answers so, with status 200."""
    wire = Wire()

    class Handler(BaseHTTPRequestHandler):
        """Every request alike."""

        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body go out together

        def do_GET(self) -> None:
            """Answer."""
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            parts = urlsplit(self.path)
            asked = Asked(parts.path, dict(parse_qsl(parts.query)), body)
            wire.asked.append(asked)
            headers, shown = answer(asked)
            data = json.dumps(shown).encode()
            self.send_response(200)
            for name, value in ({"Content-Type": "application/json"} | dict(headers)).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815  the name that http.server looks for

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    wire.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield wire
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
