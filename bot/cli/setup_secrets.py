"""`signoff setup secrets`: splits a `.env` file, as the guides leave it, into settings and a folder of secrets.

That is how the units, the containers and Kubernetes want them. The `.env` file and the key beside it stay where they
are, so that a mistake costs nothing; nothing secret is printed.
"""

import os
from pathlib import Path

import click
from dotenv import dotenv_values

from bot.cli import keeping
from bot.model.errors import BadInputError
from bot.settings import PREFIX, Settings

KEY, KEY_FILE = f"{PREFIX}GITHUB_PRIVATE_KEY", f"{PREFIX}GITHUB_PRIVATE_KEY_FILE"
SESSION, SESSION_FILE = f"{PREFIX}SESSION_KEY", f"{PREFIX}SESSION_KEY_FILE"
SECRETS = {
    PREFIX + name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)
}
"""Every setting that is a secret and nothing else."""
DATABASE = f"{PREFIX}DATABASE_URL"
PLACES = {PREFIX + name for name in ("LISTEN", "WORK_LISTEN", "RULES", "ROSTER", "SECRETS_DIRECTORY")}
"""What a file of settings that is there already knows better: where things are in a container are other places."""


@click.command("secrets")
@click.option("--settings", "settings_file", type=click.Path(path_type=Path), required=True, help="File for the rest.")
@click.option("--secrets", "folder", type=click.Path(path_type=Path), required=True, help="Folder for the secrets.")
@click.option("--directory", type=click.Path(path_type=Path), default=Path(), help="Where .env is.")
def command(settings_file: Path, folder: Path, directory: Path) -> int:
    """Split .env into settings and a folder of secrets, as units and containers want them."""
    env = directory / keeping.ENV
    found = {name: value for name, value in dotenv_values(env).items() if value and name.startswith(PREFIX)}
    if not found:
        raise BadInputError(f"{env} sets nothing: name its folder with --directory")
    for name, file in ((KEY, KEY_FILE), (SESSION, SESSION_FILE)):
        named = found.pop(file, None)
        if named is not None:
            found[name] = _read(Path(named), file)
    secrets = {name: value for name, value in found.items() if name in SECRETS or name == DATABASE}
    keeping.ready(folder, ())
    for name, value in secrets.items():
        keeping.replace(folder / name, value.rstrip("\n") + "\n")
    there = dotenv_values(settings_file) if settings_file.exists() else {}
    rest = {
        name: value for name, value in found.items() if name not in secrets and not (name in PLACES and there.get(name))
    }
    keeping.settle(settings_file, rest)
    for name in sorted(found.keys() - secrets.keys() - rest.keys()):
        click.echo(f"{name} stays {there[name]} there")
    click.echo(f"{settings_file} got {len(rest)} settings, {folder} {len(secrets)} secrets:")
    click.echo("\n".join(f"  {name}" for name in sorted(secrets)))
    click.echo(f"When the service runs with them, delete {env} and any key beside it: they hold the same secrets.")
    return 0


def _read(path: Path, name: str) -> str:
    if not os.access(path, os.R_OK):
        raise BadInputError(f"{name}: {path} cannot be read")
    return path.read_text()
