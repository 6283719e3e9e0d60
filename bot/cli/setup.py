"""`signoff setup FORGE`: guided installation, one module per forge, loaded only when it is called."""

from importlib import import_module

import click

FORGES = {
    "github": "Make the GitHub App, store its credentials, and have its check required.",
    "gitlab": "Give the bot an account, a hook and a gate in GitLab projects; with undo.",
}
"""What each forge's guide does; its module is `bot.cli.setup_FORGE` and holds a click command named `command`."""


class Guides(click.Group):
    """The forges that there is a guide for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names."""
        del ctx
        return sorted(FORGES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The guide for a forge, or None."""
        del ctx
        if cmd_name not in FORGES:
            return None
        loaded: click.Command = import_module(f"bot.cli.setup_{cmd_name}").command
        return loaded


@click.command(cls=Guides)
def command() -> None:
    """Guided installation: make the bot's account on a forge and have its check required."""
