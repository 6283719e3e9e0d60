"""`signoff setup gitlab PROJECT…`: puts projects under the gate with a lead's short-lived token.

Without `--apply` nothing is changed: every change is printed with its inverse. What was applied is written down, and
`--undo` takes it back. `--check` tells how hard the gate is, who could get past it, and what is about to fail.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from bot import settings
from bot.cli import keeping
from bot.forges.gitlab import inspection, setup
from bot.forges.gitlab.hooks import Wanted
from bot.forges.gitlab.inspection import Service
from bot.forges.gitlab.secrets import Secrets, project_signing_token, project_token
from bot.forges.gitlab.session import THE_BOT, Bearer, GitLabSettings, Session
from bot.forges.gitlab.setup import Request, Step
from bot.model.errors import BadInputError, GoneError, SignoffError
from bot.settings import PREFIX

TOKEN = f"{PREFIX}GITLAB_TOKEN"
LEAD = f"{PREFIX}SETUP_GITLAB_TOKEN"
THE_LEAD = Bearer(LEAD, f"the token of {LEAD}", f"{LEAD} is of a Maintainer of the project and has the scope api")
JOURNAL = "signoff-setup-gitlab.json"
TOKEN_LIFE = timedelta(days=364)
NEGATIVE = 1
SERVICE_ACCOUNTS = "/service_accounts/"


@dataclass(frozen=True, slots=True)
class _Setup:
    """What the settings say, as far as setting up needs it; the rest of them may be missing yet."""

    url: str
    hook: str | None
    secret: str | None
    signing: str | None
    bot: str | None

    def session(self, token: str, bearer: Bearer = THE_BOT) -> Session:
        return Session(GitLabSettings(self.url, token, Secrets(), _now, bearer=bearer))

    @property
    def service(self) -> Service:
        return Service(self.hook, self.signing is not None, self.secret is not None)

    def wanted(self, *, renew: bool) -> Wanted:
        if self.hook is None:
            raise BadInputError(f"{PREFIX}PUBLIC_URL is needed: the address to which GitLab sends its hooks")
        if self.secret is None and self.signing is None:
            raise BadInputError(f"{PREFIX}GITLAB_SIGNING_TOKEN or {PREFIX}GITLAB_WEBHOOK_SECRET is needed")
        return Wanted(
            self.hook,
            renew,
            lambda project: project_token(self.secret, project) if self.secret else None,
            lambda project: project_signing_token(self.signing, project) if self.signing else None,
        )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the edge


def _read() -> _Setup:
    kept = settings.raw()

    def told(name: str) -> str | None:
        return kept.get(PREFIX + name)

    public = told("PUBLIC_URL")
    url = told("GITLAB_URL") or str(settings.Settings.model_fields["gitlab_url"].default)
    hook = f"{public.rstrip('/')}/webhooks/gitlab" if public else None
    found = _Setup(
        url.rstrip("/"), hook, told("GITLAB_WEBHOOK_SECRET"), told("GITLAB_SIGNING_TOKEN"), told("GITLAB_TOKEN")
    )
    if found.signing is not None and not settings.is_signing_token(found.signing):
        raise BadInputError(f"{PREFIX}GITLAB_SIGNING_TOKEN: write whsec_ and 32 bytes in Base64, as GitLab does")
    return found


def _lead() -> str:
    token = (os.environ.get(LEAD) or "").strip()
    if not token:
        raise BadInputError(f"{LEAD} is needed: a short-lived token of a Maintainer of the projects, scope api")
    return token


@click.command("gitlab")
@click.argument("projects", nargs=-1)
@click.option("--apply", "apply_it", is_flag=True, help="Do it. Without, it is only said what would be done.")
@click.option("--undo", is_flag=True, help="Take back what was applied; with --apply.")
@click.option("--check", "only_check", is_flag=True, help="Tell how the projects stand; changes nothing.")
@click.option("--renew", is_flag=True, help="Also give the hooks their secrets anew, after a master was replaced.")
@click.option(
    "--journal", type=click.Path(path_type=Path), default=JOURNAL, show_default=True,
    help="File in which it is written down how to undo what was applied.",
)  # fmt: skip
@click.option(
    "--token-out", type=click.Path(path_type=Path),
    help="File for the token of a new bot account, as .env; needed where one is made.",
)  # fmt: skip
def command(  # noqa: PLR0913  the options of one command
    projects: tuple[str, ...],
    *,
    apply_it: bool,
    undo: bool,
    only_check: bool,
    renew: bool,
    journal: Path,
    token_out: Path | None,
) -> int:
    """Put GitLab PROJECTS (paths or ids) under the gate, as far as the instance's tier allows.

    Reads SIGNOFF_GITLAB_URL, SIGNOFF_PUBLIC_URL, SIGNOFF_GITLAB_SIGNING_TOKEN or _WEBHOOK_SECRET, and
    SIGNOFF_GITLAB_TOKEN if the bot has an account already, from the environment, .env and the folder of secrets, as
    the service does. Changes are made with SIGNOFF_SETUP_GITLAB_TOKEN, from the environment.

    Exit codes: 0 fine, 1 a project does not stand well or there is something to do, 2 misuse, 3 could not tell.
    """
    if undo and (only_check or projects):
        raise click.UsageError("--undo takes back all that the journal holds: give neither projects nor --check")
    if not undo and not projects:
        raise click.UsageError("name the projects, e.g. acme/payments")
    if undo:
        return _undo(journal, apply_it=apply_it)
    if only_check:
        return _check(projects)
    return _Run(_read(), journal, token_out, apply_it=apply_it, renew=renew).run(projects)


# --- applying


class _Run:
    def __init__(self, conf: _Setup, journal: Path, token_out: Path | None, *, apply_it: bool, renew: bool) -> None:
        self._conf = conf
        self._wanted = conf.wanted(renew=renew)
        self._lead = conf.session(_lead(), THE_LEAD)
        self._journal = journal
        self._token_out = token_out
        self._apply = apply_it

    def run(self, projects: tuple[str, ...]) -> int:
        bot = self._conf.session(self._conf.bot).get("/user")["id"] if self._conf.bot else None
        if bot is None and len(projects) > 1:
            raise BadInputError(
                f"a project's account serves one project: make one, and give its token as {PREFIX}GITLAB_TOKEN"
            )
        if bot is None and self._apply:
            if self._token_out is None:
                raise BadInputError("an account is to be made: name the file for its token, as --token-out .env")
            keeping.ready(self._token_out.parent, (TOKEN,), env=self._token_out.name)
        pending = 0
        for name in projects:
            project = setup.find_project(self._lead, name)
            click.echo(f"{project['path_with_namespace']} (project {project['id']})")
            expires = (_now() + TOKEN_LIFE).date()
            steps = list(setup.plan(self._lead, project, bot, self._wanted, expires))
            account = bot
            for step in steps:
                account = self._do(step, account) if self._apply else account
                click.echo(f"  {'+' if self._apply else '?'} {step.says}\n      undo: {step.undo_says}")
                if step.makes_token and self._apply:
                    click.echo(f"      it is in {self._token_out} and expires on {expires}")
            if not steps:
                click.echo("  nothing to do")
            pending += 0 if self._apply else len(steps)
        if pending:
            click.echo(f"Nothing was changed. Run it again with --apply to make these {pending} changes.")
        elif self._apply:
            click.echo(_next(self._conf, projects, renewed=self._wanted.renew))
        return NEGATIVE if pending else 0

    def _do(self, step: Step, bot: int | None) -> int | None:
        """Do it, write down how to undo it, keep what it made; the bot's account after it."""
        try:
            answer, undo = setup.apply(self._lead, step, bot)
        except SignoffError:
            click.echo(f"  ! not done: {step.says}\n      {self._what_stands()}")
            raise
        _write(self._journal, [*_entries(self._journal), {"says": step.undo_says, "request": asdict(undo)}])
        if step.makes_token:
            assert self._token_out is not None  # noqa: S101  asked for before
            keeping.settle(self._token_out, {TOKEN: answer["token"]})
        return int(answer["id"]) if step.makes_bot else bot

    def _what_stands(self) -> str:
        if not _entries(self._journal):
            return "Nothing was changed."
        return (
            f"What was changed is in {self._journal}: run it again once the cause is mended, which goes on from here, "
            "or take it back with --undo --apply."
        )


def _next(conf: _Setup, projects: tuple[str, ...], *, renewed: bool) -> str:
    """What is left to do once the projects wait for the bot, or once their hooks have their new secrets."""
    if renewed:
        return (
            "\nNext: the service must run with the new master, and with the former one under its name with _PREVIOUS.\n"
            "Once no delivery comes with the former one any more, take that out and restart."
        )
    public = (conf.hook or "").removesuffix("/webhooks/gitlab")
    return (
        "\nNext:\n"
        f"  1. Start the service at once: what was set up waits for it. {public}/readyz says that it can work.\n"
        f"  2. Prove it: signoff setup gitlab {' '.join(projects)} --check\n"
        "  3. Let people log in to the pages: signoff setup log-in gitlab"
    )


def _entries(journal: Path) -> list[Any]:
    if not journal.exists():
        return []
    try:
        found = json.loads(journal.read_text())
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise BadInputError(f"{journal} is no journal of this command")
    return found


def _write(journal: Path, entries: list[Any]) -> None:
    keeping.replace(journal, json.dumps(entries, indent=1) + "\n")


# --- undoing


def _undo(journal: Path, *, apply_it: bool) -> int:
    entries = _entries(journal)
    if not entries:
        raise BadInputError(f"{journal} holds nothing to undo")
    session = _read().session(_lead(), THE_LEAD)
    account = any(SERVICE_ACCOUNTS in entry["request"]["path"] for entry in entries)
    while entries:
        entry = entries.pop()
        click.echo(f"  {'-' if apply_it else '?'} {entry['request']['path']}: {entry['says']}")
        if apply_it:
            try:
                setup.send(session, Request(**entry["request"]))
            except GoneError:
                click.echo("      it is gone already")
            _write(journal, entries)
    if not apply_it:
        click.echo("Nothing was changed. Run it again with --undo --apply.")
    elif account:
        click.echo(f"{TOKEN} is of an account that is gone now: take it out of your settings.")
    return 0 if apply_it else NEGATIVE


# --- checking


def _check(projects: tuple[str, ...]) -> int:
    conf = _read()
    if conf.bot is None:
        raise BadInputError(f"{PREFIX}GITLAB_TOKEN is needed: the gate is what the bot can do")
    bot = conf.session(conf.bot)
    lead = conf.session(os.environ[LEAD].strip(), THE_LEAD) if os.environ.get(LEAD) else bot
    worst = 0
    for name in projects:
        project = setup.find_project(bot, name)
        found = inspection.standing(lead, bot, project, conf.service, _now().date())
        click.echo("\n".join(_told(project["path_with_namespace"], found)))
        worst = worst if found.good else NEGATIVE
    return worst


def _told(name: str, found: inspection.Standing) -> Iterator[str]:
    yield f"{name}: {found.guard.grade.value}, by {found.guard.mechanism.value}"
    yield from (f"  because {reason}" for reason in found.guard.reasons)
    yield f"  who could get past it: {', '.join(found.past) or 'nobody that can be seen'}"
    yield from (f"  ! {fault}" for fault in found.faults)
    yield from (f"  {text}" for text in found.told)
