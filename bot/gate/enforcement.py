"""The enforcement grade: facts of a forge to how hard a gate really is, with the repair of each weakness. Pure.

It claims no more than it was shown: a list of who may bypass that cannot be read is no empty list. Of several guarded
branches the weakest gives the grade, and of several rules on a branch the strictest, since the forge holds to all.
"""

from collections.abc import Iterable
from dataclasses import replace

from bot.model.enforcement import Fact, Grade, Graded, Level, Pin, Protection, Requirer
from bot.model.policy import Mode

HARDEST = tuple(Grade)
PIN = (
    "In that rule, choose this bot's App as the source of the check. Where the forge has no such choice, the watch "
    "finds and records who sets the mark in our place."
)
OTHERS = "In that rule, choose this bot's App as the source of the check, or take the check out of it."
BYPASS = "Empty its bypass list; until then the watch reports every use."
COVER = "Name it under repositories in rules.yaml if it is to be covered."


def graded(mode: Mode, protections: Iterable[Protection], check: str) -> Graded:
    """The grade of a repository with these guarded branches. `check` is the name of our check."""
    if mode is Mode.OFF:
        return Graded(Grade.OFF, (Fact("The rules in force do not cover it.", repair=COVER),))
    protections = tuple(protections)
    each = [_branch(one, check) for one in protections]
    facts = tuple(fact for one in each for fact in one.facts)
    if mode is Mode.OBSERVE:
        observed = Fact("It is observed only: what would wait passes.", repair="Set its mode to enforce in rules.yaml.")
        held = {fact.text for one in protections for fact in _others(one, check)}
        told = (replace(fact, level=Level.WEAK if fact.text in held else Level.FINE) for fact in facts)
        return Graded(Grade.ADVISORY, (observed, *told))
    if not each:
        text = "It has no branch that is guarded."
        return Graded(Grade.ADVISORY, (Fact(text, Level.OPEN, "See guarded_branches in rules.yaml."),))
    return Graded(max((one.grade for one in each), key=HARDEST.index), facts)


def takes_others(protection: Protection) -> bool:
    """Whether a check of our name counts on a branch that another program set: one is required, and nowhere ours."""
    return bool(protection.requirers) and all(each.pin is not Pin.OURS for each in protection.requirers)


def _branch(protection: Protection, check: str) -> Graded:
    name = protection.branch
    unread = tuple(Fact(f"{name}: {text}", Level.UNKNOWN) for text in protection.unread)
    if not protection.requirers:
        text = f"{name}: nothing requires the check {check}."
        repair = (
            protection.repair
            or f"In a ruleset for {name}, require the check {check} with this bot's App as its source."
        )
        return Graded(Grade.ADVISORY, (Fact(text, Level.OPEN, repair), *unread))
    strictest = min((_requirer(name, each, check) for each in protection.requirers), key=_by_grade)
    said = {fact.text for fact in strictest.facts}
    others = (fact for fact in _others(protection, check) if fact.text not in said)
    return Graded(strictest.grade, (*strictest.facts, *others, *unread))


def _others(protection: Protection, check: str) -> list[Fact]:
    """The rules that wait for another App: they hold every merge, whatever our check says and whatever our mode is.

    Beside a rule that waits for us they are no hole in the gate, only in the way of whoever wants to merge.
    """
    found = (each for each in protection.requirers if each.pin is Pin.ANOTHER)
    return [_other(protection.branch, each, check, Level.WEAK) for each in found]


def _other(branch: str, found: Requirer, check: str, level: Level) -> Fact:
    text = f"{branch}: {found.where} requires the check {check} of another App, so ours does not count there"
    return Fact(f"{text}, and nothing is merged unless that App passes it too.", level, OTHERS)


def _by_grade(found: Graded) -> int:
    return HARDEST.index(found.grade)


def _requirer(branch: str, found: Requirer, check: str) -> Graded:
    """What one rule is worth alone."""
    if found.pin is Pin.ANOTHER:
        return Graded(Grade.ADVISORY, (_other(branch, found, check, Level.OPEN),))
    required = f"{branch}: {found.where} requires the check {check}"
    passing = _bypass(branch, found)
    soft = tuple(Fact(f"{branch}: {text}.", Level.WEAK, found.repair or BYPASS) for text in found.soft)
    if found.pin is Pin.ANYBODY:
        text = f"{required} of anybody, so that whoever can push can set a status of that name."
        return Graded(Grade.TAMPER_EVIDENT, (Fact(text, Level.OPEN, found.repair or PIN), *soft, passing))
    grade = Grade.ENFORCED if passing.level is Level.FINE and not soft else Grade.TAMPER_EVIDENT
    return Graded(grade, (Fact(f"{required} of this bot."), *soft, passing))


def _bypass(branch: str, found: Requirer) -> Fact:
    if found.bypass is None:
        return Fact(
            f"{branch}: who may bypass {found.where} is not shown to the bot.",
            Level.UNKNOWN,
            found.repair or "Ask with an administrator's token: `signoff doctor --admin-token-file FILE`.",
        )
    if not found.bypass:
        return Fact(f"{branch}: nobody may bypass {found.where}{f' but {found.keepers}' if found.keepers else ''}.")
    text = f"{branch}: {', '.join(found.bypass)} may bypass {found.where}."
    return Fact(text, Level.WEAK, found.repair or BYPASS)
