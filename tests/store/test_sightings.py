"""Sightings: what a webhook showed stands, in whatever order deliveries come, and however often."""

from dataclasses import replace
from itertools import permutations

import pytest

from bot.model.change import Account, AccountKind, ReviewState
from bot.model.event import HeadSeen, PushSeen, ReviewSeen
from bot.model.ids import AccountId, PatchId
from bot.model.memory import Push, Sighting
from bot.model.subject import Subject
from bot.store import HeadFacts, Tx, heads, memory, people, sightings
from tests.store.nouns import EIGHT, JO, NOON, SEVEN, at, sha

X, Y, Z = sha("a"), sha("b"), sha("c")
SAM = Account("sam", AccountId(102))
APPROVAL = ReviewSeen(7, 1, AccountId(1001), ReviewState.APPROVED, X, NOON)


def approved(tx: Tx, seen: ReviewSeen = APPROVAL) -> tuple[Sighting, ...]:
    """The sightings of change 7 after one more review."""
    sightings.review(tx, ("github", 1), seen)
    return sightings.of_change(tx, SEVEN)


def stood(tx: Tx, *seen: HeadSeen) -> None:
    """Change 7 stood on these heads."""
    for each in seen:
        sightings.head(tx, "github", 1, each)


def pushed(tx: Tx, *seen: PushSeen) -> None:
    """These pushes happened."""
    for each in seen:
        sightings.push(tx, "github", 1, each)


def test_a_review_is_bound_to_the_head_it_was_given_for(tx: Tx) -> None:
    assert approved(tx) == (Sighting(1, AccountId(1001), ReviewState.APPROVED, X, NOON),)
    assert sightings.of_change(tx, EIGHT) == ()


def test_a_review_that_the_forge_re_points_later_stays_where_it_was(tx: Tx) -> None:
    approved(tx)
    assert [seen.sha for seen in approved(tx, replace(APPROVAL, sha=Y))] == [X]


def test_a_dismissal_leaves_what_was_seen_of_the_approval(tx: Tx) -> None:
    approved(tx)
    dismissed = replace(APPROVAL, state=ReviewState.DISMISSED, at=at(9))
    assert [seen.state for seen in approved(tx, dismissed)] == [ReviewState.APPROVED, ReviewState.DISMISSED]


def test_a_new_approval_under_the_same_number_is_another_sighting(tx: Tx) -> None:
    approved(tx)
    assert [seen.sha for seen in approved(tx, replace(APPROVAL, sha=Y, at=at(9)))] == [X, Y]


def test_a_review_gets_the_patch_that_its_head_is_found_to_have_later(tx: Tx) -> None:
    approved(tx)
    heads.patch(tx, SEVEN, X, PatchId("p1"))
    heads.patch(tx, SEVEN, X, PatchId("p2"))
    assert [seen.patch for seen in sightings.of_change(tx, SEVEN)] == ["p1"]


def test_a_review_gets_the_patch_that_is_known_already(tx: Tx) -> None:
    heads.patch(tx, SEVEN, X, PatchId("p1"))
    assert [seen.patch for seen in approved(tx)] == ["p1"]


def test_after_a_retarget_an_old_review_does_not_get_the_new_patch(tx: Tx) -> None:
    """Scenario 31: an approval of the small diff says nothing about the large one on the same head."""
    heads.describe(tx, SEVEN, X, HeadFacts("main", sha("1"), ("a.py",), since=at(-10)))
    approved(tx)
    heads.describe(tx, SEVEN, X, HeadFacts("main", sha("2"), ("a.py", "b.py"), since=at(10)))
    heads.patch(tx, SEVEN, X, PatchId("large"))
    late = replace(APPROVAL, review=2, at=at(20))
    assert [seen.patch for seen in approved(tx, late)] == ["", "large"]
    delayed = replace(APPROVAL, review=3, at=at(5))
    assert [seen.patch for seen in approved(tx, delayed)] == ["", "", "large"]


def test_heads_are_told_in_order_of_arrival(tx: Tx) -> None:
    stood(tx, HeadSeen(7, X, at(0)), HeadSeen(7, X, at(1)), HeadSeen(7, Y, at(2)), HeadSeen(7, Y, at(3)))
    assert sightings.heads(tx, SEVEN) == ((X, at(0)), (Y, at(2)))
    assert sightings.heads(tx, EIGHT) == ()


def test_a_change_that_returns_to_a_head_arrives_there_again(tx: Tx) -> None:
    stood(tx, HeadSeen(7, X, at(0)), HeadSeen(7, Y, at(1)), HeadSeen(7, X, at(2)))
    assert sightings.heads(tx, SEVEN) == ((X, at(0)), (Y, at(1)), (X, at(2)))
    assert sightings.moved_at(tx, SEVEN, X) == at(2)
    assert sightings.moved_at(tx, SEVEN, Z) is None


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_deliveries_does_not_matter(tx: Tx, order: tuple[int, ...]) -> None:
    seen = [HeadSeen(7, X, at(0)), HeadSeen(7, Y, at(1)), HeadSeen(7, X, at(2)), HeadSeen(7, X, at(3))]
    stood(tx, *(seen[number] for number in order), *seen)
    assert sightings.heads(tx, SEVEN) == ((X, at(0)), (Y, at(1)), (X, at(2)))


def test_a_thousand_events_on_one_head_are_not_a_thousand_rows(tx: Tx) -> None:
    stood(tx, *(HeadSeen(7, X, at(second)) for second in range(100)))
    assert tx.exec_driver_sql("SELECT count(*) FROM heads_seen").scalar() == 2


def test_a_head_told_of_late_still_lies_between(tx: Tx) -> None:
    stood(tx, *(HeadSeen(7, X, at(second)) for second in range(10)), HeadSeen(7, Y, at(5)))
    arrived = sightings.moved_at(tx, SEVEN, X)
    assert arrived is not None
    assert arrived > at(5)


def test_who_pushed_to_the_branch_moved_the_change(tx: Tx) -> None:
    pushed(tx, PushSeen("fix", None, X, JO, False, at(0)), PushSeen("fix", X, Y, SAM, False, at(1)))
    pushed(tx, PushSeen("other", None, Z, Account("eve", AccountId(103)), False, at(1)))
    assert sightings.pushes(tx, SEVEN, "fix") == (Push(JO, X), Push(SAM, Y, X))
    assert sightings.pushes(tx, SEVEN, None) == ()


def test_who_pushed_to_an_earlier_branch_of_the_name_did_not(tx: Tx) -> None:
    pushed(
        tx,
        PushSeen("fix", None, X, JO, False, at(0)),
        PushSeen("fix", X, None, JO, False, at(1)),
        PushSeen("fix", None, Y, SAM, False, at(2)),
    )
    assert sightings.pushes(tx, SEVEN, "fix") == (Push(SAM, Y),)


def test_who_moved_a_fork_is_known_from_the_change(tx: Tx) -> None:
    stood(tx, HeadSeen(7, Y, at(0), before=X, pusher=JO), HeadSeen(7, Y, at(1), before=X))
    assert sightings.pushes(tx, SEVEN, None) == (Push(JO, Y, X),)


def test_who_pushed_the_same_commit_to_another_branch_did_not_move_the_change(tx: Tx) -> None:
    stood(tx, HeadSeen(7, X, at(0)))
    pushed(tx, PushSeen("other", None, X, JO, False, at(0)))
    assert sightings.pushes(tx, SEVEN, "fix") == ()


def test_somebody_who_cannot_be_told_moved_it_too(tx: Tx) -> None:
    unknown = Account(None, None)
    pushed(tx, PushSeen("fix", None, X, unknown, False, at(0)), PushSeen("fix", X, Y, unknown, True, at(1)))
    assert sightings.pushes(tx, SEVEN, "fix") == (Push(unknown, X), Push(unknown, Y, X))


def test_a_bot_that_pushed_stays_a_bot_and_a_forgotten_name_stays_an_account(tx: Tx) -> None:
    bot = Account("bot[bot]", AccountId(5), AccountKind.BOT)
    pushed(tx, PushSeen("fix", None, X, bot, False, at(0)))
    assert sightings.pushes(tx, SEVEN, "fix") == (Push(bot, X),)
    people.erase_before(tx, at(1))
    assert sightings.pushes(tx, SEVEN, "fix") == (Push(replace(bot, login=None), X),)


def test_pushes_of_landed_commits_are_left_out(tx: Tx) -> None:
    pushed(tx, PushSeen("develop", X, Y, JO, False, at(0)), PushSeen("develop", Y, Z, SAM, False, at(1)))
    stood(tx, HeadSeen(7, Y, at(0)))
    memory.landed_add(tx, "github", 1, [Y], Y)
    assert sightings.pushes(tx, SEVEN, "develop") == (Push(SAM, Z, Y),)


def test_it_is_known_whether_a_push_to_a_commit_was_seen(tx: Tx) -> None:
    pushed(tx, PushSeen("fix", None, X, JO, False, at(0)))
    assert sightings.was_pushed(tx, SEVEN, "fix", X)
    assert not sightings.was_pushed(tx, SEVEN, "fix", Y)
    assert not sightings.was_pushed(tx, SEVEN, "other", X)
    assert not sightings.was_pushed(tx, SEVEN, None, X)
    assert not sightings.was_pushed(tx, Subject.change("github", 2, 7), "fix", X)


def test_heads_that_were_read_are_not_read_again(tx: Tx) -> None:
    sightings.abandoned_read(tx, SEVEN, Y)
    assert sightings.unread(tx, SEVEN, [Z, Y, X, Z]) == (Z, X)
    assert sightings.unread(tx, EIGHT, [Y]) == (Y,)


def test_a_head_left_by_a_force_push_is_abandoned_until_it_is_read(tx: Tx) -> None:
    """Scenario 63: pushed with trailers and amended without, before anybody read it."""
    stood(tx, HeadSeen(7, X, at(0)), HeadSeen(7, Y, at(1), before=X, pusher=JO))
    pushed(tx, PushSeen("fix", X, Y, JO, True, at(1)))
    assert sightings.abandoned(tx, SEVEN) == (X,)
    sightings.abandoned_read(tx, SEVEN, X)
    sightings.abandoned_read(tx, SEVEN, X)
    assert sightings.abandoned(tx, SEVEN) == ()


def test_a_head_left_by_an_ordinary_push_is_not_abandoned(tx: Tx) -> None:
    stood(tx, HeadSeen(7, X, at(0)), HeadSeen(7, Y, at(1), before=X))
    pushed(tx, PushSeen("fix", X, Y, JO, False, at(1)))
    assert sightings.abandoned(tx, SEVEN) == ()


def test_a_head_that_a_forks_change_left_may_be_abandoned(tx: Tx) -> None:
    stood(tx, HeadSeen(7, Y, at(1), before=X, pusher=JO))
    assert sightings.abandoned(tx, SEVEN) == (X,)


def test_a_head_is_found_behind_pushes_whose_heads_were_never_seen(tx: Tx) -> None:
    pushed(tx, PushSeen("fix", X, Y, JO, True, at(0)), PushSeen("fix", Y, Z, JO, False, at(1)))
    stood(tx, HeadSeen(7, Z, at(1)))
    assert sightings.abandoned(tx, SEVEN) == (X,)


def test_a_head_that_was_only_seen_and_left_is_abandoned(tx: Tx) -> None:
    stood(tx, HeadSeen(7, X, at(0)), HeadSeen(7, Y, at(1)))
    assert sightings.abandoned(tx, SEVEN) == (X,)


def test_a_ring_of_force_pushes_ends(tx: Tx) -> None:
    pushed(tx, PushSeen("fix", X, Y, JO, True, at(0)), PushSeen("fix", Y, X, JO, True, at(1)))
    stood(tx, HeadSeen(7, X, at(1)))
    assert sightings.abandoned(tx, SEVEN) == (Y,)
