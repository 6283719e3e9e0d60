"""Every case file in this folder is decided, and what it expects of the decision must be so.

A case is named after the scenario it plays: 11-junior-commits-in-a-seniors-change.yaml.
"""

import json
from pathlib import Path

import pytest

from bot import detect, gate
from bot.rules.case import Case, load_case

HERE = Path(__file__).parent
CASES = sorted(each.name for each in HERE.glob("[0-9]*.yaml"))


def load(name: str) -> Case:
    return load_case((HERE / name).read_bytes(), name, lambda path: (HERE / path).read_bytes())


def difference(expected, found, where="decision"):
    """What of the expected part is not so, as sentences; empty if all is."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [line for key, value in expected.items() for line in difference(value, found.get(key), f"{where}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = enumerate(zip(expected, found, strict=True))
        return [line for number, (one, other) in pairs for line in difference(one, other, f"{where}[{number}]")]
    return [] if expected == found else [f"{where}: expected {json.dumps(expected)}, found {json.dumps(found)}"]


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_decided_as_it_expects(name):
    case = load(name)
    evidence = detect.examine(case.change, case.policy.detection)
    decision = gate.decide(case.change, evidence, case.memory, case.policy, case.roster, case.now)
    assert case.expect, f"{name} expects nothing"
    assert difference(case.expect, gate.as_json(decision)) == []


@pytest.mark.parametrize("name", CASES)
def test_the_check_of_a_case_says_what_the_verdict_is(name):
    case = load(name)
    evidence = detect.examine(case.change, case.policy.detection)
    decision = gate.decide(case.change, evidence, case.memory, case.policy, case.roster, case.now)
    text = gate.check_text(decision, case.change)
    passes = decision.verdict.value == "allow" or decision.mode.value == "observe"
    assert (text.state is gate.State.PASSED) == passes
    assert 0 < len(text.title) <= 120
    assert "\n" not in text.title
