"""Sightings that can matter no more go after their time; whatever could still be decided loses nothing by it."""

from datetime import timedelta

import pytest

from bot.model.change import Account
from bot.model.event import HeadSeen, PushSeen
from bot.model.ids import AccountId, Sha
from bot.model.subject import Subject
from bot.store import ChangeRow, Tx, changes, findings, memory, sightings
from bot.store.findings import FindingKind, NewFinding
from tests.store.nouns import EIGHT, JO, NOON, SEVEN, at, sha

A, B, C, D, E, F = map(sha, "abcdef")
SAM = Account("sam", AccountId(102))
LATER = NOON + timedelta(days=400)


def row(subject: Subject, head: Sha) -> ChangeRow:
    """An open change, as it was last decided."""
    return ChangeRow(subject, "acme/payments", "Add retry", JO, "", "open", head, "main")


def stood(tx: Tx, subject: Subject, *seen: HeadSeen) -> None:
    """A change stood on these heads."""
    for each in seen:
        sightings.head(tx, subject.forge, subject.repository, each)


def pushed(
    tx: Tx, branch: str, *steps: tuple[Sha | None, Sha | None, float], by: Account = JO, forced: bool = False
) -> None:
    """These pushes were made to a branch: before, after, seconds after noon."""
    for before, after, seconds in steps:
        sightings.push(tx, "github", 1, PushSeen(branch, before, after, by, forced, at(seconds)))


def kept(tx: Tx, subject: Subject, branch: str) -> tuple[object, ...]:
    """Everything that a decision about a change may ask for."""
    return (
        sightings.heads(tx, subject),
        sightings.abandoned(tx, subject),
        sightings.pushes(tx, subject, branch),
        sightings.pushes(tx, subject, None),
        sightings.unread(tx, subject, [A, B, C, D, E, F]),
    )


def forget(tx: Tx) -> int:
    """As the service does it, long after; how many sightings went."""
    gone = sightings.forget_changes(tx, sightings.merged_before(tx, LATER)) + sightings.forget_landed(tx, LATER)
    return gone + sum(sightings.forget_branch(tx, each) for each in sightings.dead_branches(tx, LATER))


def lived(tx: Tx, state: str | None) -> None:
    """Change 7 from a branch that was forced once and is gone; it stands open, or was closed or merged."""
    pushed(tx, "topic", (None, A, 0), by=SAM)
    pushed(tx, "topic", (A, B, 1), forced=True)
    stood(tx, SEVEN, HeadSeen(7, B, at(2)), HeadSeen(7, C, at(3), before=B, pusher=SAM))
    pushed(tx, "topic", (B, C, 3), by=SAM)
    changes.save(tx, row(SEVEN, C))
    pushed(tx, "topic", (C, None, 5))
    if state is not None:
        changes.close(tx, SEVEN, at(4), state)


@pytest.mark.parametrize("state", [None, "closed"])
def test_what_is_open_or_could_be_opened_again_loses_nothing(tx: Tx, state: str | None) -> None:
    """Also those pushes to its branch which came before the change, and whose heads it never stood on."""
    lived(tx, state)
    before = kept(tx, SEVEN, "topic")
    assert [push.by for push in before[2]] == [SAM, JO, SAM]  # type: ignore[attr-defined]
    assert before[1] == (A,)
    assert forget(tx) == 0
    assert kept(tx, SEVEN, "topic") == before


def test_of_a_merged_change_whose_branch_is_gone_nothing_is_left(tx: Tx) -> None:
    """Unless somebody has still to look at it; and not before the time."""
    lived(tx, "merged")
    assert sightings.merged_before(tx, at(4)) == ()
    new = NewFinding("github", 1, FindingKind.OVERRIDE, "7/1", {"by": 1}, 7, C)
    assert findings.add(tx, new, NOON)
    assert forget(tx) == 0
    (found,) = findings.page(tx)
    findings.close(tx, found.id, AccountId(1001), "looked at", at(9))
    assert forget(tx) > 0
    assert kept(tx, SEVEN, "topic") == ((), (), (), (), (A, B, C, D, E, F))
    assert forget(tx) == 0


def test_a_branch_that_another_change_stands_on_is_kept_whole(tx: Tx) -> None:
    """Change 8 was opened from another branch with a head of the one that is gone, and was not merged."""
    lived(tx, "merged")
    stood(tx, EIGHT, HeadSeen(8, B, at(6)))
    changes.save(tx, row(EIGHT, B))
    before = kept(tx, EIGHT, "topic")
    assert A in before[1], "the head before the force-push is read for it"  # type: ignore[operator]
    assert forget(tx) > 0, "the merged one's own"
    assert kept(tx, EIGHT, "topic") == before


def test_a_living_branch_keeps_who_made_and_shaped_it_and_loses_what_landed(tx: Tx) -> None:
    """Pushes of landed commits made nobody a contributor; whoever pushed what did not land still is one."""
    pushed(tx, "develop", (None, A, 0), (A, B, 1), (B, C, 2))
    pushed(tx, "develop", (C, D, 3), by=SAM)
    memory.landed_add(tx, "github", 1, [A, B, C], C)
    stood(tx, SEVEN, HeadSeen(7, D, at(4)))
    changes.save(tx, row(SEVEN, D))
    before = kept(tx, SEVEN, "develop")
    assert forget(tx) == 2, "the push that made the branch stays, so that what counts of it begins there"
    assert kept(tx, SEVEN, "develop") == before


def test_a_branch_made_anew_under_an_old_name_begins_anew(tx: Tx) -> None:
    """What was pushed under the name before counted for nothing already; what came since stays."""
    pushed(tx, "topic", (None, A, 0), (A, B, 1), (B, None, 2))
    pushed(tx, "topic", (None, C, 3), by=SAM)
    stood(tx, SEVEN, HeadSeen(7, C, at(4)))
    changes.save(tx, row(SEVEN, C))
    before = kept(tx, SEVEN, "topic")
    assert forget(tx) == 0, "a change stands on the branch: all of it is kept"
    changes.close(tx, SEVEN, at(5), "merged")
    assert forget(tx) > 0
    assert [push.by for push in sightings.pushes(tx, EIGHT, "topic")] == [SAM]
    assert before[2] == sightings.pushes(tx, EIGHT, "topic")
