"""Scenario 56: a repository's .signoff.yaml can ask for more, and can take nothing away."""

import time

import pytest

from bot import rules
from bot.gate import globs
from bot.model.policy import Zone
from tests.rules.files import RULES, policy_of

POLICY = policy_of(RULES)
GOOD = """\
zones:
  api: {paths: api/**}
requirements:
  - name: two for the api
    when: {zones: api}
    need: {approvals: 2, tier: mid}
"""


def added(text, policy=POLICY):
    data = text if isinstance(text, bytes) else text.encode()
    return rules.add_local(policy, data, ".signoff.yaml")


def test_zones_and_requirements_under_new_names_are_added():
    """Behind those of the policy, under a digest of their own."""
    policy, faults = added("version: 1\n" + GOOD)
    assert faults == ()
    assert policy.zones == (*POLICY.zones, Zone("api", ("api/**",)))
    assert policy.requirements[:1] == POLICY.requirements
    assert policy.requirements[1].name == "two for the api"
    assert policy.digest != POLICY.digest


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a zone redefined as empty", "zones: {data: {}}\n"),
        ("a zone redefined", "zones: {data: {paths: nothing}}\n"),
        ("a zone under a name that reads the same", "zones: {Data: {paths: nothing}}\n"),
        ("a zone under a name that looks the same", "zones: {\uff44ata: {paths: nothing}}\n"),
        ("a built-in zone", "zones: {governance: {paths: x}}\n"),
        ("a zone that excludes a path", "zones: {api: {paths: ['api/**', '!api/secret']}}\n"),
        ("a zone that takes forever to match", "zones: {api: {paths: '*a*a*a*a*a*a*b'}}\n"),
        (
            "a requirement renamed to one there is",
            "requirements: [{name: Senior sign-off, need: {approvals: 1, tier: junior}}]\n",
        ),
        ("a requirement with a tier of its own", "requirements: [{name: x, need: {approvals: 1, tier: boss}}]\n"),
        (
            "a requirement about a refused zone",
            "zones: {data: {}}\nrequirements: [{name: x, when: {zones: dat}, need: {approvals: 1, tier: mid}}]\n",
        ),
        ("lower tiers", "tiers: [senior, junior]\n"),
        ("a mode", "mode: observe\n"),
        ("other labels", "detection: {labels: {ai: []}}\n"),
        ("guarded branches", "guarded_branches: [nothing]\n"),
        ("an override", "override: {tier: junior}\n"),
        ("people", "people: [{name: Jo, tier: senior}]\n"),
        ("a removed requirement", "requirements: {senior sign-off: null}\n"),
        ("not a mapping", "- x\n"),
        ("not YAML", "zones: [\n"),
        ("not UTF-8", b"\xff"),
        ("too big", "#" * 100_000),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 45 and ":" not in value else "",
)
def test_what_a_repository_may_not_add_is_refused_and_the_policy_stands(what, text):
    """Scenario 56: with its place in `.signoff.yaml`."""
    policy, faults = added(text)
    assert faults, what
    assert all(fault.file == ".signoff.yaml" for fault in faults)
    assert policy == POLICY


def test_the_rest_of_the_file_stands():
    """One fault does not take away what else the repository asks for."""
    spoilt = "mode: observe\n" + GOOD.replace("zones:\n", "zones:\n  data: {}\n  web: {paths: '!web'}\n", 1)
    policy, faults = added(spoilt)
    assert [fault.line for fault in faults] == [1, 3, 3, 4]
    assert policy == added(GOOD)[0]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "version: 1\n", "zones: {}\nrequirements: []\n"])
def test_a_file_that_says_nothing_adds_nothing(text):
    """And is no fault."""
    assert added(text) == (POLICY, ())


def test_rules_that_decide_nothing_are_not_brought_to_decide_by_a_repository():
    """Else any writer could turn unknown into allow."""
    nothing = policy_of(RULES[: RULES.index("requirements")])
    policy, faults = added(GOOD, nothing)
    assert policy == nothing
    assert "without requirements" in faults[0].message


def test_a_repository_cannot_make_somebody_an_owner_where_any_owner_counts():
    """A zone of its own making would make new signers."""
    owners = policy_of(RULES.replace("approvals: 1", "approvals: 1, zone_owner: true"))
    policy, faults = added("zones: {anything: {paths: '**'}}\n", owners)
    assert policy == owners
    assert "owners of any zone" in faults[0].message


def test_a_repository_cannot_add_without_end():
    """Fifty requirements; the others are refused."""
    many = "".join(f"  - {{name: r{number}, need: {{approvals: 1, tier: mid}}}}\n" for number in range(60))
    policy, faults = added("requirements:\n" + many)
    assert len(policy.requirements) == 51
    assert len(faults) == 10


def test_the_worst_pattern_that_is_let_through_is_matched_quickly():
    """Whoever writes the file chooses paths too."""
    worst = "**/*a*a*b/**/*a*a*b/**/*a*a*b"
    assert added(f"zones: {{x: {{paths: '{worst}'}}}}\n")[1] == ()
    before = time.process_time()
    globs.paths((worst,))("/".join(["a" * 60] * 4))
    assert time.process_time() - before < 2
