"""`signoff rollout`: what was held, or would have been where the gate only observes, for each repository."""

from dataclasses import asdict
from datetime import timedelta

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import bootstrap
from bot.cli.starting import ready
from bot.cli.telling import show_json
from bot.detect.text import quote
from bot.model.policy import Mode
from bot.service import rollout


@click.command()
@click.option("--days", type=click.IntRange(1, 3650), default=14, show_default=True, help="How far to look back.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(days: int, *, as_json: bool) -> None:
    """Count, for each repository, the changes, the AI-assisted ones, and those that had to wait or would have.

    Mode observe publishes what it would have asked and blocks nobody; this tells whether to enforce now.
    """
    context = bootstrap.context(ready())
    try:
        lines = rollout.summary(context, context.clock() - timedelta(days=days))
    finally:
        context.store.dispose()
    if as_json:
        show_json([asdict(line) for line in lines])
        return
    table = Table("repository", "mode", "changes", "AI-assisted", "waited", "waiting now", box=None, pad_edge=False)
    for line in lines:
        numbers = (line.changes, line.ai, line.held, line.waiting)
        table.add_row(Text(quote(line.repository)), line.mode.value, *map(str, numbers))
    Console(highlight=False, soft_wrap=True).print(table)
    click.echo(f"in the last {days} days; waited: at least once without the approvals asked for then")
    if any(line.mode is Mode.OBSERVE for line in lines):
        click.echo("mode observe: it would have waited; nothing was held")
