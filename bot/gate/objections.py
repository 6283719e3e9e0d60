"""Objections: changes requested, which hold the change on any head until that person approves or somebody entitled who
is no contributor dismisses them.

Whose word holds is decided so that nothing anybody does to the roster or the commits silences one: making somebody a
contributor does not, and neither does taking them out of the roster. So the word of a person whom the roster does not
know holds too, if it held the change before, or if the forge does not say that they cannot write to the repository:
who objected may have left, but a stranger holds nothing, once every team of the roster was read. One whom the roster
gives too low a tier for every requirement is not asked.
"""

from bot.gate.approvals import Word
from bot.gate.entitled import Bench
from bot.model.change import ReviewState
from bot.model.decision import Objection


def objections(bench: Bench, every: tuple[Word, ...]) -> tuple[Objection, ...]:
    """The objections that stand, oldest first. None where nothing is required."""
    if not bench.asked:
        return ()
    standing = [each for each in every if _objects(each) and _weighs(bench, each) and not _settled(bench, each, every)]
    return tuple({each.key: _objection(bench, each) for each in standing}.values())


def _objects(word: Word) -> bool:
    """Whether it asked for changes, or was taken back and nobody knows what it was."""
    if word.given in {ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED}:
        return word.given is ReviewState.CHANGES_REQUESTED
    return not word.dismissed_by_forge


def _weighs(bench: Bench, word: Word) -> bool:
    """Whether the roster gives its giver, also one whose entry ended, the tier of a requirement; of somebody whom it
    does not know, whether they are no stranger to the repository, or may be in a team that could not be read.
    """
    if not bench.matter.is_human(word.reviewer):
        return False
    standing = bench.people.standing(word.reviewer.id)
    if standing is None:
        stranger = word.may_push is False and not bench.people.unread
        return not stranger or word.review in bench.matter.memory.objected
    return any(standing.rank >= each.rank for each in bench.asked)


def _settled(bench: Bench, word: Word, every: tuple[Word, ...]) -> bool:
    """Whether the same person approved later, by what the forge shows, or somebody entitled dismissed it, or what that
    person asked for after it: what somebody else dismissed before, nobody can dismiss any more.

    A later approval settles it also when it does not count any more for the head, but not one that was taken back by
    anybody but the forge itself.
    """
    later = (each for each in every if each.key == word.key and each.order >= word.order and _objects(each))
    if any(each.dismissed and bench.entitled(each.dismissed_by) is not None for each in later):
        return True
    return any(
        each.key == word.key
        and each.order > word.order
        and each.given is ReviewState.APPROVED
        and not each.seen_only
        and (not each.dismissed or each.dismissed_by_forge)
        for each in every
    )


def _objection(bench: Bench, word: Word) -> Objection:
    standing = bench.people.standing(word.reviewer.id)
    return Objection(word.reviewer, standing.name if standing else word.reviewer.login or "unknown", word.review)
