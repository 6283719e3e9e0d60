"""`signoff sandbox`: simulated forges on their own (`--forge github`, `gitlab` or `both`). They are a program of their
own, with packages of its own; this becomes that program, so that whoever stops the command stops the forges.
"""

import os
import subprocess
import sys
from importlib.util import find_spec

import click

from bot.model.errors import BadInputError

HELP = {"-h", "--help"}
NEEDED = ("graphql", "openapi_schema_validator", "markdown_it")


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Start a simulated GitHub or GitLab, or both, on loopback, to try things out."""
    ready()
    program = [sys.executable, "-m", "bot.sandbox", *arguments]
    if HELP.isdisjoint(arguments):
        os.execv(sys.executable, program)  # noqa: S606  our own program, without a shell
    told = subprocess.run(program, stdout=subprocess.PIPE, text=True, check=False)
    click.echo(told.stdout.replace("python -m bot.sandbox", "signoff sandbox"), nl=False)
    sys.exit(told.returncode)


def ready() -> None:
    """BadInputError where the service was installed without what the simulated forges need."""
    if any(find_spec(name) is None for name in NEEDED):
        raise BadInputError(
            "the simulated forges need packages that the service does not: install the wheel with its extra, "
            "pip install 'signoff_bot-VERSION-py3-none-any.whl[sandbox]'"
        )
