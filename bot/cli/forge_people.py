"""What the roster's commands ask a forge for: who has a login, who is in a team. They need the service's settings."""

from bot import bootstrap, settings
from bot.forges.port import Forge
from bot.model.change import Account
from bot.model.errors import BadInputError, GoneError
from bot.model.ids import AccountId
from bot.model.subject import Repository


def accounts(wanted: set[tuple[str, str]]) -> tuple[dict[tuple[str, str], AccountId], frozenset[str]]:
    """The ids of those accounts that are there, by forge and login; and the forges that are configured to be asked."""
    doors = bootstrap.forges(settings.load())
    if not doors:
        raise BadInputError("no forge is configured, so nobody can be asked: set SIGNOFF_GITHUB_APP_ID and the like")
    found = {}
    for name, door in doors.items():
        asked = sorted(login for forge, login in wanted if forge == name)
        if not asked:
            continue
        through = _through(door, None)
        for login in asked:
            try:
                account = door.account(through, login)
            except GoneError:
                continue
            if account.id is not None:
                found[name, login] = account.id
    return found, frozenset(doors)


def members(team: str) -> tuple[str, tuple[Account, ...]]:
    """The forge of a team that is written as github:acme/platform-seniors, and who is in it."""
    forge, _, name = team.partition(":")
    organization = name.partition("/")[0]
    if not forge or not name.partition("/")[2]:
        raise BadInputError(f"{team!r} names no team: write forge:organisation/team, e.g. github:acme/platform-seniors")
    door = bootstrap.forges(settings.load()).get(forge)
    if door is None:
        raise BadInputError(f"the forge {forge!r} is not configured (deploy/env.example)")
    return forge, door.team_members(_through(door, organization), name)


def _through(door: Forge, organization: str | None) -> Repository:
    """A repository as whose bot to ask: one of the organisation's own, if one is named."""
    for repository in door.repositories():
        if organization is None or repository.name.partition("/")[0].casefold() == organization.casefold():
            return repository
    raise BadInputError(f"the bot is installed in no repository{f' of {organization}' if organization else ''}")
