"""Whether the teams that the roster names have other members than when they were last read.

Who leaves a team must not go on signing until something else happens to the change: no forge tells every bot of that,
so the sweep asks, once for as long as the members are taken from the cache. Nothing is decided here; the open changes
that the move can touch become due, and no others.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.ids import AccountId
from bot.model.subject import Repository, Subject
from bot.service.context import Context
from bot.store import Tx, changes, due, teams

log = structlog.get_logger()

TEAM_LIFE = timedelta(minutes=10)
"""How long a team's members are taken from the cache."""


def look(context: Context, repository: Repository) -> None:
    """Read the teams of a repository's forge whose members were known for too long."""
    grants = context.rulebook.current().roster.teams
    for team in sorted({grant.team for grant in grants if grant.forge == repository.forge}):
        _look(context, repository, team)


def _look(context: Context, repository: Repository, team: str) -> None:
    now, forge = context.clock(), repository.forge
    with context.store.read() as tx:
        cached = teams.get(tx, forge, team)
    if cached is None or cached[0] is None or cached[1] > now - TEAM_LIFE:
        return  # nothing rests on it, a change goes on trying, or it is fresh
    try:
        listed = context.forges[forge].team_members(repository, team)
    except (GoneError, NeedsSomebodyError) as error:
        log.warning("team_unreadable", team=team, why=str(error))
        with context.store.write() as tx:  # they find so themselves, and one of them goes on trying
            moved(tx, forge, cached[0], frozenset(), now)
        return
    members = frozenset(each.id for each in listed if each.id is not None)
    with context.store.write() as tx:
        teams.put(tx, forge, team, members, now)
        moved(tx, forge, cached[0], members, now)


def moved(tx: Tx, forge: str, before: frozenset[AccountId] | None, after: frozenset[AccountId], now: datetime) -> None:
    """A team had other members before: have the changes decided again that those who moved have a part in, and those
    for which somebody to sign is still looked for; all, where it could not be read before (None).
    """
    who = None if before is None else before ^ after
    due.mark(tx, list(_touched(tx, forge, who)), now, background=True)


def _touched(tx: Tx, forge: str, who: frozenset[AccountId] | None) -> Iterator[Subject]:
    if who is not None and not who:
        return
    for subject, decision in changes.decisions(tx):
        if subject.forge != forge:
            continue
        waits = decision is None or any(not each["met"] for each in decision["requirements"])
        if who is None or waits or who & set((decision or {}).get("involved", ())):
            yield subject
