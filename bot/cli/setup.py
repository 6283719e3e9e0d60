"""`signoff setup …`: guided installation, one module for each guide, loaded only when it is called."""

from importlib import import_module

import click

GUIDES = {
    "github": "Make the GitHub App, store its credentials, and have its check required.",
    "log-in": "Let people log in to the pages with a forge.",
    "secrets": "Split .env into settings and a folder of secrets, as units and containers want them.",
    "gitlab": "Give the bot an account, a hook and a gate in GitLab projects; with undo.",
}
"""What each guide does; its module is `bot.cli.setup_GUIDE` and holds a click command named `command`."""


class Guides(click.Group):
    """A group whose guides are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all guides."""
        del ctx
        return sorted(GUIDES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The guide of a name, or None."""
        del ctx
        if cmd_name not in GUIDES:
            return None
        loaded: click.Command = import_module(f"bot.cli.setup_{cmd_name.replace('-', '_')}").command
        return loaded


@click.command(cls=Guides)
def command() -> None:
    """Guided installation: the bot's account on a forge, its check required, log-in to the pages."""
