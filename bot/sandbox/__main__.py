"""Starts a simulated forge: `python -m bot.sandbox --forge gitlab --listen 127.0.0.1:0`, or two of them.

When it is ready it prints one line of JSON on standard output, with its addresses and the App's key file, and under
"gitlab" the addresses and the bot's token. It refuses to start where a real forge is configured, and it listens on
loopback only.
"""

import argparse
import gc
import json
import os
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.server import Server

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CREDENTIALS = (
    "SIGNOFF_GITHUB_APP_ID", "SIGNOFF_GITHUB_PRIVATE_KEY", "SIGNOFF_GITHUB_PRIVATE_KEY_FILE", "SIGNOFF_GITLAB_TOKEN",
)  # fmt: skip
ADDRESSES = ("SIGNOFF_GITHUB_API_URL", "SIGNOFF_GITHUB_GRAPHQL_URL", "SIGNOFF_GITHUB_WEB_URL", "SIGNOFF_GITLAB_URL")


def real_forge(environment: dict[str, str]) -> str | None:
    """Which setting names a real forge, or none. Credentials are fine for a forge that is on loopback."""
    local = {name: urlsplit(environment[name]).hostname in LOOPBACK for name in ADDRESSES if environment.get(name)}
    for name, is_local in local.items():
        if not is_local:
            return name
    for name in CREDENTIALS:
        forge = name.split("_")[1]
        if environment.get(name) and not any(forge in address for address in local):
            return name
    return None


def options(arguments: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("python -m bot.sandbox", description="A simulated forge on loopback.")
    parser.add_argument("--forge", choices=("github", "gitlab", "both"), default="github", help="which one to simulate")
    parser.add_argument("--listen", default="127.0.0.1:0", metavar="127.0.0.1:PORT", help="port 0 picks a free one")
    parser.add_argument("--database", type=Path, help="keep the state in this file")
    parser.add_argument("--webhook-url", help="where the App's webhooks go")
    parser.add_argument("--webhook-secret", default="sandbox-webhook-secret", help="what they are signed with")
    parser.add_argument("--app-id", type=int, default=4001, help="the id of the simulated App")
    parser.add_argument("--app-key-out", type=Path, help="write the App's private key here")
    parser.add_argument("--gitlab-listen", metavar="127.0.0.1:PORT", help="with both: where GitLab listens")
    parser.add_argument("--gitlab-database", type=Path, help="keep GitLab's state in this file")
    parser.add_argument("--gitlab-webhook-url", help="where GitLab's webhooks go")
    parser.add_argument("--gitlab-signing-token", help="whsec_…: what they are signed with; else one is made")
    parser.add_argument(
        "--seed", choices=("demo", "people", "empty"), default="demo",
        help="demo: the bot is installed already; people: it is not, to try `signoff setup`; empty: nobody is there",
    )  # fmt: skip
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or Ctrl-C. Answers the exit code."""
    chosen = options(arguments)
    found = real_forge(dict(os.environ))
    if found:
        sys.stderr.write(
            f"{found} names a real forge. The sandbox only runs where none is configured:"
            f" unset it, or run the sandbox in another environment.\n"
        )
        return 2
    try:
        with ExitStack() as stack:
            return _run(chosen, stack)
    except _CannotListenError as error:
        sys.stderr.write(f"{error}\n")
        return 2


class _CannotListenError(Exception):
    """The address is taken, or is none."""


def _server(stack: ExitStack, address: str) -> Server:
    host, _, port = address.rpartition(":")
    try:
        server = Server((host or "127.0.0.1", int(port)))
    except (ValueError, OSError) as error:
        raise _CannotListenError(f"Cannot listen on {address}: {error}") from None
    stack.callback(server.server_close)
    return server


def _github(chosen: argparse.Namespace, stack: ExitStack) -> tuple[Server, dict[str, Any]]:
    from bot.sandbox.github import starting  # noqa: PLC0415 - a GitLab alone does not wait for GitHub's contracts

    server = _server(stack, chosen.listen)
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    beside = chosen.database.with_suffix(".pem") if chosen.database else scratch / "app.pem"
    key_file = (chosen.app_key_out or beside).absolute()
    app = starting.Registered(chosen.app_id, key_file, chosen.webhook_url, chosen.webhook_secret)
    service, ready = starting.start(server, chosen.seed, chosen.database, app)
    stack.callback(service.close)
    return server, ready


def _gitlab(chosen: argparse.Namespace, stack: ExitStack) -> tuple[Server, dict[str, Any]]:
    from bot.sandbox.gitlab import starting  # noqa: PLC0415 - nor a GitHub alone for GitLab's

    alone = chosen.forge == "gitlab"
    server = _server(stack, chosen.gitlab_listen or (chosen.listen if alone else "127.0.0.1:0"))
    database = chosen.gitlab_database or (chosen.database if alone else None)
    url = chosen.gitlab_webhook_url or (chosen.webhook_url if alone else None)
    service, told = starting.start(server, chosen.seed, database, url, chosen.gitlab_signing_token)
    stack.callback(service.close)
    return server, {"gitlab": told}


def _run(chosen: argparse.Namespace, stack: ExitStack) -> int:
    ready: dict[str, Any] = {}
    servers = []
    gc.disable()
    for name, begin in (("github", _github), ("gitlab", _gitlab)):
        if chosen.forge in {name, "both"}:
            server, told = begin(chosen, stack)
            servers.append(server)
            ready |= told
    gc.freeze()  # the contracts stay until the end: no collection is to look through them, now or ever
    gc.enable()

    def stop(*_: object) -> None:
        for server in servers:
            threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    for server in servers[1:]:
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
    servers[0].serve_forever(poll_interval=0.1)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
