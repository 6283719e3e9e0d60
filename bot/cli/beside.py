"""The simulated forge beside the service, for trying it out: started only where no forge is configured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click

from bot import settings
from bot.model.errors import NeedsSomebodyError
from bot.settings import Settings

ADDRESS = "127.0.0.1:8090"
FOLDER = Path("var")


class Sandbox:
    """A child process with a simulated forge that sends its webhooks to the service."""

    def __init__(self, service_address: str) -> None:
        self._service = service_address
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Settings:
        """Start it, point the settings at it, and tell the person at the terminal what to do next."""
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bot.sandbox", "--listen", ADDRESS, "--seed", "demo"),
                *("--database", str(FOLDER / "sandbox.sqlite3"), "--app-key-out", str(FOLDER / "sandbox-app.pem")),
                *("--webhook-url", f"http://{self._service}/webhooks/github"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
        line = self._process.stdout.readline()
        if not line:
            raise NeedsSomebodyError(f"the simulated forge did not start; is {ADDRESS} taken by another program?")
        told = json.loads(line)
        os.environ |= {
            "SIGNOFF_GITHUB_APP_ID": str(told["app_id"]),
            "SIGNOFF_GITHUB_PRIVATE_KEY_FILE": told["private_key_file"],
            "SIGNOFF_GITHUB_WEBHOOK_SECRET": told["webhook_secret"],
            "SIGNOFF_GITHUB_API_URL": told["api_url"],
            "SIGNOFF_GITHUB_GRAPHQL_URL": told["graphql_url"],
            "SIGNOFF_GITHUB_WEB_URL": told["url"],
        }
        click.echo(
            "\n"
            "  No forge is configured, so a SIMULATED GitHub was started beside the service.\n"
            f"    The simulated forge:  {told['url']}   (open a change as jo, approve it as grace)\n"
            f"    The bot's own pages:  http://{self._service}\n"
            f"    Its data is in {FOLDER}/ ; delete that folder to start afresh. Stop with Ctrl-C.\n"
        )
        return settings.load()

    def stop(self) -> None:
        """Stop it with the service."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
