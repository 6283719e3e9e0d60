"""What the check says of the rules that a change would make."""

import pytest

from bot import gate
from bot.gate import State
from bot.gate.proposed import Proposed, Remark
from bot.model.policy import Mode
from tests.gate.build import GRACE, POLICY, change, decide, replace, review

FAULT = Remark("rules.yaml:3:17", "there is no tier `jnior`", "did you mean `junior`?")
FINE, BROKEN = Proposed("rules and roster"), Proposed("rules and roster", (FAULT,))
SIGNED = change(reviews=(review(1, GRACE),))


def shown(*proposals: Proposed, of=SIGNED, policy=POLICY) -> gate.CheckText:
    return gate.check_text(decide(of, policy=policy), of, proposals=proposals)


def test_a_proposal_that_can_be_used_changes_nothing_but_the_text() -> None:
    """Rules that are proposed decide nothing before they are merged."""
    assert (shown(FINE).state, shown(FINE).title) == (State.PASSED, shown().title)
    assert "### The proposed rules and roster\n\nIt can be used." in shown(FINE).summary


def test_a_broken_proposal_never_passes_and_says_what_to_mend_first() -> None:
    """Scenario 30: merging it would leave the gate on the version before."""
    text = shown(BROKEN)
    assert text.state is State.WAITING
    assert text.title.startswith("Mend the proposed rules and roster (1 fault) first. Signed by grace")
    assert "- `rules.yaml:3:17`: `` there is no tier `jnior` `` (``did you mean `junior`?``)" in text.summary


def test_what_waits_anyway_goes_on_waiting_and_is_told_both() -> None:
    """The fault comes first in the title."""
    text = shown(BROKEN, of=change())
    assert text.state is State.WAITING
    assert "first. Waiting for 1 senior" in text.title


def test_where_nothing_is_kept_from_merging_it_is_told_only() -> None:
    """An observed repository is shown the fault and passes."""
    text = shown(BROKEN, policy=replace(POLICY, mode=Mode.OBSERVE))
    assert text.state is State.PASSED
    assert text.title.startswith("Mend")


def test_several_proposals_are_all_told() -> None:
    """Each with the number of its faults, and what looks wrong."""
    other = Proposed(".signoff.yaml", (FAULT, FAULT), (Remark("", "it looks odd", "look"),))
    text = shown(BROKEN, other)
    assert "(1 fault) and the proposed .signoff.yaml (2 faults) first" in text.title
    assert "looks wrong: `it looks odd`" in text.summary


@pytest.mark.parametrize("hostile", ["</details>@everyone", "`` ![x](http://example.com)", "a\u202eb\n# c"])
def test_other_peoples_text_stands_as_code(hostile: str) -> None:
    """Also the text of faults, which repeats what somebody wrote."""
    summary = shown(Proposed("x", (Remark(hostile, hostile, hostile),))).summary
    line = next(line for line in summary.splitlines() if "everyone" in line or "http" in line or "# c" in line)
    assert line.startswith("- `")
    assert "\u202e" not in summary


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted() -> None:
    """Within the limits of a check."""
    many = Proposed("rules", tuple(replace(FAULT, place=f"rules.yaml:{line}:1") for line in range(100)))
    text = shown(many)
    assert "… and 80 more faults" in text.summary
    assert len(text.title) <= 120
    assert len(text.summary.encode()) <= 65_535
