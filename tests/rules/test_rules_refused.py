"""Scenario 34: what cannot be right is refused, everything at once, with its line, the reason and the nearest word."""

import re
import time

import pytest

from bot import rules
from bot.model.errors import BadInputError
from tests.rules.files import RULES, RULES_LINES, faults_of, policy_of

ADDED = RULES_LINES + 1


@pytest.mark.parametrize(
    ("what", "line", "text", "told"),
    [
        ("an unknown key", ADDED, RULES + "requirments: []\n", "unknown key `requirments`"),
        (
            "a key given twice",
            ADDED,
            RULES + "tiers: [a]\n",
            "`tiers` stands here a second time, the first is in line 2",
        ),
        ("a wrong type", ADDED, RULES + "mode: 3\n", "`mode`: `3` is not one of `enforce`, `observe` or `off`"),
        ("a list for a word", ADDED, RULES + "mode: [enforce]\n", "`mode`: a list stands where a word is wanted"),
        ("text for a list", ADDED, RULES + "repositories: acme\n", "`repositories`: a list is wanted, not `acme`"),
        ("an alias bomb", ADDED, RULES + "x: &x [a]\ny: [*x, *x]\n", "unknown key `x`"),
        ("an anchor", ADDED, RULES + "mode: &m enforce\n", "an anchor (`&m`) is not allowed"),
        ("a custom tag", ADDED, RULES + "mode: !!python/name:os.system x\n", "a tag (`tag:yaml.org,2002:python/name"),
        ("a tab", 2, RULES.replace("tiers", "\ttiers"), "a tab; YAML is indented with spaces"),
        ("a second document", ADDED, RULES + "---\nversion: 1\n", "a second document starts here"),
        ("a bracket left open", ADDED + 1, RULES + "mode: [enforce\n", f"flow sequence that begins in line {ADDED})"),
        ("not UTF-8", 1, b"version: 1 # \xff\n", "this is not UTF-8"),
        ("a control character", 1, "version: 1 # \x07\n", "the character \\x07 is not allowed in YAML"),
        ("nothing", 1, "", "a mapping (`key: value`) is wanted, not nothing"),
        ("a list", 1, "- version: 1\n", "a mapping (`key: value`) is wanted, not a list"),
        ("an unknown tier", 3, RULES.replace("author: junior", "author: junor"), "there is no tier `junor`"),
        ("an unknown tier in a need", 9, RULES.replace("tier: senior", "tier: staff"), "there is no tier `staff`"),
        ("an unknown zone", 8, RULES.replace("ai: true,", "zones: dta,"), "there is no zone `dta`"),
        ("an unknown class", 8, RULES.replace("ai: true,", "class: agent,"), "`class`: `agent` is not one of"),
        ("ai: false", 8, RULES.replace("ai: true", "ai: false"), "`ai`: `false` is no condition"),
        ("a list of nothing", 8, RULES.replace("ai: true", "zones: []"), "`zones`: an empty list says nothing"),
        ("no approvals", 9, RULES.replace("approvals: 1", "approvals: 0"), "`approvals`: `0`: at least 1 is wanted"),
        (
            "fewer than none",
            9,
            RULES.replace("approvals: 1", "approvals: -1"),
            "`approvals`: `-1`: at least 1 is wanted",
        ),
        (
            "a quoted number",
            9,
            RULES.replace("approvals: 1", "approvals: '1'"),
            "`approvals`: a whole number is wanted",
        ),
        (
            "a version in quotes",
            1,
            RULES.replace("version: 1", 'version: "1"'),
            '`version`: "1" in quotes is text, and a number is wanted',
        ),
        ("a version to come", 1, RULES.replace("version: 1", 'version: "2"'), "`version`: `2` is not one of `1`"),
        (
            "more teams than approvals",
            9,
            RULES.replace("approvals: 1", "approvals: 1, distinct_teams: 2"),
            "1 approvals cannot come from 2 different teams",
        ),
        ("an unknown override tier", ADDED, RULES + "override: {tier: boss}\n", "there is no tier `boss`"),
        (
            "a bad duration",
            ADDED,
            RULES + "override: {tier: mid, expires: 4}\n",
            "`expires`: `4`: a duration is wanted",
        ),
        ("the same tier twice", 2, RULES.replace("mid", "junior"), "a second tier `junior`, the first is in line 2"),
        ("no tier at all", 2, RULES.replace("[junior, mid, senior]", "[]"), "`tiers`: an empty list says nothing"),
        ("an empty zone", 5, RULES.replace('{paths: "**/migrations/**"}', "{}"), "zone `data` is empty"),
        (
            "a negative limit",
            5,
            RULES.replace("{paths", "{deleted_lines: -4, paths"),
            "`deleted_lines`: `-4`: at least",
        ),
        ("an unreadable pattern", 5, RULES.replace("**/migrations/**", "a["), "this is no path pattern"),
        (
            "the gate's zone emptied",
            5,
            RULES.replace("data: ", "governance: {deleted_lines: 1} #"),
            "only paths can be",
        ),
        (
            "the gate's zone thinned",
            5,
            RULES.replace("data: ", "governance: {paths: '!rules.yaml'} #"),
            "excludes a path",
        ),
        ("the gate's zone imitated", 5, RULES.replace("data:", "Governance:"), "looks like the zone `governance`"),
        ("another version", 1, RULES.replace("version: 1", "version: 2"), "`version`: `2` is not one of `1`"),
        ("a nameless requirement", 7, RULES.replace("senior sign-off", "''"), "a name cannot be empty"),
        ("a name of two lines", 7, RULES.replace("senior sign-off", '"a\\nb"'), "a name is one line"),
        (
            "an unknown kind of mark",
            ADDED,
            RULES + "detection: {catalogue: {add: {Acme Coder: {mailboxs: a@example.com}}}}\n",
            "unknown kind of mark 'mailboxs'",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 28 and "\n" not in value else "",
)
def test_rules_that_cannot_be_used_are_refused_with_line_and_reason(what, line, text, told):
    """Scenario 34: each way of being wrong has its line and its words."""
    found = faults_of(text)
    assert any(at == line and told in message for at, message in found), (what, found)


def test_a_requirement_s_name_is_given_once():
    """The second is told with the line of the first."""
    again = RULES[RULES.index("  - name") :]
    assert faults_of(RULES + again) == [
        (RULES_LINES + 1, "a second requirement `senior sign-off`, the first is in line 7")
    ]


def test_all_faults_are_told_at_once_in_the_order_of_the_file():
    """Of shapes and of references alike."""
    text = RULES.replace("junior\n", "jnior\n").replace("data", "opaque").replace("approvals: 1", "approvals: x")
    found = faults_of(text + "mode: observ\n")
    assert found == sorted(found)
    assert [line for line, _ in found] == [3, 9, ADDED]


def test_a_fault_says_file_line_column_reason_and_the_nearest_right_word():
    """Whoever reads it can mend it without a manual."""
    with pytest.raises(BadInputError) as caught:
        policy_of(RULES + "requirments: []\n")
    assert str(caught.value) == (
        f"1 fault\nrules.yaml:{ADDED}:1: unknown key `requirments`\n    did you mean `requirements`?"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (RULES.replace("**/migrations/**", "a["), "its `[` is never closed"),
        (RULES.replace("**/migrations/**", "!"), "`!` excludes what stands after it"),
        (RULES.replace("version: 1\n", ""), "add `version: 1`"),
        (RULES.replace("need:", "#need:"), "`need` is missing in `senior sign-off`"),
        (RULES.replace("tier: senior}", "}"), "`tier` is missing in `need` of `senior sign-off`"),
    ],
)
def test_what_is_to_be_mended_is_named(text, told):
    """A missing key by whose it is, a pattern by what is wrong in it."""
    with pytest.raises(BadInputError, match=re.escape(told)):
        policy_of(text)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("author_belw: senior", "author_below"),
        ("zone: data", "zones"),
        ("lables: x", "labels"),
        ("class: ai_assisted", "ai-assisted"),
    ],
)
def test_the_nearest_right_word_is_offered(wrong, right):
    """Of keys and of classes."""
    with pytest.raises(rules.FaultsError) as caught:
        policy_of(RULES.replace("ai: true", wrong))
    assert f"did you mean `{right}`?" in [fault.hint for fault in caught.value.faults]


def test_hostile_text_in_a_fault_cannot_drive_the_terminal():
    """Faults repeat what somebody wrote."""
    with pytest.raises(rules.FaultsError) as caught:
        policy_of(RULES + '"\\e[31mred\\u202e": 1\n')
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)
    assert "\\x1b[31mred\\u202e" in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"a: 1\n" * 2_500_000,
        b"[" * 900_000,
        b"a: " * 300_000,
        b"{" * 400_000 + b"}" * 400_000,
        b'{"a":' * 150_000,
        b"- " * 400_000,
        b"? " * 400_000,
        b"x: &a [1]\n" + b"y: *a\n" * 100_000,
        b"".join(b"k%d: 1\n" % number for number in range(80_000)),
        b"version: 1\nrequirements:\n" + b" - {naem: x}\n" * 50_000,
    ],
    ids=["10 MB", "brackets", "colons", "braces", "JSON", "dashes", "questions", "aliases", "keys", "many faults"],
)
def test_a_file_that_is_meant_to_exhaust_is_refused_quickly(data):
    """Scenario 34: ten megabytes, depth, aliases, very many keys or faults."""
    before = time.process_time()
    with pytest.raises(rules.FaultsError) as caught:
        rules.load_policy(data, "rules.yaml")
    assert time.process_time() - before < 20
    assert len(caught.value.faults) <= 101


def test_rules_without_requirements_load():
    """It is legal; deciding by them says that it cannot tell."""
    text = "\n".join(RULES.splitlines()[:5])
    assert policy_of(text).requirements == ()
