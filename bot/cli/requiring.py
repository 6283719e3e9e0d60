"""The second half of `signoff setup github`: the App is made, and its check is to be required and proven.

What was done is found done, so this can be run again for every repository. The check is required with a person's own
token, which is used once and not kept.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import click
import requests
from dotenv import dotenv_values

from bot import settings
from bot.cli import keeping
from bot.forges.github import GitHubSettings
from bot.forges.github import setup as github
from bot.model.errors import BadInputError, NeedsSomebodyError, TryAgainError

APP = ("SIGNOFF_GITHUB_APP_ID", "SIGNOFF_GITHUB_PRIVATE_KEY_FILE", "SIGNOFF_GITHUB_WEBHOOK_SECRET")
POLICY = ("SIGNOFF_ROSTER", "SIGNOFF_POLICY_REPOSITORY")
TOKEN = "SIGNOFF_SETUP_TOKEN"  # noqa: S105  the name of a variable
CHECK: str = settings.Settings.model_fields["check_name"].default
LOOK = 2.0
NOT_YET = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of the App, of which GitHub it is, and where the service is; the rest may be missing yet."""

    folder: Path
    app: GitHubSettings
    host: github.Host
    public_url: str
    has_roster: bool

    @classmethod
    def read(cls, folder: Path) -> "Kept":
        """From the folder's `.env` file first, else as the service reads it; BadInputError where there is no App."""
        path = folder / keeping.ENV
        kept = settings.raw(path) | {name: value for name, value in dotenv_values(path).items() if value}
        app_id, key_file, secret = (kept.get(name, "") for name in APP)
        key = kept.get("SIGNOFF_GITHUB_PRIVATE_KEY", "").replace("\\n", "\n")
        if Path(key_file).is_file():
            key = Path(key_file).read_text()
        if not app_id.isdigit() or not key:
            raise BadInputError(f"{path} holds no App and its key: run this without --continue first")
        app = GitHubSettings(
            app_id=int(app_id),
            private_key=key,
            webhook_secrets=(secret,),
            api_url=kept.get("SIGNOFF_GITHUB_API_URL", github.PUBLIC_API),
            check_name=kept.get("SIGNOFF_CHECK_NAME", CHECK),
        )
        host = github.Host(kept.get("SIGNOFF_GITHUB_WEB_URL", github.PUBLIC))
        has_roster = any(kept.get(name) for name in POLICY)
        return cls(folder, app, host, kept.get("SIGNOFF_PUBLIC_URL", "").rstrip("/"), has_roster)


class Steps:
    """What is left once there is an App. `patience`: seconds to wait for the installation."""

    def __init__(self, kept: Kept, patience: float) -> None:
        self._kept = kept
        self._patience = patience
        self._steps = github.FirstSteps(kept.app)

    def finish(self, repository: str | None, *, require: bool) -> int:
        """Installation, first check, requirement, proof; 0 when the check is required and pinned."""
        installed = self._installed()
        reached = self._steps.repositories(installed.id)
        where = repository or next(iter(reached), None)
        if where is None or where.casefold() not in {each.casefold() for each in reached}:
            named = where or "any repository"
            raise NeedsSomebodyError(f"the App does not reach {named}: choose it in the installation")
        check, host = self._kept.app.check_name, self._kept.host
        branch = self._steps.first_check(installed.id, where)
        click.echo(f"A first check {check} is on {branch} of {where}; GitHub offers it to rulesets now.")
        body = github.ruleset(self._kept.app.app_id, check)
        why = self._steps.required(installed.id, where, branch)
        if why is not None and require:
            token = os.environ.get(TOKEN) or click.prompt("A token that may administer the repository", hide_input=True)
            github.require(host, where, body, token)
            click.echo(f"The ruleset {check} is made in {where}.")
            why = self._steps.required(installed.id, where, branch)
        if why is None:
            click.echo(f"Proven: {where} requires {check} of {branch}, from this App alone.")
            self._look_for_the_service()
            return self._look_for_others(installed.id, where, branch)
        click.echo(f"\nNot yet: {why}.\n\n{self._next(where)}\n\n{json.dumps(body, indent=2)}")
        return NOT_YET

    def _installed(self) -> github.Installed:
        """Where the App is installed; waits for it, and says so."""
        deadline = time.monotonic() + self._patience
        found = self._steps.installed()
        if found is None:
            click.echo(f"Install the App: {self._kept.host.web}/apps/{self._steps.slug()}/installations/new")
            click.echo("Waiting for the installation ", nl=False)
        while found is None:
            if time.monotonic() > deadline:
                raise TryAgainError("\nnobody installed the App in time; go on later with --continue")
            time.sleep(LOOK)
            click.echo(".", nl=False)
            found = self._steps.installed()
            if found is not None:
                click.echo("")
        lacking = github.lacking(found.permissions)
        if lacking:
            raise NeedsSomebodyError(
                f"the installation in {found.account} lacks {', '.join(lacking)}: accept them there"
            )
        click.echo(f"Installed in {found.account}, with every permission that it needs.")
        return found

    def _next(self, where: str) -> str:
        """What is left to do, in the order in which nobody is kept from merging meanwhile."""
        env, host = self._kept.folder / keeping.ENV, self._kept.host
        people = (
            "Say who is who, and observe to begin with (mode: observe):\n"
            "signoff rules example > rules.yaml\n"
            "signoff roster example > roster.yaml        (put your people there)\n"
            f"Name both in {env} as SIGNOFF_RULES and SIGNOFF_ROSTER."
        )
        running = f"Start `signoff serve` where {self._kept.public_url or 'SIGNOFF_PUBLIC_URL'} leads to it."
        directory = "" if self._kept.folder == Path() else f"--directory {self._kept.folder} "
        required = (
            "Once it answers, require the check:\n"
            f"signoff setup github --continue {directory}--repository {where} --require\n"
            "Or by hand: import the ruleset below, for the organisation or at\n"
            f"{host.web}/{where}/settings/rules\n"
            "and prove it by the same command without --require."
        )
        lines = [running, required] if self._kept.has_roster else [people, running, required]
        told = (each.replace("\n", "\n     ") for each in lines)
        return "Next:\n" + "\n".join(f"  {number}. {line}" for number, line in enumerate(told, 1))

    def _look_for_others(self, installation: int, where: str, branch: str) -> int:
        """Say so if a rule waits for another App, as the rule of a former one of ours does; 0 when none does."""
        barring = self._steps.barred(installation, where, branch)
        for rule in barring:
            click.echo(
                f"But {rule} requires {self._kept.app.check_name} of another App, so nothing is merged into {branch} "
                "unless that one passes too: take the check out of it."
            )
        return NOT_YET if barring else 0

    def _look_for_the_service(self) -> None:
        """Say so if a check is required that nobody reports."""
        address = f"{self._kept.public_url}/healthz"
        if not self._kept.public_url:
            return
        try:
            answers = requests.get(address, timeout=5).ok
        except requests.RequestException:
            answers = False
        if not answers:
            click.echo(
                f"warning: {address} does not answer from here. Until the service runs, nothing merges there.", err=True
            )
