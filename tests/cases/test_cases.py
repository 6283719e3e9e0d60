"""Every case file in this folder is decided, and what it expects of the decision must be so.

A case is named after the scenario (docs/scenarios.md) that it plays: 11-juniors-ai-commits-in-a-seniors-change.yaml.
Those of 00, and from 90 on, play what rules and roster can ask for.
"""

from pathlib import Path

import pytest

from bot import detect, gate
from bot.rules.case import Case, load_case
from bot.rules.expectation import differences

HERE = Path(__file__).parent
CASES = sorted(each.name for each in HERE.glob("[0-9]*.yaml"))


def load(name: str) -> Case:
    return load_case((HERE / name).read_bytes(), name, lambda path: (HERE / path).read_bytes())


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_decided_as_it_expects(name):
    """Its `expect` is a part of the decision, and there is one."""
    case = load(name)
    evidence = detect.examine(case.change, case.policy.detection)
    decision = gate.decide(case.change, evidence, case.memory, case.policy, case.roster, case.now)
    assert case.expect, f"{name} expects nothing"
    assert list(differences(case.expect, gate.as_json(decision))) == []


@pytest.mark.parametrize("name", CASES)
def test_the_check_of_a_case_says_what_the_verdict_is(name):
    """Only `allow`, or an observed repository, makes a passed check; the title is one line, 120 characters at most."""
    case = load(name)
    evidence = detect.examine(case.change, case.policy.detection)
    decision = gate.decide(case.change, evidence, case.memory, case.policy, case.roster, case.now)
    text = gate.check_text(decision, case.change)
    passes = decision.verdict.value == "allow" or decision.mode.value == "observe"
    assert (text.state is gate.State.PASSED) == passes
    assert 0 < len(text.title) <= 120
    assert "\n" not in text.title
