"""Whatever the bytes: a value or the faults, never another error, and never out of bounds."""

import csv
import io
import json
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import rules
from bot.rules.document import read_document
from tests.rules.files import CASE, ROSTER, RULES, policy_of

POLICY = policy_of(RULES)
WORDS = ["true", "no", "null", "~", "012", "1", "-1", "1e400", "[]", "{}", "[a, b]", "{a: b}", "&a x", "*a", "!!x y"]
WORDS += [
    "|\n  x",
    "\t",
    "'",
    '"\\ud800"',
    "2026-02-30",
    "9" * 30,
    "\u202e",
    "#",
    "? x",
    "- -",
    "<<: 1",
    "a[",
    "!x",
    ".",
]
often = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def spoilt(draw, text):
    """A right file in which one thing was put in the place of another."""
    pieces = text.replace(":", " : ").replace(",", " , ").split(" ") if draw(st.booleans()) else list(text)
    for _ in range(draw(st.integers(1, 3))):
        pieces[draw(st.integers(0, len(pieces) - 1))] = draw(st.sampled_from(WORDS) | st.text(max_size=8))
    return ("" if len(pieces) == len(text) else " ").join(pieces).encode("utf-8", "surrogatepass")


def rules_or_faults(data):
    try:
        policy = rules.load_policy(data, "rules.yaml")
    except rules.FaultsError as error:
        assert error.faults
        assert str(error).isascii() or str(error)
        assert all(fault.line >= 1 and fault.column >= 1 for fault in error.faults)
    else:
        assert policy.unknown_author in policy.tiers
        assert all(each.need.tier in policy.tiers and each.need.approvals > 0 for each in policy.requirements)
        assert rules.warnings(policy, rules.packaged_roster(), date(2026, 1, 1)) is not None


def roster_or_faults(data):
    try:
        rules.load_roster({"roster.yaml": data}, POLICY)
    except rules.FaultsError as error:
        assert error.faults


def case_or_faults(data):
    try:
        rules.load_case(data, "case.yaml", lambda path: path.encode("utf-8", "surrogatepass"))
    except rules.FaultsError as error:
        assert error.faults


def local_stands(data):
    policy, _ = rules.add_local(POLICY, data, ".signoff.yaml")
    assert policy.requirements[: len(POLICY.requirements)] == POLICY.requirements
    assert policy.zones[: len(POLICY.zones)] == POLICY.zones
    assert (policy.tiers, policy.detection, policy.mode) == (POLICY.tiers, POLICY.detection, POLICY.mode)


@often
@given(st.binary(max_size=300))
def test_any_bytes_are_a_policy_a_roster_a_case_or_faults(data):
    """Never a traceback; a repository's own file never changes what the policy holds."""
    rules_or_faults(data)
    roster_or_faults(data)
    case_or_faults(data)
    local_stands(data)


@often
@given(st.text(max_size=200))
def test_any_text_is_a_table_or_faults(text):
    """What a spreadsheet exports is other people's text."""
    try:
        rules.roster_from_csv(text.encode("utf-8", "surrogatepass"), "people.csv")
    except rules.FaultsError as error:
        assert error.faults


@often
@given(spoilt(RULES))
def test_a_spoilt_rules_file_is_a_policy_or_faults(data):
    """Right rules in which something was put in the place of another thing."""
    rules_or_faults(data)


@often
@given(spoilt(ROSTER))
def test_a_spoilt_roster_file_is_a_roster_or_faults(data):
    """Likewise a roster."""
    roster_or_faults(data)


@often
@given(spoilt(CASE))
def test_a_spoilt_case_file_is_a_case_or_faults(data):
    """Likewise a case."""
    case_or_faults(data)


@often
@given(spoilt(RULES[RULES.index("zones") :].replace("data", "api").replace("senior sign-off", "more")))
def test_whatever_a_repository_adds_the_policy_stands(data):
    """Scenario 56: its requirements and zones come first and unchanged."""
    local_stands(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(codec="utf-8"), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@often
@given(
    st.dictionaries(st.text(st.characters(codec="utf-8")), values, max_size=5),
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
)
def test_what_is_json_is_read_as_json_reads_it(value, indent, ascii_only):
    """A decision or case that another program wrote means the same here."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = read_document(text.encode(), "x.json")
    assert document.root.value == value
    assert document.faults == ()


names = st.text(st.characters(categories=["L", "N", "P", "S"], include_characters=" "), min_size=1, max_size=20).filter(
    str.strip
)


@often
@given(st.lists(st.tuples(names, names, st.none() | st.integers(1, 10**9)), max_size=4, unique_by=lambda row: row[0]))
def test_a_table_makes_a_roster_file_that_says_the_same(rows):
    """Every name, login and id survives the way through YAML."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["name", "tier", "github_login", "github_id"])
    writer.writerows([name, "senior", login, number or ""] for name, login, number in rows)
    try:
        made = rules.roster_from_csv(table.getvalue().encode(), "people.csv")
    except rules.FaultsError:
        return
    roster = rules.load_roster({"roster.yaml": made.encode()})
    assert [(each.name, each.accounts[0].login, each.accounts[0].id) for each in roster.people] == [
        (name.strip(), login.strip(), number) for name, login, number in rows
    ]
