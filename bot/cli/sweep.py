"""`signoff sweep`: have every open change evaluated again, now."""

import click

from bot import bootstrap
from bot.cli.starting import ready
from bot.cli.telling import plural
from bot.model.errors import TryAgainError
from bot.service import sweep


@click.command()
def command() -> None:
    """Mark every open change of every repository due; the running workers then evaluate them."""
    conf = ready()
    context = bootstrap.context(conf)
    swept = sweep.start_over(context)
    context.store.dispose()
    installations = plural(((swept.marked, "installation", "installations"),))
    click.echo(f"Marked the open changes of {installations} due.")
    if swept.missed:
        raise TryAgainError("; ".join(f"{name} could not be asked: {why}" for name, why in swept.missed.items()))
