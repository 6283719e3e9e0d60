"""A small threaded HTTP/1.1 server for loopback, with connections that stay open and faults on the wire.

It exists because the usual development server closes every connection, which would make each of a client's requests
look slower than it is. It refuses to listen on anything but loopback.
"""

import io
import sys
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote_to_bytes

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

LARGEST_BODY = 64_000_000
WIRE = "sandbox.wire"
RAW_PATH = "sandbox.raw_path"


class Server(ThreadingHTTPServer):
    """Serves one WSGI application on 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, address: tuple[str, int]) -> None:
        if not ip_address(address[0]).is_loopback:
            raise ValueError(f"The sandbox listens on loopback only, not on {address[0]}")
        super().__init__(address, Handler)
        self.application: Application | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection. The application may set `sandbox.wire` in the environment to `close` or `half`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name the base class gives it
        """Say nothing: the request log is the application's."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.send_error(413)
            self.close_connection = True
            return
        environ = self._environ(self.rfile.read(length) if length else b"")
        answer: list[Any] = []
        application = self.server.application
        if application is None:
            raise RuntimeError("the server was started without an application")
        body = b"".join(application(environ, lambda status, headers, _exc=None: answer.extend((status, headers))))
        self._send(answer[0], answer[1], body, environ.get(WIRE, ""))

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": str(self.server.server_address[0]),
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            RAW_PATH: path,
        }
        for name, value in self.headers.items():
            if name.lower() not in {"content-type", "content-length"}:
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        return environ

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes, wire: str) -> None:
        if wire == "close":
            self.close_connection = True
            return
        code = int(status.split(" ", 1)[0])
        empty = code in {204, 304} or self.command == "HEAD"
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers if name != "Content-Length")]
        lines.append(f"Content-Length: {len(body)}") if code not in {204, 304} else None
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        if wire == "half":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(head + (b"" if empty else body))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815 - the base class's names
