"""The enforcement grade: facts of a forge to how hard a gate really is, with the repair of each weakness. Pure.

It claims no more than it was shown: a list of who may bypass that cannot be read is no empty list. Of several guarded
branches the weakest gives the grade, and of several rules on a branch the strictest, since the forge holds to all.
"""

from collections.abc import Iterable

from bot.model.enforcement import Fact, Grade, Graded, Pin, Protection, Requirer
from bot.model.policy import Mode

HARDEST = tuple(Grade)


def graded(mode: Mode, protections: Iterable[Protection], check: str) -> Graded:
    """The grade of a repository with these guarded branches. `check` is the name of our check."""
    if mode is Mode.OFF:
        return Graded(Grade.OFF, (Fact("The rules in force do not cover it.", "Name it in rules.yaml, repositories."),))
    each = [_branch(one, check) for one in protections]
    if not each:
        none = Fact("It has no branch that is guarded.", "See guarded_branches in rules.yaml.")
        return Graded(Grade.ADVISORY, (none,))
    facts = tuple(fact for one in each for fact in one.facts)
    if mode is Mode.OBSERVE:
        observed = Fact("It is only observed: what would wait passes.", "Set its mode to enforce in rules.yaml.")
        return Graded(Grade.ADVISORY, (observed, *facts))
    return Graded(max((one.grade for one in each), key=HARDEST.index), facts)


def _branch(protection: Protection, check: str) -> Graded:
    name = protection.branch
    unread = tuple(Fact(f"{name}: {text}") for text in protection.unread)
    if not protection.requirers:
        text = f"{name}: nothing requires the check {check}."
        repair = f"In a ruleset for {name}, require the check {check} with this bot's App as its source."
        return Graded(Grade.ADVISORY, (Fact(text, repair), *unread))
    found = [_requirer(name, each, check) for each in protection.requirers]
    grade = min((one.grade for one in found), key=HARDEST.index)
    return Graded(grade, (*(fact for one in found for fact in one.facts), *unread))


def _requirer(branch: str, found: Requirer, check: str) -> Graded:
    """What one rule is worth alone."""
    required = f"{branch}: {found.where} requires the check {check}"
    if found.pin is Pin.ANOTHER:
        text = f"{required} of another App: ours does not count."
        return Graded(Grade.ADVISORY, (Fact(text, "Choose this bot's App as the source of the check."),))
    if found.pin is Pin.ANYBODY:
        text = f"{required} of anybody: whoever can push can set a status of that name."
        pinned = Graded(Grade.TAMPER_EVIDENT, (Fact(text, "Choose this bot's App as the source of the check."),))
    else:
        pinned = Graded(Grade.ENFORCED, (Fact(f"{required} of this bot's App."),))
    passing = _bypass(branch, found)
    if passing is None:
        return Graded(pinned.grade, (*pinned.facts, Fact(f"{branch}: nobody may bypass {found.where}.")))
    return Graded(Grade.TAMPER_EVIDENT, (*pinned.facts, passing))


def _bypass(branch: str, found: Requirer) -> Fact | None:
    if found.bypass is None:
        return Fact(
            f"{branch}: who may bypass {found.where} is not shown to the App.",
            "Ask with the token of an administrator: signoff doctor --admin-token-file FILE.",
        )
    if not found.bypass:
        return None
    who = ", ".join(found.bypass)
    return Fact(f"{branch}: {who} may bypass {found.where}.", "Empty its bypass list; the watch reports every use.")
