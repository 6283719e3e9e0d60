"""Which decisions an edit of the roster can touch."""

from datetime import date
from types import MappingProxyType

import pytest

from bot import gate
from bot.model.change import Account, GitIdentity
from bot.model.ids import AccountId
from bot.model.memory import Clearance, Memory
from bot.model.roster import Roster, TeamGrant
from tests.gate.build import (
    AI,
    GRACE,
    POLICY,
    ROSTER,
    SENIOR,
    STAFF,
    at,
    change,
    commit,
    decide,
    person,
    replace,
    review,
)

SIGNED = gate.as_record(decide(change(reviews=(review(1, GRACE),))))
WAITING = gate.as_record(decide())
NEW_SENIOR, NEW_JUNIOR = (person("New", tier, Account("new", AccountId(77))) for tier in (SENIOR, POLICY.tiers[0]))


def edited(name: str, **more) -> Roster:
    return Roster(tuple(replace(one, **more) if one.name == name else one for one in ROSTER.people))


EDITS = [
    ("nothing", SIGNED, ROSTER, False),
    ("the tier of who signed", SIGNED, edited("Grace Example", tier=STAFF), True),
    ("the tier of the author", SIGNED, edited("Jo Example", tier=SENIOR), True),
    ("somebody who has nothing to do with it", SIGNED, edited("Linus Example", until=date(2026, 1, 1)), False),
    ("somebody who could be asked", WAITING, edited("Linus Example", until=date(2026, 1, 1)), True),
    ("a new senior where one is missing", WAITING, Roster((*ROSTER.people, NEW_SENIOR)), True),
    ("a new junior where a senior is missing", WAITING, Roster((*ROSTER.people, NEW_JUNIOR)), False),
    ("a team", SIGNED, replace(ROSTER, teams=(TeamGrant("github", "acme/a", SENIOR),)), True),
    ("everybody", SIGNED, Roster(), True),
]


@pytest.mark.parametrize(("what", "record", "after", "touched"), EDITS, ids=[each[0] for each in EDITS])
def test_an_edit_touches_only_what_it_can_change(what, record, after, touched):
    """Scenario 67: an edit of one person has only those changes decided again that it can bear upon."""
    assert gate.affected(record, "github", POLICY, ROSTER, after) is touched


MAILBOXES = [
    GitIdentity("N", "new@example.com"),
    GitIdentity("N", "new@users.noreply.github.com"),
    GitIdentity("N", "77-x@users.noreply.gitlab.com"),
]


@pytest.mark.parametrize("identity", MAILBOXES)
def test_an_entry_that_claims_a_mailbox_touches_the_change(identity):
    """Whoever is added may own a mailbox or login that a commit names."""
    mine = change(commits=(commit(), commit("b1", identity)), reviews=(review(1, GRACE),))
    record = gate.as_record(decide(mine))
    assert gate.affected(record, "github", POLICY, ROSTER, Roster((*ROSTER.people, NEW_JUNIOR)))


def test_whoever_cleared_a_finding_is_involved():
    """Their entry says whether the clearance counts."""
    memory = Memory(clearances=(Clearance(AccountId(1002), AI.key, "wrong", at(1)),), teams=MappingProxyType({}))
    record = gate.as_record(decide(memory=memory))
    assert gate.affected(record, "github", POLICY, ROSTER, edited("Linus Example", tier=POLICY.tiers[0]))
