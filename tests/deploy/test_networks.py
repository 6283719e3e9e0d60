"""Proxies and private certificate authorities: the usual variables are honoured by everything that asks a forge."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.forges.github import GitHubSettings
from bot.forges.github.setup import FirstSteps
from bot.model.errors import TryAgainError

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()


@contextmanager
def listening(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """A server that answers as an App's own page does; its port, and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"slug": "senior-signoff"}')

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()


def slug(api: str) -> str:
    """Ask as the App who it is, by the way of every request to GitHub."""
    return FirstSteps(GitHubSettings(12, PEM, ("s",), api_url=api)).slug()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_a_proxy_is_used_where_the_environment_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY (and HTTPS_PROXY likewise) carries the request; NO_PROXY takes a host out."""
    with listening() as (port, asked):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        assert slug("http://github.example.com/api/v3") == "senior-signoff"
        assert asked == ["http://github.example.com:80/api/v3/app"]
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert slug(f"http://127.0.0.1:{port}/api/v3") == "senior-signoff"
        assert asked[-1] == "/api/v3/app", "asked directly"


def test_a_private_authority_is_believed_once_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate of nobody's is refused, and taken with REQUESTS_CA_BUNDLE."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A private authority")])
    now = datetime.now(UTC)  # noqa: TID251
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(KEY, hashes.SHA256())
    )
    bundle = tmp_path / "authority.pem"
    bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_text(PEM)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle, tmp_path / "key.pem")
    with listening(context) as (port, _):
        with pytest.raises(TryAgainError, match="SSLError"):
            slug(f"https://127.0.0.1:{port}/api/v3")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
        assert slug(f"https://127.0.0.1:{port}/api/v3") == "senior-signoff"
