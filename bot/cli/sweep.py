"""`signoff sweep`: have every open change evaluated again, now."""

import click

from bot import bootstrap
from bot.cli.starting import ready
from bot.service import sweep


@click.command()
def command() -> None:
    """Mark every open change of every repository due; the running workers then evaluate them."""
    conf = ready()
    context = bootstrap.context(conf)
    marked = sweep.start_over(context)
    context.store.dispose()
    click.echo(f"Marked the open changes of {marked} {'installation' if marked == 1 else 'installations'} due.")
