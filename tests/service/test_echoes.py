"""What a webhook told of and the forge does not show yet is waited for: soon, a few times, and not for ever."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.forges.port import Comment, Lifecycle, Reading
from bot.model.change import Account, Change, Head, Review, ReviewState
from bot.model.event import CommentSeen, Event, HeadSeen, ReviewSeen
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository
from bot.service import echoes
from bot.service.context import Context
from bot.service.rulebook import FileRulebook
from bot.store import open_store, sightings
from tests.store.nouns import JO, NOON, SEVEN, at, sha

HERE = Repository("github", 1, "acme/pay", "main")
OLD, NEW = sha("a"), sha("b")
GRACE = Account("grace", AccountId(1001))
CHANGE = Change("github", "acme/pay", 7, "Add retry", "", "main", "main", "retry", JO, Head(OLD, NOON))
READING = Reading(CHANGE, HERE, Lifecycle.OPEN, "https://example.com/7")
REVIEW = Review(5, GRACE, ReviewState.APPROVED, OLD, NOON)
COMMENT = Comment(6, GRACE, "/signoff explain", NOON, edited=False)


@dataclass
class Told:
    """A service that deliveries reach; `now` is its clock."""

    context: Context
    now: list[datetime]

    def of(self, *, review: int | None = None, comment: int | None = None, left: Sha | None = None) -> None:
        """A delivery that tells of a review, of a comment, or of the change leaving a head."""
        seen = None if review is None else ReviewSeen(7, review, GRACE.id, ReviewState.APPROVED, OLD, self.now[0])
        head = None if left is None else HeadSeen(7, NEW if left == OLD else OLD, self.now[0], left, JO)
        said = None if comment is None else CommentSeen(7, comment)
        event = Event("github", "d", "told", (HERE,), (SEVEN,), review=seen, head=head, comment=said)
        with self.context.store.write() as tx:
            echoes.told(tx, event, HERE, self.now[0])
            if head is not None:
                sightings.head(tx, "github", HERE.id, head)

    def again(self, reading: Reading, seconds: float = 0) -> float | None:
        """In how many seconds a change is read again that showed this so many seconds after noon."""
        self.now[0] = at(seconds)
        found = echoes.look_again(self.context, SEVEN, reading)
        return None if found is None else (found - self.now[0]).total_seconds()

    def times(self, reading: Reading) -> list[float]:
        """When a change that goes on showing this is read again, in seconds after noon, until nobody waits."""
        read: list[float] = []
        while (wait := self.again(reading, read[-1] if read else 0)) is not None and len(read) < 100:
            read.append((read[-1] if read else 0) + wait)
        return read


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    """A service that was told of nothing."""
    now, store = [NOON], open_store(f"sqlite:///{tmp_path}/signoff.db")
    yield Told(Context({}, store, FileRulebook(None, None), lambda: now[0], lambda _: None), now)
    store.dispose()


def shows(*, review: Review | None = None, comment: Comment | None = None, head: Sha = OLD) -> Reading:
    """A reading of the change that shows these."""
    reviews, comments = (review,) if review else (), (comment,) if comment else ()
    return replace(READING, change=replace(CHANGE, head=Head(head, NOON), reviews=reviews), comments=comments)


def test_a_reading_that_shows_all_that_was_told_is_the_last(told: Told) -> None:
    """What was shown once and then withdrawn is waited for no more."""
    assert told.again(shows()) is None
    told.of(review=5, comment=6)
    assert told.again(shows(review=REVIEW, comment=COMMENT)) is None
    assert told.again(shows(), 1) is None, "an approval that was shown and then withdrawn is waited for no more"


@pytest.mark.parametrize("kind", ["review", "comment"])
def test_what_is_not_shown_is_read_again_at_growing_distances_and_given_up_after_a_minute(
    told: Told, kind: str
) -> None:
    """Bounded: a deleted comment costs half a dozen readings, not one every few seconds for ever."""
    told.of(**{kind: 9})
    assert told.times(shows(review=REVIEW, comment=COMMENT)) == [2, 4, 8, 16, 32, 64]


def test_a_head_that_was_left_is_read_again_until_the_new_one_is_shown(told: Told) -> None:
    """A forge's answers may lag behind its webhooks."""
    told.of(left=OLD)
    assert told.again(shows(head=OLD)) == 2
    assert told.again(shows(head=NEW), 2) is None


def test_a_branch_that_was_set_back_to_the_head_it_left_is_waited_for_no_more(told: Told) -> None:
    """The later event says that it came back."""
    told.of(left=OLD)
    told.now[0] = at(1)
    told.of(left=NEW)
    assert told.again(shows(head=OLD), 2) is None


def test_the_first_of_two_that_are_missing_says_when(told: Told) -> None:
    """Each is waited for from the time it was told."""
    told.of(review=9)
    told.now[0] = at(10)
    told.of(comment=9)
    assert told.again(shows(), 11) == 2


def test_a_forge_whose_clock_is_far_off_makes_nobody_wait_long(told: Told) -> None:
    """The sighting of a head carries the forge's time: one in the future by hours is no reason to read for hours."""
    told.now[0] = NOON + timedelta(hours=5)
    told.of(left=OLD)
    assert told.again(shows(head=OLD)) is None


@pytest.mark.parametrize(("age", "wait"), [(0, 1), (-5, 1), (7, 7), (600, 60)])
def test_a_change_that_is_not_all_shown_is_read_again_after_as_long_as_it_stood(age: int, wait: int) -> None:
    """Minutes: at least one, and at most an hour, so that no number of such changes uses up the forge's limit."""
    now = NOON + timedelta(minutes=age)
    whole = replace(READING, updated_at=NOON)
    assert echoes.whole_at(now, whole) is None
    partly = replace(whole, change=replace(CHANGE, complete=False))
    assert echoes.whole_at(now, partly) == now + timedelta(minutes=wait)
