"""When the same inputs will decide otherwise: an override ends, or a roster entry of somebody involved starts or ends.

It may name a moment at which nothing changes after all; it never misses one.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from bot.gate.weigh import Scene
from bot.model.ids import AccountId
from bot.model.roster import Person


def recheck_at(scene: Scene, involved: tuple[AccountId, ...], moments: tuple[datetime, ...]) -> datetime | None:
    """The earliest of these moments and of the days on which entries start or end, if one is still to come."""
    limited = [each for each in _involved(scene, involved) if each.since is not None or each.until is not None]
    days = (day for person in limited for day in _turns(person))
    every = (*moments, *(datetime.combine(day, time.min, UTC) for day in days))
    return min((each for each in every if each > scene.matter.now), default=None)


def _involved(scene: Scene, involved: tuple[AccountId, ...]) -> Iterator[Person]:
    """Everybody who shaped the change or said something about it, and is in the roster."""
    standings = (*scene.crew.standings, *map(scene.people.standing, involved))
    return (each.person for each in standings if each is not None and each.person is not None)


def accounts(scene: Scene) -> tuple[AccountId, ...]:
    """The accounts of everybody who shaped the change or said something about it."""
    memory, crew = scene.matter.memory, scene.crew
    found = {
        *(each.account.id for each in (*crew.contributors, *crew.disclaimed) if each.account),
        *(each.reviewer.id for each in scene.words),
        *(each.dismissed_by.id for each in scene.words if each.dismissed_by),
        *(each.by for each in memory.clearances),
        *(each.by for each in memory.overrides),
        *(each.by for each in memory.not_mine),
    }
    return tuple(sorted(each for each in found if each is not None))


def _turns(person: Person) -> Iterator[date]:
    """The days on which an entry starts to hold and on which it does not hold any more."""
    if person.since is not None:
        yield person.since
    if person.until is not None and person.until < date.max:
        yield person.until + timedelta(days=1)
