"""The files that are shipped work as they are, and so do examples with all that they leave out."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from bot import rules
from tests.rules.files import CASE, case_of, policy_of

TOP = Path(__file__).parents[2]
DEFAULTS = TOP / "bot" / "rules" / "defaults"

FULLER_RULES = """\
# rules.yaml
version: 1
mode: enforce                     # observe: report, never block
repositories:                     # first match wins; default: all, with the mode above
  - {match: "acme/legacy-*", mode: observe}
guarded_branches: ["@default", "release/**"]
tiers: [junior, mid, senior, staff, principal]
unknown_author: junior
detection:
  counts: [agent-authored, ai-assisted]   # ai-suggestion-applied can be added
  minimum_strength: medium
  undeclared: trust
  labels: {ai: [ai-assisted, ai-generated], no_ai: [no-ai]}
zones:
  infrastructure: {paths: ["infra/**", "*.tf", ".github/workflows/**"]}
  data: {paths: ["**/migrations/**"]}
  destructive: {deleted_lines: 400}
requirements:
  - name: senior sign-off
    when: {ai: true, author_below: senior}
    need: {approvals: 1, tier: senior}
  - name: an agent's own work          # whoever set it to work, somebody else looks
    when: {class: agent-authored}
    need: {approvals: 1, tier: senior}
  - name: high blast radius
    when: {ai: true, zones: [infrastructure, data, destructive]}
    need: {approvals: 2, tier: senior}     # zone_owner: true asks for people whose entry names the zone
  - name: the gate itself
    when: {zones: [governance]}
    need: {approvals: 1, tier: staff}
override: {tier: principal, expires: 4h}
"""

FULLER_ROSTER = """\
# roster.yaml
version: 1
people:
  - name: Grace Example
    tier: senior
    github: {login: grace, id: 1001}      # or a list, for a person with several accounts; without id it never signs
    gitlab: {username: grace, id: 2001}
    emails: [grace@example.com]
    zones: [infrastructure]               # none named: may sign anywhere
    from: 2024-05-01                      # from and until: inclusive, UTC
    until: null
    away: [{from: 2026-12-20, to: 2027-01-03}]
teams:
  - {github: acme/platform-seniors, tier: senior}   # members are read from the forge and cached
"""


@pytest.mark.parametrize("name", ["rules.yaml", "roster.yaml"])
def test_the_top_level_files_are_the_packaged_ones(name):
    """What people read first is what the wheel holds."""
    assert (TOP / name).read_bytes() == (DEFAULTS / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "schema"), [("rules.schema.json", rules.policy_schema), ("roster.schema.json", rules.roster_schema)]
)
def test_the_packaged_schema_is_the_one_the_code_has(name, schema):
    """Editors are told what the reader takes."""
    assert json.loads((DEFAULTS / name).read_text()) == schema(), f"signoff … schema > {DEFAULTS / name}"


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ((DEFAULTS / "rules.yaml").read_text(), rules.policy_schema()),
        ((DEFAULTS / "roster.yaml").read_text(), rules.roster_schema()),
        (FULLER_RULES, rules.policy_schema()),
        (FULLER_ROSTER, rules.roster_schema()),
    ],
)
def test_an_editor_finds_nothing_wrong_with_files_that_are_right(text, schema):
    """And finds an unknown key."""
    jsonschema.Draft202012Validator.check_schema(schema)
    written = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  everything as text
    typed = json.loads(json.dumps(yaml.safe_load(text), default=str))
    jsonschema.validate(typed, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(typed | {"unknown": written}, schema)


@pytest.mark.parametrize("name", ["rules.yaml", "roster.yaml"])
def test_the_shipped_file_tells_an_editor_where_its_schema_is(name):
    """At a path that is there."""
    reference = (TOP / name).read_text().splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (TOP / reference).is_file()


def test_the_shipped_rules_and_roster_work_together_without_a_warning():
    """They work as they are."""
    policy = rules.packaged_policy()
    roster = rules.packaged_roster(policy)
    assert rules.warnings(policy, roster, date(2026, 11, 20)) == ()
    assert [(person.name.split()[0], person.tier) for person in roster.people] == [
        ("Jo", "junior"),
        ("Sam", "mid"),
        ("Grace", "senior"),
        ("Linus", "senior"),
        ("Ada", "principal"),
    ]


def test_examples_with_exceptions_branches_and_teams_load():
    """Modes by repository, guarded patterns, zones of a person, absences, a forge's team."""
    policy = policy_of(FULLER_RULES)
    assert [requirement.name for requirement in policy.requirements] == [
        "senior sign-off",
        "an agent's own work",
        "high blast radius",
        "the gate itself",
    ]
    roster = rules.load_roster({"roster.yaml": FULLER_ROSTER.encode()}, policy)
    assert roster.people[0].since == date(2024, 5, 1)
    assert roster.people[0].until is None
    assert roster.teams[0].team == "acme/platform-seniors"


def test_the_shipped_rules_are_the_fuller_ones_without_their_invented_repositories():
    """The shipped file leaves out nothing else."""
    lines = "repositories: []\nguarded_branches: ['@default']\n"
    kept = [line for line in FULLER_RULES.splitlines() if "legacy" not in line]
    text = "\n".join(line for line in kept if not line.startswith(("repositories", "guarded")))
    assert policy_of(text + "\n" + lines) == rules.packaged_policy()


def test_a_case_without_rules_and_roster_is_decided_by_the_packaged_ones():
    """So that a first case needs no other file."""
    case = case_of(CASE)
    assert case.policy == rules.packaged_policy()
    assert case.roster == rules.packaged_roster()
