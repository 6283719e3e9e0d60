"""`signoff database`: backups that are proven when they are made, and the ways back.

A backup can be taken while the service runs; restoring and downgrading need it stopped. Nothing is written over.
"""

from pathlib import Path

import click

from bot import settings
from bot.model.errors import BadInputError
from bot.store import Store, backup, ledger, open_store

FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Back up the service's database, put a backup back, and tell or lower its schema."""


@command.command()
def status() -> int:
    """Tell the database's schema and the one this version needs. Exit 1 when they differ."""
    found, needed = backup.standing(_there())
    click.echo(f"schema {', '.join(found) or 'none'}; this version needs {', '.join(needed)}")
    return 0 if found == needed else 1


@command.command("backup")
@click.argument("file", type=FILE)
def save(file: Path) -> None:
    """Write a copy to FILE, which must not exist. The service may go on meanwhile."""
    url = _there()
    backup.save(url, file)
    if url.startswith("sqlite:///"):
        click.echo(f"{file}: {_proven(open_store(f'sqlite:///{file}'))}")
    else:
        click.echo(f"{file}: written; `signoff database restore` proves it, so try one now and then")


@command.command()
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Put a copy back into the empty database that SIGNOFF_DATABASE_URL names, and prove its ledger."""
    url = settings.load().database_url
    backup.put_back(url, file)
    click.echo(f"restored: {_proven(open_store(url))}")
    click.echo("Start the service: it evaluates every open change anew, and what was published since is corrected.")
    click.echo("Compare the ledger's head with a recent check: signoff ledger verify --published HASH")


@command.command()
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Lower the schema to REVISION, for the older version that is to be started then. Take a backup first."""
    backup.lower(_there(), revision)
    click.echo(f"The schema is {revision} now. Start the version that goes with it; this one would raise it again.")


def _there() -> str:
    """The URL of the service's database; what would only now be made is no database to look after."""
    url = settings.load().database_url
    path = Path(url.removeprefix("sqlite:///"))
    if url.startswith("sqlite:///") and not path.is_file():
        raise BadInputError(f"there is no database at {path}; SIGNOFF_DATABASE_URL names the service's")
    return url


def _proven(store: Store) -> str:
    """What the ledger of an open database is worth; BadInputError if it is not as it was written."""
    try:
        with store.read() as tx:
            head = ledger.head(tx)
            anchors = {head[0]: head[1]} if head[0] else {}
            fault = ledger.verify((entry.exported() for entry in ledger.walk(tx)), anchors=anchors)
    finally:
        store.dispose()
    if fault is not None:
        raise BadInputError(f"the copy's ledger is BAD at entry {fault.seq}: {fault.text}")
    return f"{head[0]} ledger entries, each as it was written; head {head[1]}"
