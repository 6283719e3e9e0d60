"""Who sits at the browser: the person whom a cookie names."""

from flask import request

from bot.sandbox.github.pages import show
from bot.sandbox.github.world import World

COOKIE = "act_as"


def acting(world: World) -> str:
    """The cookie's person, else the first there is."""
    logins = [account.login for account in show.people(world)]
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in logins else (logins[0] if logins else "")
