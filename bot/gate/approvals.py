"""Every approval, whether it counts for this head, and if not the first reason why.

A person has one last word, whichever of their accounts gave it. What we saw ourselves when a review was given
(a sighting) beats what the forge says of it later, except that a later dismissal still dismisses. Nothing here knows
what is needed: tier and zones are looked at per requirement.
"""

from datetime import datetime
from typing import NamedTuple

from bot.gate.contributors import Crew
from bot.gate.matter import Matter
from bot.gate.people import People, Standing
from bot.model.change import Account, Review, ReviewState
from bot.model.decision import Discount
from bot.model.ids import PatchId, Sha
from bot.model.memory import Sighting

ORDER = list(Discount)
_WORDS = (ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED)


class Word(NamedTuple):
    """What a reviewer said: `given` is the word when it was said (None if nobody knows), `dismissed` whether it was
    taken back since. `sighting` is what we saw of it, `seen_only` is true when the forge does not show it any more.
    `may_push` is whether its giver can write to the repository, None if nobody knows.
    """

    review: int
    reviewer: Account
    key: str
    given: ReviewState | None
    at: datetime
    sha: Sha | None
    dismissed: bool = False
    dismissed_by: Account | None = None
    dismissed_by_forge: bool = False
    sighting: Sighting | None = None
    seen_only: bool = False
    may_push: bool | None = None

    @property
    def counts(self) -> bool:
        """Whether it is an approval or an objection, or was dismissed and may have been one."""
        return self.given in _WORDS or (self.dismissed and self.given is not ReviewState.COMMENTED)

    @property
    def order(self) -> tuple[datetime, int, bool, str]:
        """The last word is the one with the highest: by time, ties by the review's id."""
        return self.at, self.review, self.dismissed, self.given or ""


class Approval(NamedTuple):
    """An approval: either it has a reason not to count, or `standing` says what its giver may sign."""

    word: Word
    standing: Standing | None
    discount: Discount | None
    carried_from: Sha | None = None


def words(matter: Matter, people: People) -> tuple[Word, ...]:
    """Every word that was given, oldest first. Comments are no words."""
    sightings = _latest(matter)
    shown = frozenset(each.id for each in matter.change.reviews)
    every = [
        _word(people, each, sightings.get(each.id))
        for each in matter.change.reviews
        if each.state is not ReviewState.COMMENTED or each.id in sightings
    ]
    every += [_unseen(people, each) for number, each in sightings.items() if number not in shown]
    if len(shown) < len(matter.change.reviews):
        every = sorted(set(every), key=repr)  # a review told twice, and perhaps not the same way
    return tuple(sorted((each for each in every if each.counts), key=lambda each: each.order))


def _latest(matter: Matter) -> dict[int, Sighting]:
    """The last sighting of each review in which it was approval or objection."""
    found: dict[int, Sighting] = {}
    for each in sorted(matter.memory.sightings, key=lambda each: (each.at, each.sha, each.state, each.patch or "")):
        if each.state in _WORDS:
            found[each.review] = each
    return found


def _word(people: People, review: Review, sighting: Sighting | None) -> Word:
    if sighting is not None and sighting.reviewer != review.reviewer.id:
        sighting = None
    dismissed = review.state is ReviewState.DISMISSED
    given: ReviewState | None = review.was if dismissed else review.state
    sha, at = review.sha, review.submitted_at
    if sighting is not None:
        given, sha, at = sighting.state, sighting.sha, sighting.at
    by = review.dismissed_by if dismissed else None
    forge = dismissed and review.dismissed_by_forge
    key = _key(people, review.reviewer)
    return Word(
        review.id, review.reviewer, key, given, at, sha, dismissed, by, forge, sighting, may_push=review.may_push
    )  # fmt: skip


def _unseen(people: People, sighting: Sighting) -> Word:
    """A word that we saw and the forge does not show any more: it still objects, it does not approve."""
    who = Account(None, sighting.reviewer)
    return Word(
        sighting.review, who, _key(people, who), sighting.state, sighting.at, sighting.sha,
        sighting=sighting, seen_only=True,
    )  # fmt: skip


def _key(people: People, account: Account) -> str:
    standing = people.standing(account.id)
    return standing.key if standing else f"account {account.id}" if account.known else f"login {account.login}"


def approvals(matter: Matter, people: People, crew: Crew, every: tuple[Word, ...]) -> tuple[Approval, ...]:
    """The approvals that the forge shows, oldest first."""
    last = {each.key: each for each in every if not each.seen_only}
    given = (each for each in every if each.given is ReviewState.APPROVED and not each.seen_only)
    return tuple(_approval(matter, people, crew, each, last[each.key]) for each in given)


def _approval(matter: Matter, people: People, crew: Crew, word: Word, last: Word) -> Approval:
    standing = people.standing(word.reviewer.id)
    reason = barred(matter, crew, word.reviewer, standing)
    if reason is not None:
        return Approval(word, standing, reason)
    bound, carried_from = _binding(matter, word)
    revived = word.dismissed_by_forge and word.sighting is not None and bound
    if word.dismissed and not revived:
        return Approval(word, standing, Discount.DISMISSED)
    if last is not word:
        return Approval(word, standing, Discount.SUPERSEDED)
    if not bound:
        return Approval(word, standing, Discount.OLDER_HEAD)
    return Approval(word, standing, None, carried_from)


def barred(matter: Matter, crew: Crew, account: Account, standing: Standing | None) -> Discount | None:
    """Why this account may sign nothing of this change, None if it may."""
    if not matter.is_human(account):
        return Discount.BOT
    if standing is None:
        return Discount.NOT_IN_ROSTER
    if not standing.in_force:
        return Discount.EXPIRED
    if standing.key in crew.operators:
        return Discount.OPERATOR
    if account.id in crew.accounts or standing.key in crew.named:
        return Discount.CONTRIBUTOR
    return Discount.SAME_PERSON if standing.key in crew.persons else None


def _binding(matter: Matter, word: Word) -> tuple[bool, Sha | None]:
    """Whether the approval is for what would be merged now, and the head it was carried over from."""
    head, patches, sighting = matter.change.head, matter.memory.patches, word.sighting
    if sighting is None:
        return word.sha == head.sha and word.at > head.moved_at, None
    if sighting.sha == head.sha:
        # The head is the same; the base may not be. A time after its last turn tells, or else the patch seen then.
        last = head.moved_at if head.turned_at is None else head.turned_at
        return sighting.at > last or _equal(sighting.patch, patches.get(head.sha)), None
    # What was seen then stands, also that nothing was: the head's own patch may be one against a base of later.
    then = patches.get(sighting.sha) if sighting.patch is None else sighting.patch
    now = patches.get(head.sha)
    return _equal(then, now), sighting.sha


def _equal(then: PatchId | None, now: PatchId | None) -> bool:
    return bool(then) and then == now
