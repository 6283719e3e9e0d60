"""What a rules file says is what its writer saw."""

from datetime import timedelta

import pytest

from bot import rules
from bot.model.evidence import AiClass, Strength
from bot.model.policy import Mode, RepositoryRule, Undeclared, Zone
from tests.rules.files import RULES, policy_of


@pytest.mark.parametrize(
    "word", ["no", "on", "yes", "off", "1e3", "012", "1:30", "2026-11-20", "y", "0x1f", "1_000", "12"]
)
def test_a_word_that_yaml_would_turn_into_something_else_stays_that_word(word):
    """Scenario 34: `no`, `on`, `1e3` and dates mean what the writer saw."""
    policy = policy_of(
        RULES.replace("mid", word) + f"detection: {{labels: {{ai: {word}}}}}\nguarded_branches: [{word}]\n"
    )
    assert policy.tiers[1] == word
    assert policy.detection.ai_labels == {word}
    assert policy.guarded_branches == (word,)


@pytest.mark.parametrize("number", ["012", "1e3", "0x10", "1_000", "1:30", "1.0", "'2'", "true", "null", "~"])
def test_only_a_plain_decimal_number_is_a_number(number):
    """No octal, underscore, exponent or quotes."""
    with pytest.raises(rules.FaultsError, match="whole number"):
        policy_of(RULES.replace("approvals: 1", f"approvals: {number}"))


@pytest.mark.parametrize("word", ["yes", "on", "True", "'true'", "1"])
def test_only_true_is_true(word):
    """Not `yes`, nor `on`."""
    with pytest.raises(rules.FaultsError, match="`true` or `false` is wanted"):
        policy_of(RULES.replace("ai: true", f"ai: {word}"))


def test_a_string_is_a_list_of_one():
    """In every key that takes a list."""
    policy = policy_of(RULES.replace("ai: true", "zones: data, labels: hot, base: main, repository: acme/*, tool: x"))
    when = policy.requirements[0].when
    assert (when.zones, when.labels, when.bases, when.repositories, when.tools) == (
        ("data",),
        ("hot",),
        ("main",),
        ("acme/*",),
        ("x",),
    )


def test_every_key_of_the_rules_reaches_the_policy():
    """None is read and dropped."""
    policy = policy_of(
        """
version: 1
mode: observe
repositories:
  - {match: [acme/pay, "acme/core-*"], mode: enforce}
  - {match: acme/old, mode: "off"}
  - {match: acme/older, mode: off}
guarded_branches: "release/**"
tiers: [junior, senior]
unknown_author: senior
detection:
  counts: ai-suggestion-applied
  minimum_strength: strong
  undeclared: ask
  labels: {ai: [], no_ai: human}
  automation_apps: 29110
  catalogue: {add: {Acme Coder: {mailboxes: [bot@example.com], role: author}}}
zones:
  governance: {paths: policy/}
  gone: {deleted_files: 3, deleted_lines: 10, removed_resources: true}
requirements:
  - name: everything
    need: {approvals: 2, tier: senior, distinct_teams: 2, zone_owner: true}
  - name: big
    when:
      {class: [automation, none-disclosed], author_below: senior, paths: "*.py", changed_lines: 5, changed_files: 6,
       operator: unknown}
    need: {approvals: 1, tier: junior}
override: {tier: senior, expires: 90m, reason_length: 40}
"""
    )
    assert policy.mode is Mode.OBSERVE
    assert policy.repositories == (
        RepositoryRule("acme/pay", Mode.ENFORCE),
        RepositoryRule("acme/core-*", Mode.ENFORCE),
        RepositoryRule("acme/old", Mode.OFF),
        RepositoryRule("acme/older", Mode.OFF),
    )
    assert policy.guarded_branches == ("release/**",)
    assert policy.unknown_author == "senior"
    detection = policy.detection
    assert detection.counts == {AiClass.AI_SUGGESTION_APPLIED}
    assert (detection.minimum_strength, detection.undeclared) == (Strength.STRONG, Undeclared.ASK)
    assert (detection.ai_labels, detection.no_ai_labels) == (set(), {"human"})
    assert detection.automation_apps == {29110}
    assert detection.catalogue.add == (("Acme Coder", "mailboxes", "bot@example.com"), ("Acme Coder", "role", "author"))
    assert policy.zones == (Zone("governance", ("policy/",)), Zone("gone", (), 10, 3, removed_resources=True))
    everything, big = policy.requirements
    assert everything.when == type(everything.when)()
    assert (everything.need.approvals, everything.need.distinct_teams, everything.need.zone_owner) == (2, 2, True)
    assert big.when.classes == (AiClass.AUTOMATION, AiClass.NONE_DISCLOSED)
    assert (big.when.changed_lines, big.when.changed_files, big.when.operator_unknown) == (5, 6, True)
    assert big.when.paths == ("*.py",)
    assert (policy.override.tier, policy.override.expires) == ("senior", timedelta(minutes=90))
    assert policy.override.reason_length == 40


def test_without_an_override_section_nobody_may_override():
    """Break-glass is granted, never assumed."""
    assert policy_of(RULES).override.tier is None


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (RULES + "# a comment\n", True),
        (RULES.replace("[junior, mid, senior]", "\n  - junior\n  - mid\n  - senior"), True),
        (RULES + "mode: enforce\n", True),
        (RULES.replace("approvals: 1", "approvals: 2"), False),
        (RULES.replace("[junior, mid, senior]", "[mid, junior, senior]"), False),
        (RULES + "mode: observe\n", False),
        (RULES + "override: {tier: senior, expires: 1h}\n", False),
    ],
)
def test_a_digest_names_what_rules_mean_and_not_how_they_are_typed(other, same):
    """Comments and defaults that are written out change nothing; a number or the order of tiers does."""
    assert (policy_of(other).digest == policy_of(RULES).digest) is same
    assert len(policy_of(other).digest) == 64
