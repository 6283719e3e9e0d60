"""Ids filled into a roster file: only ids are added, everything else stays as it was written."""

import pytest

from bot import rules
from bot.model.change import Account
from bot.model.ids import AccountId

FOUND = {
    ("github", "grace"): AccountId(1001),
    ("github", "linus"): AccountId(1002),
    ("gitlab", "grace"): AccountId(2001),
}
HEAD = "version: 1\npeople:\n  - name: Grace Example\n    tier: senior\n"
FILES = [
    ("    github: {login: grace}  # hers\n", "    github: {login: grace, id: 1001}  # hers\n"),
    ("    github: { login: 'grace' , }\n", "    github: { login: 'grace', id: 1001 , }\n"),
    ("    github:\n      login: grace  # hers\n", "    github:\n      login: grace  # hers\n      id: 1001\n"),
    ("    github:\n      login: grace", "    github:\n      login: grace\n      id: 1001"),
    ("    github:\r\n      login: grace\r\n", "    github:\r\n      login: grace\r\n      id: 1001\r\n"),
    ("    github: {login: grace, id: null}\n", "    github: {login: grace, id: 1001}\n"),
    ("    github:\n      id:\n      login: grace\n", "    github:\n      id: 1001\n      login: grace\n"),
    (
        "    github:\n      - login: grace\n      # the other\n      - {login: linus}\n",
        "    github:\n      - login: grace\n        id: 1001\n      # the other\n      - {login: linus, id: 1002}\n",
    ),
    ("    gitlab: {username: grace}\n", "    gitlab: {username: grace, id: 2001}\n"),
    ("    github: {login: nobody}\n", "    github: {login: nobody}\n"),
    ("    github: {login: grace, id: 7}\n", "    github: {login: grace, id: 7}\n"),
]


@pytest.mark.parametrize(("before", "after"), FILES)
def test_an_id_is_added_and_nothing_else_is_touched(before, after):
    """Comments, order and quotes stay; once more changes nothing."""
    filled = rules.with_ids(HEAD + before, FOUND)
    assert filled == HEAD + after
    assert rules.with_ids(filled, FOUND) == filled
    accounts = rules.load_roster({"roster.yaml": filled.encode()}).people[0].accounts
    was = rules.load_roster({"roster.yaml": (HEAD + before).encode()}).people[0].accounts
    assert [(each.forge, each.login) for each in accounts] == [(each.forge, each.login) for each in was]


def test_a_roster_in_json_stays_json():
    """The id is added in its own syntax."""
    text = '{"version": 1, "people": [{"name": "G", "tier": "senior", "github": {"login": "grace"}}]}'
    filled = rules.with_ids(text, FOUND)
    assert filled == text.replace('"grace"', '"grace", "id": 1001')
    assert rules.load_roster({"roster.json": filled.encode()}).people[0].accounts[0].id == 1001


def test_the_accounts_without_an_id_are_told_with_their_lines():
    """On each forge."""
    text = HEAD + "    github: [{login: grace}, {login: linus, id: 1}]\n    gitlab: {username: grace}\n"
    assert [(each.forge, each.login, each.line) for each in rules.unresolved(text)] == [
        ("github", "grace", 5),
        ("gitlab", "grace", 6),
    ]


def test_accounts_of_a_forge_become_a_roster_file():
    """In order, a login of digits in quotes, without whoever cannot be told."""
    accounts = [Account("linus", AccountId(1002)), Account("007", AccountId(7)), Account(None, None)]
    text = rules.roster_of_accounts("github", accounts, "senior")
    people = rules.load_roster({"roster.yaml": text.encode()}, rules.packaged_policy()).people
    assert [(each.name, each.tier, each.accounts[0].id) for each in people] == [
        ("007", "senior", 7),
        ("linus", "senior", 1002),
    ]
    with pytest.raises(rules.FaultsError, match="there is no tier `snior`"):
        rules.roster_of_accounts("github", accounts, "snior", rules.packaged_policy())
