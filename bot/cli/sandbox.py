"""`signoff sandbox`: simulated forges on their own (`--forge github`, `gitlab` or `both`). They are a program of their
own; this only starts it.
"""

import subprocess
import sys

import click

HELP = {"-h", "--help"}


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Start a simulated GitHub or GitLab, or both, on loopback, to try things out."""
    program = [sys.executable, "-m", "bot.sandbox", *arguments]
    if HELP.isdisjoint(arguments):
        sys.exit(subprocess.call(program))
    told = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=False)
    click.echo(told.stdout.replace("python -m bot.sandbox", "signoff sandbox"), nl=False)
    sys.exit(told.returncode)
