"""`signoff sandbox`: the simulated forge on its own. It is a program of its own; this only starts it."""

import subprocess
import sys

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Start a simulated GitHub on loopback, to try things out; `signoff sandbox --help` lists its options."""
    sys.exit(subprocess.call([sys.executable, "-m", "bot.sandbox", *arguments]))
