"""Logs: what looks like a secret is never written."""

import json
import logging

import pytest
import structlog

from bot import log

SECRETS = [
    "ghs_" + "a1B2" * 9,
    "glpat-" + "x" * 20,
    "whsec_" + "A" * 30,
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMiJ9.c2lnbmF0dXJl",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_replaced_wherever_it_stands(secret: str) -> None:
    """Tokens and keys of both forges, by their shape."""
    scrubbed = log.scrub(f"before {secret} after")
    assert scrubbed == "before *** after"


def test_credentials_in_a_url_and_after_bearer_are_replaced() -> None:
    """The rest of the line stays readable."""
    assert log.scrub("postgresql://bot:hunter2@db/x") == "postgresql://***@db/x"
    assert log.scrub("Authorization: Bearer abc.def") == "Authorization: Bearer ***"


def test_ordinary_text_stays() -> None:
    """Delivery ids, names and addresses are what a log is for."""
    text = "delivery 1111-2222 of acme/payments#7 at https://example.com/x"
    assert log.scrub(text) == text


def test_a_planted_secret_reaches_no_log_line_also_from_other_packages(capsys: pytest.CaptureFixture[str]) -> None:
    """Scenario 50: neither as a value, in a traceback, nor by another library's logger."""
    log.configure("debug", "json")
    structlog.get_logger().warning("oops", why=SECRETS[0])
    try:
        raise ValueError(SECRETS[4])  # noqa: TRY301  it is what is tested
    except ValueError:
        structlog.get_logger().exception("broke")
    logging.getLogger("somebody.else").error("token %s", SECRETS[1])
    written = capsys.readouterr().err
    for secret in SECRETS:
        assert secret not in written
    assert json.loads(written.splitlines()[0])["event"] == "oops"
    logging.getLogger().handlers.clear()
    structlog.reset_defaults()
