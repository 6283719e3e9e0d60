"""The table of commands, and how they name things."""

from bot.sandbox.control import Bad, Body, Commands
from bot.sandbox.github.identity import Actor, as_app, person
from bot.sandbox.github.records import App, Installation, Issue, Repository
from bot.sandbox.github.service import Service
from bot.sandbox.github.world import World

command: Commands[Service] = Commands()


def repository(world: World, body: Body, key: str = "repo") -> Repository:
    """The repository a command names by owner/name."""
    owner, _, name = str(body[key]).partition("/")
    return world.repository(owner, name)


def pull(world: World, body: Body) -> Issue:
    """The pull request a command names by `repo` and `number`."""
    return world.pull(repository(world, body), int(body["number"]))


def actor(world: World, body: Body, key: str = "by") -> Actor:
    """Who a command acts as: a login, or app:<slug>. Without one, the owner of the repository."""
    login = body.get(key)
    if login is None:
        owner = world.owner(repository(world, body)) if "repo" in body else None
        if owner is None:
            raise Bad(f"`{key}` is missing: who does it?")
        admins = [found for found, role in owner.members.items() if role == "admin"] or [owner.id]
        account = world.account_by_id(admins[0])
        return person(world, account.login if account else "")
    return as_app(world, login.removeprefix("app:")) if login.startswith("app:") else person(world, login)


def installation(world: World, body: Body) -> Installation:
    """The installation of the App `app` in the account `account`."""
    app: App = world.app(str(body["app"]))
    found = world.installation(app, world.account(str(body["account"])).id)
    if found is None:
        raise Bad(f"{body['app']} is not installed in {body['account']}")
    return found
