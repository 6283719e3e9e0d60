"""`signoff setup github`: from nothing to a required check that is pinned to the App, in one sitting.

It makes the App by a manifest that the owner confirms on GitHub, keeps the credentials, waits for the installation,
writes a first check, says how to require it, and looks whether it is required. Secrets are never printed. Every step
that was done is found done by `--continue`.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from click.formatting import wrap_text
from flask import Flask
from werkzeug.serving import make_server

from bot.cli import keeping, requiring
from bot.cli.quiet import Quiet
from bot.cli.telling import show_json
from bot.forges.github import PERMISSIONS
from bot.forges.github import setup as github
from bot.model.errors import BadInputError, SignoffError, TryAgainError
from bot.web import first_run

KEY_FILE = "github-app.pem"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command line asks for."""

    host: github.Host
    organization: str | None
    name: str
    public_url: str
    directory: Path
    port: int
    patience: float


@click.command()
@click.option("--organization", metavar="LOGIN", help="Who will own the App; without it the account you use.")
@click.option("--url", "web", default=github.PUBLIC, show_default=True, help="Or your GitHub Enterprise Server.")
@click.option("--public-url", metavar="URL", help="Where GitHub will reach the bot: https://signoff.example.com")
@click.option("--name", default="senior-signoff", show_default=True, help="The App's name, unique on that GitHub.")
@click.option("--directory", type=click.Path(path_type=Path), default=Path(), help="Where .env and the key are kept.")
@click.option("--repository", metavar="OWNER/NAME", help="Try the check there; else the first that the App reaches.")
@click.option(
    "--require", is_flag=True, help=f"Create the ruleset too, with your own token: {requiring.TOKEN}, or asked for."
)
@click.option("--continue", "go_on", is_flag=True, help="The App is made already: go on with what is kept.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; reach nobody, write nothing.")
@click.option("--port", default=0, help="The first-run page's port on loopback; 0 picks a free one.")
@click.option("--wait", "patience", default=900.0, show_default=True, help="Seconds to wait for you at each step.")
def command(  # noqa: PLR0913, PLR0917  one for each option
    organization: str | None,
    web: str,
    public_url: str | None,
    name: str,
    directory: Path,
    repository: str | None,
    port: int,
    patience: float,
    *,
    require: bool,
    go_on: bool,
    dry_run: bool,
) -> int:
    """Make the GitHub App, store its credentials, and have its check required and pinned to it.

    Exit 0 when the check is required and pinned, 1 when it is not yet.
    """
    if not public_url and not go_on:
        raise BadInputError("--public-url is needed: where GitHub will reach the bot, as https://signoff.example.com")
    host = github.Host(_address("--url", web))
    public = _address("--public-url", public_url or "https://unused.example.com")
    wanted = _Wanted(host, organization, name, public, directory, port, patience)
    if dry_run:
        _rehearse(wanted)
        return 0
    if not go_on:
        keeping.ready(directory, requiring.APP, KEY_FILE)
        _make(wanted)
    kept = requiring.Kept.read(directory)
    return requiring.Steps(kept, patience).finish(repository, require=require)


def _address(option: str, url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(each in url for each in " \"'?#"):
        raise BadInputError(f"{option} {url!a}: write an address, as https://signoff.example.com")
    return url.rstrip("/")


def _rehearse(wanted: _Wanted) -> None:
    """What would be done."""
    click.echo(f"Would send this manifest to {wanted.host.making(wanted.organization, 'STATE')}")
    show_json(github.manifest(wanted.name, wanted.public_url, "http://127.0.0.1:PORT/made"))
    click.echo("\nPermissions, each with its reason:")
    for what, much, why in _rows():
        told = f"{what}: {much};" if much else f"{what}:"
        click.echo(wrap_text(f"{told} {why}", initial_indent="  ", subsequent_indent="      "))
    click.echo(f"\nWould keep {wanted.directory / KEY_FILE} and {wanted.directory / keeping.ENV}, mode 0600 both, with")
    click.echo("\n".join(f"  {each}" for each in (*requiring.APP, *keeping.log_in("github"), *_addresses(wanted))))
    click.echo("\nThen: wait for the installation, write a first check, and have this ruleset required:")
    click.echo(json.dumps(github.ruleset(0, requiring.CHECK), indent=2).replace(": 0\n", ": THE APP'S ID\n"))


def _rows() -> tuple[tuple[str, str, str], ...]:
    asked = [(name, level, github.REASONS[name]) for name, level in sorted(PERMISSIONS.items())]
    return (*asked, *((f"event {name}", "", why) for name, why in sorted(github.EVENTS.items())))


def _addresses(wanted: _Wanted) -> dict[str, str]:
    addresses = {"SIGNOFF_PUBLIC_URL": wanted.public_url}
    if wanted.host.web != github.PUBLIC:
        addresses |= {"SIGNOFF_GITHUB_API_URL": wanted.host.api, "SIGNOFF_GITHUB_WEB_URL": wanted.host.web}
    return addresses


def _make(wanted: _Wanted) -> None:
    """Serve the first-run page until GitHub gave the App, and keep it."""
    code, state = f"{secrets.randbelow(10**8):08}", secrets.token_urlsafe(24)
    over = threading.Event()
    failed: list[SignoffError] = []

    def take(given: str) -> first_run.Next:
        try:
            app = github.exchange(wanted.host, given)
            _keep(wanted, app)
        except SignoffError as error:
            failed.append(error)
            raise
        finally:
            over.set()
        first = f"First give it {', '.join(missing)}, under {app.html_url}. " if (missing := app.missing()) else ""
        return first_run.Next(f"{first}Now install the App where it shall work.", f"{app.html_url}/installations/new")

    def shut() -> None:
        failed.append(BadInputError("too many wrong codes were entered on the page; start again"))
        over.set()

    def page(port: int) -> Flask:
        form = github.manifest(wanted.name, wanted.public_url, f"http://127.0.0.1:{port}/made")
        asked = first_run.Asked(
            heading=f"Make the App {wanted.name} for {wanted.organization or 'your account'}",
            rows=_rows(),
            address=wanted.host.making(wanted.organization, state),
            fields={"manifest": json.dumps(form)},
            state=state,
        )
        return first_run.create(asked, code, take, shut)

    with _served(page, wanted.port) as port:
        click.echo(f"Open http://127.0.0.1:{port}/ on this machine and enter the code {code[:4]} {code[4:]}")
        click.echo(f"(from elsewhere: ssh -L {port}:127.0.0.1:{port} THIS-MACHINE, then the same address)")
        if not over.wait(wanted.patience):
            raise TryAgainError(f"nobody came back from GitHub within {wanted.patience:.0f} seconds; start again")
        time.sleep(0.5)  # the page's answer is on its way to the browser
    if failed:
        raise failed[0]


def _keep(wanted: _Wanted, app: github.App) -> None:
    missing = app.missing()
    key_file = (wanted.directory / KEY_FILE).absolute()
    new = dict(zip(requiring.APP, (str(app.id), str(key_file), app.webhook_secret), strict=True))
    if app.client_id and app.client_secret:
        new |= zip(
            keeping.log_in("github"),
            (app.client_id, app.client_secret, keeping.session_key(wanted.directory)),
            strict=True,
        )
    keeping.keep(wanted.directory, new | _addresses(wanted), KEY_FILE, app.key)
    click.echo(f"The App {app.slug} (id {app.id}) is made; {wanted.directory / keeping.ENV} and {KEY_FILE} hold it.")
    if missing:
        click.echo(f"warning: the App was made without {', '.join(missing)}: give it those on {app.html_url}", err=True)
    for more in app.too_much():
        click.echo(f"warning: the App has {more}, which it does not need: take it away on {app.html_url}", err=True)


@contextmanager
def _served(page: Callable[[int], Flask], port: int) -> Iterator[int]:
    """A page on loopback, in a thread; it is told its own port."""

    def not_yet(environment: object, start: object) -> list[bytes]:
        del environment, start
        return []

    try:
        server = make_server("127.0.0.1", port, not_yet, threaded=True, request_handler=Quiet)
    except (OSError, SystemExit) as error:
        raise BadInputError(f"--port {port}: cannot listen there: {error}") from None
    server.app = page(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
