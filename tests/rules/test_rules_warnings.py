"""What is legal but surely not meant is told, and nothing else is."""

from datetime import date

import pytest

from bot import rules
from tests.rules.files import ROSTER, RULES, policy_of

TODAY = date(2026, 11, 20)
ZONED = RULES.replace("ai: true", "zones: data")


SHARED = ROSTER.replace("  - name: Linus", "    emails: [grace@example.com, team@example.com]\n  - name: Linus")
SHARED += "    emails:\n      - linus@example.com\n      - Team@example.com\n"


def told(text=RULES, roster=ROSTER):
    policy = policy_of(text)
    people = None if roster is None else rules.load_roster({"roster.yaml": roster.encode()}, policy)
    return [concern.message for concern in rules.warnings(policy, people, TODAY)]


def test_rules_and_roster_that_are_right_get_no_warning():
    """Nor rules without a roster beside them."""
    assert told() == []
    assert told(roster=None) == []


@pytest.mark.parametrize(
    ("text", "roster", "message"),
    [
        (RULES[: RULES.index("requirements")], ROSTER, "there is no requirement: every decision is `unknown`"),
        (RULES, "version: 1\n", "the roster is empty: every decision is `unknown`"),
        (RULES + "mode: observe\n", ROSTER, "mode `observe` everywhere: nothing is ever kept from merging"),
        (
            RULES + "repositories: [{match: '*', mode: enforce}, {match: acme/x, mode: 'off'}]\n",
            ROSTER,
            "`repositories`: an entry that matches all hides those after it",
        ),
        (
            RULES.replace("author_below: senior", "author_below: junior"),
            ROSTER,
            "requirement `senior sign-off` never holds: nobody is below junior, the lowest tier",
        ),
        (
            RULES.replace("author_below: senior", "class: automation"),
            ROSTER,
            "requirement `senior sign-off` never holds: none of its classes counts as AI",
        ),
        (
            RULES.replace("approvals: 1", "approvals: 3"),
            ROSTER,
            "requirement `senior sign-off` can never be met: it needs 3 of tier senior or above, the roster has 2",
        ),
        (
            ZONED.replace("approvals: 1", "approvals: 1, zone_owner: true"),
            ROSTER,
            (
                "requirement `senior sign-off` can never be met: it needs 1 of tier senior or above who own "
                "a zone of it, the roster has 0"
            ),
        ),
        (
            RULES.replace("approvals: 1", "approvals: 2, distinct_teams: 2"),
            ROSTER,
            (
                "requirement `senior sign-off` can never be met: it needs 2 different teams, and the roster "
                "names no team of tier senior"
            ),
        ),
        (
            ZONED,
            ROSTER.replace("name: Grace Example", "name: Grace Example\n    zones: [governance]"),
            "zone `data`: only Linus Example of tier senior or above can sign for it",
        ),
        (
            RULES,
            ROSTER.replace(
                "github: {login: linus, id: 1002}", "github: [{login: linus, id: 1002}, {login: l, id: 1002}]"
            ),
            "github account 1002 is listed 2 times: Linus Example",
        ),
        (RULES, ROSTER.replace(", id: 1002", ""), "Linus Example has no account with an id and can never sign"),
        (
            RULES,
            ROSTER + "    gitlab: {username: linus}\n",
            "the gitlab account linus of Linus Example has no id: it never signs, since a login can change hands",
        ),
        (
            RULES,
            SHARED,
            (
                "the mailbox team@example.com of Linus Example is Grace Example's too: commits from there count as "
                "Grace Example's alone"
            ),
        ),
        (
            RULES,
            ROSTER.replace("name: Linus Example", "name: Linus Example\n    until: 2026-11-19"),
            "the entry of Linus Example ended on 2026-11-19",
        ),
        (
            RULES,
            ROSTER.replace("name: Linus Example", "name: Linus Example\n    zones: dta"),
            "Linus Example may sign for a zone that does not exist: dta",
        ),
        (
            RULES,
            ROSTER + "teams: [{github: acme/juniors, tier: junior}]\n",
            "team acme/juniors is of tier junior, below what any requirement asks for",
        ),
    ],
)
def test_what_is_legal_and_surely_not_meant_is_told(text, roster, message):
    """A gate that nobody can open, or that lets everything pass."""
    assert message in told(text, roster)


def test_an_account_without_an_id_of_somebody_who_signs_nothing_is_not_worth_a_warning():
    """Juniors need no ids: nothing is asked of them."""
    junior = "  - name: Jo Example\n    tier: junior\n    github: {login: jo, id: 101}\n    gitlab: {username: jo}\n"
    assert told(RULES, ROSTER + junior) == []


@pytest.mark.parametrize(
    ("texts", "places"),
    [
        ({"a.yaml": SHARED}, [("a.yaml", 12)]),
        (
            {
                "b.yaml": ROSTER.replace(", id: 1001", ""),
                "a.yaml": "version: 1\npeople:\n  - name: jo\n    tier: senior\n    zones: [dta]\n"
                "    github:\n      - {login: joe, id: 7}\n      - {login: jo}\n",
            },
            [("a.yaml", 5), ("b.yaml", 5), ("a.yaml", 8)],
        ),
        ({"a.yaml": "version: 1\n"}, [("", 0)]),
    ],
)
def test_a_warning_of_a_person_is_told_with_its_line(texts, places):
    """Of several files, the one in which the entry stands; what is about no place has none."""
    files, policy = {name: text.encode() for name, text in texts.items()}, policy_of(RULES)
    found = rules.placed(rules.warnings(policy, rules.load_roster(files, policy), TODAY), files)
    assert [(each.file, each.line) for each in found if "requirement" not in each.message] == places


def test_where_a_forge_team_could_supply_the_people_nothing_is_said():
    """Its members are not known here."""
    teams = "teams: [{github: acme/seniors, tier: senior}]\n"
    assert told(RULES.replace("approvals: 1", "approvals: 9"), ROSTER + teams) == []


def test_who_left_or_has_no_id_is_not_among_those_who_could_sign():
    """They are not counted as signers."""
    gone = ROSTER.replace(", id: 1002", "").replace("name: Grace Example", "name: Grace Example\n    until: 2026-01-01")
    assert any("can never be met" in message and message.endswith("has 0") for message in told(RULES, gone))
