"""`signoff setup log-in FORGE`: says what to enter on the forge, asks for what it gives back, and keeps it.

The secret is asked for without being shown, or taken from the environment; it is written to the `.env` file alone.
"""

import os
from pathlib import Path

import click

from bot import settings
from bot.cli import keeping
from bot.model.errors import BadInputError

SECRET = "SIGNOFF_SETUP_CLIENT_SECRET"  # noqa: S105  the name of a variable
ADDRESSES = {"github": "SIGNOFF_GITHUB_WEB_URL", "gitlab": "SIGNOFF_GITLAB_URL"}
WHERE = {
    "github": (
        "In the App's settings ({url}/organizations/ORGANISATION/settings/apps, or {url}/settings/apps) set\n"
        "  the callback URL   {back}\n"
        'and press "Generate a new client secret". No scope is asked for.'
    ),
    "gitlab": (
        "At {url}/-/user_settings/applications (or the group's Settings, Applications) add an application with\n"
        "  the redirect URI   {back}\n"
        "  confidential       yes\n"
        "  scopes             read_api, and no other"
    ),
}


@click.command("log-in")
@click.argument("forge", type=click.Choice(sorted(WHERE)))
@click.option("--client-id", metavar="ID", help="What the forge calls it by; else asked for.")
@click.option("--directory", type=click.Path(path_type=Path), default=Path(), help="Where .env is kept.")
def command(forge: str, client_id: str | None, directory: Path) -> int:
    """Let people log in to the pages with FORGE: they see what they can read there.

    The secret is taken from SIGNOFF_SETUP_CLIENT_SECRET, or asked for. Restart the service afterwards.
    """
    path = directory / keeping.ENV
    kept = settings.raw(path)
    public = kept.get("SIGNOFF_PUBLIC_URL", "").rstrip("/")
    if not public:
        raise BadInputError(f"SIGNOFF_PUBLIC_URL is needed: the forge sends people back there. Set it in {path}")
    url = kept.get(ADDRESSES[forge], settings.Settings.model_fields[ADDRESSES[forge][8:].lower()].default).rstrip("/")
    click.echo(WHERE[forge].format(url=url, back=f"{public}/login/{forge}/callback") + "\n")
    named = (client_id or click.prompt("Its client id (application id)")).strip()
    secret = (os.environ.get(SECRET) or click.prompt("Its secret", hide_input=True)).strip()
    if not named or not secret:
        raise BadInputError("the forge gives both, an id and a secret: enter both")
    new = dict(zip(keeping.log_in(forge), (named, secret, keeping.session_key(directory)), strict=True))
    keeping.settle(path, new)
    click.echo(f"{path} has {', '.join(new)}. Restart the service.")
    return 0
