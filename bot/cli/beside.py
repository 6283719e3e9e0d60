"""The simulated forges beside the service, for trying it out: started only where no forge is configured."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bot import settings
from bot.cli import sandbox
from bot.model.errors import NeedsSomebodyError
from bot.settings import Settings

ADDRESS, GITLAB_ADDRESS = "127.0.0.1:8090", "127.0.0.1:8091"
FORGES = {"github": "GitHub", "gitlab": "GitLab", "both": "GitHub and GitLab"}
FOLDER = Path("var")


class Sandbox:
    """A child process with simulated forges (a key of FORGES) that send their webhooks to the service."""

    def __init__(self, service_address: str, forge: str) -> None:
        self._service = service_address
        self._forge = forge
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Settings:
        """Start it, point the settings at it, and tell the person at the terminal what to do next."""
        sandbox.ready()
        FOLDER.mkdir(mode=0o700, exist_ok=True)
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "bot.sandbox", "--forge", self._forge, "--seed", "demo"),
                *("--listen", ADDRESS, "--database", str(FOLDER / "sandbox.sqlite3")),
                *("--app-key-out", str(FOLDER / "sandbox-app.pem")),
                *("--webhook-url", f"http://{self._service}/webhooks/github"),
                *("--gitlab-listen", GITLAB_ADDRESS, "--gitlab-database", str(FOLDER / "sandbox-gitlab.sqlite3")),
                *("--gitlab-webhook-url", f"http://{self._service}/webhooks/gitlab"),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101  it is a pipe
        line = self._process.stdout.readline()
        if not line:
            taken = f"{ADDRESS} or {GITLAB_ADDRESS}"
            raise NeedsSomebodyError(f"the simulated forge did not start; is {taken} taken by another program?")
        told = json.loads(line)
        os.environ |= _settings(told)
        addresses = [("GitHub", told["url"])] if "url" in told else []
        addresses += [("GitLab", told["gitlab"]["url"])] if "gitlab" in told else []
        shown = "".join(f"    Simulated {name}:     {each}\n" for name, each in addresses)
        click.echo(
            "\n"
            f"  No forge is configured, so a SIMULATED {FORGES[self._forge]} was started beside the service.\n"
            f"{shown}"
            f"    The bot's own pages:  http://{self._service}\n\n"
            '    Begin at the forge: "Retry failed charges" by jo, a junior, waits. Act as grace, a senior (buttons\n'
            "    at the top), and approve it: the check passes. The README goes on from there.\n\n"
            f"    Its data is in {FOLDER}/ ; delete that folder to start afresh. Stop with Ctrl-C.\n"
        )
        return settings.load()

    def stop(self) -> None:
        """Stop it with the service."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)


def _settings(told: Mapping[str, Any]) -> dict[str, str]:
    """The settings that point the service at what was started."""
    found: dict[str, str] = {}
    if "url" in told:
        found |= {
            "SIGNOFF_GITHUB_APP_ID": str(told["app_id"]),
            "SIGNOFF_GITHUB_PRIVATE_KEY_FILE": told["private_key_file"],
            "SIGNOFF_GITHUB_WEBHOOK_SECRET": told["webhook_secret"],
            "SIGNOFF_GITHUB_API_URL": told["api_url"],
            "SIGNOFF_GITHUB_GRAPHQL_URL": told["graphql_url"],
            "SIGNOFF_GITHUB_WEB_URL": told["url"],
        }
    if "gitlab" in told:
        found |= {
            "SIGNOFF_GITLAB_URL": told["gitlab"]["url"],
            "SIGNOFF_GITLAB_TOKEN": told["gitlab"]["token"],
            "SIGNOFF_GITLAB_SIGNING_TOKEN": told["gitlab"]["signing_token"],
        }
    return found
