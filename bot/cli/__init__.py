"""The command line: `signoff COMMAND`, one module per command, loaded only when it is called.

Exit codes: 0 fine, 1 a negative answer, 2 misuse, 3 could not tell. Nothing here decides anything.
"""

import gc
import sys
import traceback
from importlib import import_module

import click

from bot import __version__
from bot.model.errors import BadInputError, SignoffError

COMMANDS = {
    "database": "Back up and restore the service's database, and lower its schema.",
    "check": "Tell what would be asked of whom for a range of the local repository.",
    "decide": "Decide cases that are written down as YAML or JSON.",
    "detect": "Find the commits that disclose AI.",
    "doctor": "Tell how hard each gate really is, what proves it, and what repairs it.",
    "ledger": "Export the record and prove that nobody altered it.",
    "retry": "List what was parked after repeated failures, and have it tried again.",
    "pre-receive": "Refuse, as a git server's hook, AI commits that did not come through an allowed change.",
    "roster": "Check, resolve and import the roster, or begin one: who is senior.",
    "rollout": "Tell what was held, or would have been, for each repository.",
    "rules": "Check and accept the rules, or begin them: when a senior must sign.",
    "sandbox": "Start a simulated GitHub or GitLab, or both, on loopback.",
    "serve": "Run the service: webhooks, evaluation, pages.",
    "setup": "Guided installation: make the bot's account on a forge and have its check required.",
    "sweep": "Mark every open change due; the service looks at them.",
    "watch": "List what passed the gate all the same, and close it with a reason.",
    "work": "Evaluate due changes until stopped.",
}
"""What each command is for, in a line. Its module is `bot.cli.NAME`, _ for -, and holds a click command `command`."""

MISUSE = 2
COULD_NOT_TELL = 3


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for, so that `signoff check` starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        gc.disable()
        loaded = import_module(f"bot.cli.{cmd_name.replace('-', '_')}").command
        gc.freeze()  # what is loaded stays until the end: no collection is to look through it, now or ever
        gc.enable()
        assert isinstance(loaded, click.Command)  # noqa: S101  a fault of ours, not of the user
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in the help, without loading any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001  click's shape
    """Two versions tell what decides: the program's, and that of its catalogue of what AI tools leave behind."""
    del parameter
    if wanted:
        catalogue = import_module("bot.detect.load").packaged()
        click.echo(f"signoff {__version__} (catalogue {catalogue.version})")
        context.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Tell the versions."
)
def signoff() -> None:
    """Keep AI-assisted changes from merging until a senior engineer has signed exactly what will be merged."""


def main() -> None:
    """Run the command line; every expected error becomes one message on standard error and an exit code, a fault 3."""
    try:
        code = signoff(standalone_mode=False, prog_name="signoff")
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(MISUSE)
    except BadInputError as error:
        click.echo(f"signoff: {error}", err=True)
        sys.exit(MISUSE)
    except SignoffError as error:
        click.echo(f"signoff: {error}", err=True)
        sys.exit(COULD_NOT_TELL)
    except Exception:  # noqa: BLE001  told as what it is: Python would end with 1, which is a negative answer
        traceback.print_exc()
        click.echo(
            "signoff: this is a fault of signoff itself, and no answer; please report what stands above", err=True
        )
        sys.exit(COULD_NOT_TELL)
    sys.exit(code if isinstance(code, int) else 0)
