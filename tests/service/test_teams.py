"""A team that cannot be read counts nobody, and heals by itself: one change goes on trying, for all that are open."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot import rules
from bot.model.change import Account
from bot.model.errors import NeedsSomebodyError
from bot.model.ids import AccountId
from bot.model.roster import TeamGrant
from bot.model.subject import Repository
from bot.service import membership, recollect
from bot.service.context import Context
from bot.service.membership import TEAM_LIFE
from bot.service.recollect import UNREADABLE_LIFE
from bot.service.rulebook import Rules
from bot.service.task import Task
from bot.store import ChangeRow, Store, changes, due
from tests.service.quiet import CHANGE, HERE, READING, Book
from tests.store.nouns import EIGHT, JO, NOON, SEVEN

if TYPE_CHECKING:
    from bot.forges.port import Forge


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


@pytest.fixture(autouse=True)
def two_open_changes(store: Store) -> None:
    """Of which nothing is due."""
    with store.write() as tx:
        for subject in (SEVEN, EIGHT):
            changes.save(tx, ChangeRow(subject, "acme/pay", "Add retry", JO, "", "open", CHANGE.head.sha, "main"))


def with_team() -> Rules:
    packaged = Rules(rules.packaged_policy(), rules.packaged_roster())
    grants = (TeamGrant("github", "acme/seniors", packaged.policy.tiers[2]),)
    return replace(packaged, roster=replace(packaged.roster, teams=grants))


def context_at(store: Store, team: Team, minutes: float) -> Context:
    now, forge = NOON + timedelta(minutes=minutes), cast("Forge", team)
    return Context({"github": forge}, store, Book(with_team()), lambda: now, lambda _: None)


def look(store: Store, team: Team, minutes: float) -> None:
    """What a sweep does about teams, so many minutes after noon."""
    membership.look(context_at(store, team, minutes), HERE)


def teams_at(store: Store, team: Team, minutes: float) -> dict[str, Any]:
    """The members that an evaluation of change 7 works with, so many minutes after noon."""
    context = context_at(store, team, minutes)
    in_force, now = context.rulebook.current(), context.clock()
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


def test_who_left_a_team_is_noticed_by_the_sweep_and_what_they_have_a_part_in_is_decided_again(store: Store) -> None:
    """The roster in force now counts, also where a forge's team is part of it, without any event of the change."""
    grace, linus = Account("grace", AccountId(1001)), Account("linus", AccountId(1002))
    team = Team(members=(grace, linus))
    teams_at(store, team, 0)
    signed = {"requirements": [{"met": True}]}
    with store.write() as tx:
        for subject, involved in ((SEVEN, [101, 1001]), (EIGHT, [101, 1002])):
            row = ChangeRow(subject, "acme/pay", "Add retry", JO, "", "open", CHANGE.head.sha, "main")
            changes.save(tx, replace(row, verdict="allow", decision=signed | {"involved": involved}))
    marked(store, 0)
    team.members = (linus,)
    life = TEAM_LIFE.total_seconds() / 60
    look(store, team, life - 0.1)
    assert marked(store, life) == set(), "it is not asked for again while it is fresh"
    look(store, team, life)
    assert marked(store, life) == {7}
    team.members = None
    look(store, team, 2 * life)
    assert marked(store, 2 * life) == {8}, "it has a part in what somebody of a team signed that is gone"
    assert teams_at(store, team, 2 * life) == {}
