"""A team that cannot be read counts nobody, and heals by itself: one change goes on trying, for all that are open."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot import rules
from bot.forges.port import Forge, Lifecycle, Reading
from bot.model.change import Account, Change, Head
from bot.model.errors import NeedsSomebodyError
from bot.model.ids import AccountId
from bot.model.roster import TeamGrant
from bot.model.subject import Repository
from bot.service import recollect
from bot.service.context import Context
from bot.service.recollect import UNREADABLE_LIFE
from bot.service.rulebook import FileRulebook, Rules
from bot.service.task import Task
from bot.store import ChangeRow, Store, changes, due, open_store, repositories
from tests.store.nouns import EIGHT, JO, NOON, SEVEN, sha

HERE = Repository("github", 1, "acme/pay", "main")
CHANGE = Change("github", "acme/pay", 7, "Add retry", "", "main", "main", "retry", JO, Head(sha("a"), NOON))
READING = Reading(CHANGE, HERE, Lifecycle.OPEN, "https://example.com/7", from_fork=True)


@dataclass
class Team:
    """All that is asked of the forge here. `members` None: it refuses."""

    name: str = "github"
    members: tuple[Account, ...] | None = None
    asked: list[str] = field(default_factory=list)

    def team_members(self, repository: Repository, team: str) -> tuple[Account, ...]:
        """See `Forge.team_members`."""
        self.asked.append(team)
        if self.members is None:
            raise NeedsSomebodyError("the App may not read members")
        return self.members


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with two open changes, of which nothing is due."""
    opened = open_store(f"sqlite:///{tmp_path}/signoff.db")
    with opened.write() as tx:
        repositories.upsert(tx, HERE)
        for subject in (SEVEN, EIGHT):
            changes.save(tx, ChangeRow(subject, "acme/pay", "Add retry", JO, "", "open", CHANGE.head.sha, "main"))
    yield opened
    opened.dispose()


def teams_at(store: Store, team: Team, minutes: float) -> dict[str, Any]:
    """The members that an evaluation of change 7 works with, so many minutes after noon."""
    now = NOON + timedelta(minutes=minutes)
    context = Context({}, store, FileRulebook(None, None), lambda: now, lambda _: None)
    packaged = Rules(rules.packaged_policy(), rules.packaged_roster())
    grants = (TeamGrant("github", "acme/seniors", packaged.policy.tiers[2]),)
    in_force = replace(packaged, roster=replace(packaged.roster, teams=grants))
    return dict(recollect.gather(Task(context, cast("Forge", team), SEVEN, READING, in_force, now)).memory.teams)


def marked(store: Store, minutes: float) -> set[int]:
    """The changes that are due so many minutes after noon."""
    found: set[int] = set()
    with store.write() as tx:
        while (claim := due.claim(tx, NOON + timedelta(minutes=minutes), "w", timedelta(hours=9))) is not None:
            found.add(claim.subject.number)
    return found


def test_a_team_that_could_not_be_read_is_tried_again_by_itself_and_then_decides_every_open_change(
    store: Store,
) -> None:
    """One change goes on trying, at the pace of the cache."""
    team = Team()
    life = UNREADABLE_LIFE.total_seconds() / 60
    assert teams_at(store, team, 0) == teams_at(store, team, life / 2) == {}
    assert len(team.asked) == 1, "what could not be read is not asked for by every evaluation"
    assert marked(store, life - 0.1) == set()
    assert marked(store, life) == {7}
    team.members = (Account("grace", AccountId(1001)),)
    assert teams_at(store, team, life) == {"acme/seniors": frozenset({1001})}
    assert 8 in marked(store, life)
    assert teams_at(store, team, life + 1) == {"acme/seniors": frozenset({1001})}
    assert marked(store, life + 1) == set(), "nothing healed now"
