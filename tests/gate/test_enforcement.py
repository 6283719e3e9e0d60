"""The enforcement grade: from the facts that a forge shows, and no further than they reach."""

import pytest

from bot import gate
from bot.model.enforcement import Grade, Level, Pin, Protection, Requirer
from bot.model.policy import Mode

OURS = Requirer("the ruleset 1", Pin.OURS, ())
BYPASSED = Requirer("the ruleset 2", Pin.OURS, ("its administrators",))
UNSEEN = Requirer("the ruleset 3", Pin.OURS, None)
ANYBODY = Requirer("the ruleset 4", Pin.ANYBODY, ())
ANOTHER = Requirer("the ruleset 5", Pin.ANOTHER, ())

TABLE = [
    # mode, what requires the check on each guarded branch, grade, levels of the facts
    (Mode.ENFORCE, [(OURS,)], Grade.ENFORCED, {Level.FINE}),
    (Mode.ENFORCE, [(BYPASSED,)], Grade.TAMPER_EVIDENT, {Level.FINE, Level.WEAK}),
    (Mode.ENFORCE, [(UNSEEN,)], Grade.TAMPER_EVIDENT, {Level.FINE, Level.UNKNOWN}),
    (Mode.ENFORCE, [(ANYBODY,)], Grade.TAMPER_EVIDENT, {Level.OPEN, Level.FINE}),
    (Mode.ENFORCE, [(ANOTHER,)], Grade.ADVISORY, {Level.OPEN}),
    (Mode.ENFORCE, [()], Grade.ADVISORY, {Level.OPEN}),
    (Mode.ENFORCE, [], Grade.ADVISORY, {Level.OPEN}),
    (Mode.ENFORCE, [(BYPASSED, ANYBODY, OURS)], Grade.ENFORCED, {Level.FINE}),
    (Mode.ENFORCE, [(ANOTHER, UNSEEN)], Grade.TAMPER_EVIDENT, {Level.FINE, Level.UNKNOWN, Level.WEAK}),
    (Mode.ENFORCE, [(OURS, ANOTHER)], Grade.ENFORCED, {Level.FINE, Level.WEAK}),
    (Mode.ENFORCE, [(OURS,), (UNSEEN,)], Grade.TAMPER_EVIDENT, {Level.FINE, Level.UNKNOWN}),
    (Mode.ENFORCE, [(OURS,), ()], Grade.ADVISORY, {Level.FINE, Level.OPEN}),
    (Mode.OBSERVE, [(OURS,)], Grade.ADVISORY, {Level.FINE}),
    (Mode.OBSERVE, [(OURS, ANOTHER)], Grade.ADVISORY, {Level.FINE, Level.WEAK}),
    (Mode.OBSERVE, [(ANOTHER,)], Grade.ADVISORY, {Level.FINE, Level.WEAK}),
    (Mode.OBSERVE, [()], Grade.ADVISORY, {Level.FINE}),
    (Mode.OBSERVE, [], Grade.ADVISORY, {Level.FINE}),
    (Mode.OFF, [(OURS,)], Grade.OFF, {Level.FINE}),
]


@pytest.mark.parametrize(("mode", "branches", "grade", "levels"), TABLE)
def test_a_grade_is_what_the_facts_prove_and_every_weakness_has_a_repair(mode, branches, grade, levels) -> None:
    """The weakest branch decides, and on a branch the strictest rule, since the forge holds to all of them."""
    protections = [Protection(f"b{index}", requirers) for index, requirers in enumerate(branches)]
    found = gate.graded(mode, protections, "senior-signoff")
    assert found.grade is grade
    assert {fact.level for fact in found.facts} == levels
    assert all(fact.repair for fact in found.facts if fact.level is not Level.FINE)


def test_what_could_not_be_read_is_said_and_claims_nothing() -> None:
    """A list that cannot be read is no empty list."""
    found = gate.graded(Mode.ENFORCE, [Protection("main", (OURS,), ("it could not be read",))], "senior-signoff")
    assert found.grade is Grade.ENFORCED
    assert [fact.level for fact in found.facts] == [Level.FINE, Level.FINE, Level.UNKNOWN]


def test_the_facts_name_the_branch_the_rule_the_check_and_who_may_bypass() -> None:
    """Somebody who never saw the repository must find what to change."""
    (required, passing) = gate.graded(Mode.ENFORCE, [Protection("main", (BYPASSED,))], "senior-signoff").facts
    assert required.text == "main: the ruleset 2 requires the check senior-signoff of this bot."
    assert passing.text == "main: its administrators may bypass the ruleset 2."


def test_a_rule_that_waits_for_another_app_is_told_also_beside_ours() -> None:
    """The forge holds to all rules: when the App was made anew, the rule of the old one keeps all from merging."""
    found = gate.graded(Mode.ENFORCE, [Protection("main", (OURS, ANOTHER))], "senior-signoff")
    (told,) = [fact for fact in found.facts if fact.level is Level.WEAK]
    assert told.text.startswith("main: the ruleset 5 requires the check senior-signoff of another App")
    assert "nothing is merged" in told.text


@pytest.mark.parametrize(
    ("requirers", "counts"),
    [
        ((), False),
        ((OURS,), False),
        ((ANYBODY, BYPASSED), False),
        ((ANYBODY,), True),
        ((ANOTHER,), True),
    ],
)
def test_another_apps_check_counts_where_one_is_required_and_nowhere_ours(requirers, counts) -> None:
    """The forge holds to all rules: one that asks for our App leaves no room for somebody else's check."""
    assert gate.takes_others(Protection("main", requirers)) is counts
