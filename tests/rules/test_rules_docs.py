"""What the reference for leads shows, works."""

import re
from pathlib import Path

import pytest

from bot import rules
from tests.rules.files import RULES, case_of, policy_of

TEXT = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = [block for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if not block.startswith("#")]
HEAD = "version: 1\ntiers: [junior, mid, senior, staff, principal]\nunknown_author: junior\n"
ZONES = "zones: {data: {paths: data}}\n"


def kind(example):
    first = example.split(":", 1)[0]
    if "people:" in example:
        return "roster"
    return {"change": "case", "version": "rules"}.get(first, "local" if "api" in example else "part")


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_loads(example):
    """As rules, a part of them, a roster, a repository's own file, or a case that is decided as it expects."""
    match kind(example):
        case "roster":
            assert rules.load_roster({"roster.yaml": example.encode()}, rules.packaged_policy()).people
        case "case":
            beside = {
                name: Path(__file__).parents[2].joinpath(name).read_text() for name in ("rules.yaml", "roster.yaml")
            }
            assert case_of(example, beside).expect
        case "rules":
            assert policy_of(example).requirements
        case "local":
            assert rules.add_local(policy_of(RULES), example.encode(), ".signoff.yaml")[1] == ()
        case _:
            zones = "" if "zones:\n" in example else ZONES
            assert policy_of(HEAD + zones + example)


def test_every_kind_of_example_is_there():
    """So that the test above cannot pass by finding nothing."""
    assert sorted({kind(example) for example in EXAMPLES}) == ["case", "local", "part", "roster", "rules"]
