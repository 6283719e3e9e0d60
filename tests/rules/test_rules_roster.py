"""Roster files: people, accounts, teams; one file or several."""

from datetime import date

import pytest

from bot import rules
from bot.model.roster import RosterAccount
from tests.rules.files import ROSTER, RULES, policy_of, roster_faults_of

POLICY = policy_of(RULES)
PERSON = "version: 1\npeople:\n  - name: Grace Example\n    tier: senior\n    "


def person(line):
    return rules.load_roster({"roster.yaml": f"{PERSON}{line}\n".encode()}).people[0]


def test_a_person_may_have_several_accounts_on_one_forge():
    """They count as one."""
    found = person("github: [{login: grace, id: 1001}, {login: grace-too, id: 1003}]").accounts
    assert found == (RosterAccount("github", "grace", 1001), RosterAccount("github", "grace-too", 1003))


def test_one_account_without_an_id_is_kept_for_people_to_read():
    """It never signs."""
    assert person("gitlab: {username: grace}").accounts == (RosterAccount("gitlab", "grace", None),)


@pytest.mark.parametrize("word", ["no", "on", "1e3", "012", "1:30", "12", "true"])
def test_names_that_yaml_would_turn_into_something_else_stay_as_written(word):
    """A login or zone may be called `no`."""
    found = person(f"github: {{login: {word}, id: 7}}\n    zones: {word}")
    assert (found.accounts[0].login, found.zones) == (word, {word})


def test_bare_dates_are_days():
    """With or without quotes, the last one included."""
    found = person("from: 2024-05-01\n    until: '2026-12-31'\n    away: {from: 2026-12-20, to: 2027-01-03}")
    assert (found.since, found.until) == (date(2024, 5, 1), date(2026, 12, 31))
    assert found.is_away(date(2027, 1, 3))
    assert not found.is_away(date(2027, 1, 4))


@pytest.mark.parametrize("never", ["null", "~", "", "9999-12-31"])
def test_no_last_day_can_be_written_in_several_ways(never):
    """Empty, null, or the last day of all."""
    assert person(f"until: {never}").until is None


def test_mailboxes_are_read_in_any_case():
    """As mail is."""
    assert person("emails: Grace@Example.com").emails == {"grace@example.com"}


def test_an_unknown_key_is_told_with_each_possible_one_once():
    """Where one account or a list of them may stand, both have the same keys."""
    with pytest.raises(rules.FaultsError) as refused:
        person("github: {login: grace, colour: red}")
    assert refused.value.faults[0].hint == "possible here: `login` or `id`"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("githb: {login: grace}", "unknown key `githb`"),
        ("github: grace", "`github`: a mapping (`key: value`) is wanted, not `grace`"),
        ("github: {username: grace}", "unknown key `username`"),
        ("github: {login: grace, id: '1001'}", "`id`: a whole number is wanted, not `1001`"),
        ("github: {login: grace, id: 0}", "`id`: `0`: at least 1 is wanted"),
        ("github: {login: grace, id: 01001}", "`id`: a whole number is wanted, not `01001`"),
        ("gitlab: {id: 5}", "`username` is missing in `gitlab`"),
        ("emails: [grace]", "`emails`: `grace`: this is no mailbox"),
        ("from: 2026-02-30", "`from`: `2026-02-30`: there is no such day"),
        ("from: 01.02.2026", "`from`: `01.02.2026`: a date is wanted here"),
        ("from: 2026-03-01\n    until: 2026-02-01", "`until: 2026-02-01` is before `from: 2026-03-01`"),
        ("away: [{from: 2026-03-01, to: 2026-02-01}]", "`to: 2026-02-01` is before `from: 2026-03-01`"),
        ("away: [{from: 2026-03-01}]", "`to` is missing in `away`"),
        ("tier: senior", "`tier` stands here a second time"),
    ],
)
def test_a_person_that_cannot_be_meant_is_refused(line, told):
    """With what is wrong."""
    assert any(told in message for _, message in roster_faults_of(PERSON + line + "\n"))


@pytest.mark.parametrize(
    ("team", "told"),
    [
        ("{github: seniors, tier: senior}", "`seniors` is no team's full name"),
        ("{github: acme/seniors, gitlab: acme, tier: senior}", "a team is named on one forge, not on 2"),
        ("{tier: senior}", "a team is named on one forge, not on 0"),
        ("{github: acme/seniors, tier: snior}", "there is no tier `snior`"),
    ],
)
def test_a_team_is_refused(team, told):
    """Without a forge, with two, by half a name, or with a tier that does not exist."""
    assert any(told in message for _, message in roster_faults_of(f"version: 1\nteams:\n  - {team}\n", POLICY))


def test_a_tier_that_the_rules_do_not_have_is_a_fault_once_the_rules_are_known():
    """A roster alone cannot tell."""
    text = ROSTER.replace("tier: senior", "tier: staff", 1)
    assert roster_faults_of(text) == []
    assert roster_faults_of(text, POLICY) == [(4, "there is no tier `staff`")]


def test_an_empty_roster_loads():
    """It is legal, and nobody can sign."""
    assert rules.load_roster({"roster.yaml": b"version: 1\n"}).people == ()


def test_a_directory_of_files_is_one_roster():
    """In the order of the files' names."""
    other = "version: 1\npeople:\n  - {name: Ada Example, tier: senior}\n"
    roster = rules.load_roster({"b.yaml": ROSTER.encode(), "a.yaml": other.encode()})
    assert [each.name for each in roster.people] == ["Ada Example", "Grace Example", "Linus Example"]


def test_the_faults_of_all_files_are_told_at_once_each_with_its_file():
    """Also of one that is no text."""
    with pytest.raises(rules.FaultsError) as caught:
        rules.load_roster({"a.yaml": b"version: 1\nx: 1\n", "b.yaml": b"\xff", "c.yaml": ROSTER.encode()})
    assert [(fault.file, fault.line) for fault in caught.value.faults] == [("a.yaml", 2), ("b.yaml", 1)]


def test_a_person_is_listed_once_also_across_files():
    """With the place of the first."""
    with pytest.raises(
        rules.FaultsError, match=r"b.yaml:3:11: a second person `Grace Example`, the first is at a.yaml:3"
    ):
        rules.load_roster({"a.yaml": ROSTER.encode(), "b.yaml": ROSTER.encode()})


def test_an_account_belongs_to_one_person_also_across_files():
    """The same number on another forge is somebody else's."""
    other = "version: 1\npeople:\n  - {name: Ada Example, tier: senior, github: {login: ada, id: 1001}}\n"
    told = r"b.yaml:\d+:\d+: github account 1001 is another person's already, at a.yaml:3"
    with pytest.raises(rules.FaultsError, match=told):
        rules.load_roster({"a.yaml": other.encode(), "b.yaml": ROSTER.encode()})
    elsewhere = other.replace("github: {login", "gitlab: {username")
    assert rules.load_roster({"a.yaml": elsewhere.encode(), "b.yaml": ROSTER.encode()})


def test_the_digest_does_not_depend_on_how_the_roster_is_split_or_typed():
    """Moving people between files makes no new version."""
    head, grace, linus = (
        ROSTER[:19],
        ROSTER[19 : ROSTER.index("  - name: Linus")],
        ROSTER[ROSTER.index("  - name: Linus") :],
    )
    whole = rules.load_roster({"roster.yaml": ROSTER.encode()})
    split = rules.load_roster({"z.yaml": (head + grace).encode(), "a.yaml": (head + "# x\n" + linus).encode()})
    assert split.digest == whole.digest
    changed = rules.load_roster({"roster.yaml": ROSTER.replace("1002", "1003").encode()})
    assert changed.digest != whole.digest
