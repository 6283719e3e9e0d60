"""The commands as people use them: what they print, and how they exit."""

import json

import pytest
from click.testing import CliRunner

from bot.cli import signoff
from bot.model.errors import BadInputError
from tests.rules.files import CASE, ROSTER, RULES

AI = CASE.replace('message: "Add retry"', 'message: "Add retry\\n\\nCo-authored-by: Claude <noreply@anthropic.com>"')
SIGNED = AI.replace(
    "reviews: []",
    'reviews: [{id: 1, reviewer: {login: grace, id: 1001}, state: approved, sha: "a1", '
    "submitted_at: 2026-11-20T10:05:00Z}]",
)
UNKNOWN = CASE.replace("complete: true", "complete: false")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("SIGNOFF_RULES", "SIGNOFF_ROSTER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)


def run(*arguments, stdin=None):
    """Exit code, standard output, standard error."""
    result = CliRunner().invoke(signoff, arguments, input=stdin, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("case", "code", "verdict"),
    [(CASE, 0, "allow"), (SIGNED, 0, "allow"), (AI, 1, "hold"), (UNKNOWN, 3, "unknown")],
)
def test_decide_prints_one_json_object_and_exits_by_the_verdict(folder, case, code, verdict):
    """0 allow, 1 hold, 3 unknown."""
    write(folder, case=case)
    exited, printed, told = run("decide", "case.yaml")
    assert (exited, json.loads(printed)["verdict"], told) == (code, verdict, "")
    assert list(json.loads(printed)) == [
        "verdict",
        "class",
        "author_tier",
        "zones",
        "evidence",
        "requirements",
        "discounted",
        "title",
    ]
    assert printed.isascii()


def test_decide_prints_several_files_one_per_line_and_exits_by_the_worst(folder):
    """In the order 0, 1, 3, 2; a file that is none has its line too."""
    write(folder, allow=CASE, hold=AI, unknown=UNKNOWN, bad="change: 1\n")
    code, printed, _ = run("decide", "allow.yaml", "hold.yaml")
    assert [json.loads(line)["verdict"] for line in printed.splitlines()] == ["allow", "hold"]
    assert code == 1
    assert run("decide", "unknown.yaml", "hold.yaml", "allow.yaml")[0] == 3
    code, printed, told = run("decide", "bad.yaml", "unknown.yaml")
    assert code == 2
    assert "error" in json.loads(printed.splitlines()[0])
    assert json.loads(printed.splitlines()[1])["verdict"] == "unknown"
    assert "bad.yaml:1:9: `change`: a mapping" in told


def test_decide_counts_several_files_with_expectations_on_standard_error(folder):
    """Only where any of them expects something."""
    write(folder, a=AI + "expect: {verdict: hold}\n", b=AI + "expect: {verdict: allow}\n", c=AI)
    code, printed, told = run("decide", "a.yaml", "a.yaml")
    assert (code, len(printed.splitlines()), told) == (0, 2, "2 cases: 2 as expected\n")
    _, _, told = run("decide", "a.yaml", "b.yaml", "c.yaml", "gone.yaml")
    last = "4 cases: 1 as expected, 1 not as expected, 1 without `expect`, 1 not usable"
    assert told.splitlines()[-1] == last
    assert run("decide", "c.yaml", "c.yaml")[2] == ""


def test_decide_reads_standard_input(folder):
    """By the name `-`."""
    assert run("decide", "-", stdin=AI)[0] == 1


def test_decide_reads_rules_and_roster_beside_the_file(folder):
    """From the case's own folder, not from where it is run."""
    (folder / "sub").mkdir()
    write(folder / "sub", case=AI + "rules: strange.yaml\nroster: people.yaml\n", people=ROSTER)
    write(folder / "sub", strange=RULES.replace("approvals: 1", "approvals: 2"))
    code, printed, _ = run("decide", "sub/case.yaml")
    assert code == 1
    assert json.loads(printed)["requirements"][0]["needed"] == 2


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("{verdict: hold}", 0),
        ("{verdict: allow}", 1),
        ("{zones: []}", 0),
        ("{author_tier: junior, class: ai-assisted}", 0),
        ("{requirements: [{name: senior sign-off, met: false}]}", 0),
        ("{requirements: [{met: true}]}", 1),
        ("{requirements: []}", 1),
        ("{requirements: [{}, {}]}", 1),
        ("{verdct: hold}", 1),
        ("{}", 0),
    ],
)
def test_decide_exits_by_whether_the_decision_is_as_expected(folder, expect, code):
    """Whatever the verdict is."""
    write(folder, case=AI + f"expect: {expect}\n")
    assert run("decide", "case.yaml")[0] == code


def test_decide_tells_the_difference_place_by_place(folder):
    """What was expected there, and what stands there."""
    write(
        folder, case=AI + "expect: {verdict: allow, author_tier: null, requirements: [{met: true, counted: [grace]}]}\n"
    )
    _, _, told = run("decide", "case.yaml")
    assert told.splitlines() == [
        "case.yaml: not as expected",
        '  verdict: expected "allow", got "hold"',
        '  author_tier: expected null, got "junior"',
        "  requirements[0].met: expected true, got false",
        "  requirements[0].counted: expected 1 in the list, got 0: []",
    ]


def test_rules_check_of_right_files_says_so(folder):
    """With how much was looked at."""
    write(folder, rules=RULES, roster=ROSTER)
    assert run("rules", "check") == (
        0,
        "rules.yaml, with roster.yaml: 1 requirement, 1 zone, 3 tiers, 2 people: fine\n",
        "",
    )
    assert run("roster", "check") == (0, "roster.yaml, with rules.yaml: 2 people, 0 teams: fine\n", "")


def test_rules_check_tells_every_fault_and_exits_1(folder):
    """Each with its place, the reason and the nearest right word."""
    write(folder, other=RULES.replace("junior\n", "jnior\n") + "mod: x\n")
    code, printed, _ = run("rules", "check", "other.yaml")
    assert code == 1
    assert printed.splitlines() == [
        "other.yaml:3:17: there is no tier `jnior`",
        "    did you mean `junior`?",
        "other.yaml:10:1: unknown key `mod`",
        "    did you mean `mode`?",
        "other.yaml: not usable (2 faults)",
    ]


def test_warnings_are_told_and_leave_the_exit_code_at_0(folder):
    """What is legal stops nobody."""
    write(folder, rules=RULES, roster=ROSTER.replace(", id: 1002", ""))
    code, printed, _ = run("roster", "check")
    assert code == 0
    assert printed.splitlines() == [
        "warning: roster.yaml:8: Linus Example has no account with an id and can never sign",
        "    add the id, or run `signoff roster resolve`",
        "roster.yaml, with rules.yaml: 2 people, 0 teams: fine (1 warning)",
    ]


def test_a_check_can_be_read_by_a_machine(folder):
    """The same faults as JSON."""
    write(folder, rules=RULES + "mod: x\n")
    code, printed, _ = run("rules", "check", "--json")
    assert code == 1
    assert json.loads(printed) == {
        "ok": False,
        "faults": [
            {
                "file": "rules.yaml",
                "line": 10,
                "column": 1,
                "message": "unknown key `mod`",
                "hint": "did you mean `mode`?",
            }
        ],
        "warnings": [],
    }


def test_a_roster_may_be_a_directory(folder):
    """Faults are told with the file they are in."""
    (folder / "teams").mkdir()
    write(folder / "teams", a=ROSTER, b=ROSTER.replace("Example", "Other").replace("tier: senior", "tier: snior"))
    code, printed, _ = run("roster", "check", "teams")
    assert code == 1
    assert printed.count("there is no tier `snior`") == 2
    assert "teams/b.yaml:4:11" in printed


@pytest.mark.parametrize("command", [("rules", "check"), ("roster", "check"), ("decide", "gone.yaml")])
def test_a_file_that_is_not_there_is_a_misuse(folder, command):
    """Exit 2, and no traceback."""
    try:
        code, _, told = run(*command)
    except BadInputError as error:
        code, told = 2, str(error)
    assert code == 2
    assert "cannot be read: No such file or directory" in told


def test_a_hostile_file_name_cannot_drive_the_terminal(folder):
    """Its control characters are spelled out."""
    (folder / "a\x1b[31m.yaml").write_text(RULES + "x: 1\n")
    (folder / "b\x1b[31m.yaml").write_text(RULES)
    for name in ("a\x1b[31m.yaml", "b\x1b[31m.yaml"):
        assert "\x1b" not in "".join(map(str, run("rules", "check", name)))
        assert "\x1b" not in "".join(map(str, run("decide", name)))


def test_the_current_directory_may_be_the_roster(folder):
    """Every roster file in it."""
    write(folder, people=ROSTER)
    assert run("roster", "check", ".")[0] == 0


@pytest.mark.parametrize("which", ["rules", "roster"])
def test_a_schema_is_printed_as_json(which):
    """For editors."""
    code, printed, _ = run(which, "schema")
    assert code is None
    assert "version" in json.loads(printed)["properties"]


def test_a_table_becomes_a_roster_file(folder):
    """With every column, and names that YAML would turn into something else in quotes."""
    (folder / "people.csv").write_text(
        "name,tier,github_login,github_id,gitlab_username,gitlab_id,emails,zones,from,until\n"
        'Grace Example,senior,grace,1001,grace,2001,grace@example.com;g@example.com,"data infra",2024-05-01,\n'
        "no,mid,,,,,,,,2026-12-31\n"
    )
    code, printed, _ = run("roster", "import", "--csv", "people.csv")
    assert code == 0
    assert (
        printed
        == """\
version: 1

people:
  - name: Grace Example
    tier: senior
    github: {login: grace, id: 1001}
    gitlab: {username: grace, id: 2001}
    emails: [g@example.com, grace@example.com]
    zones: [data, infra]
    from: 2024-05-01

  - name: "no"
    tier: mid
    until: 2026-12-31
"""
    )


def test_the_faults_of_a_table_are_told_by_its_lines(folder):
    """As the spreadsheet counts them, and nothing is printed on standard output."""
    write(folder, rules=RULES)
    (folder / "people.csv").write_text(
        "name;tier;github_login;github_id\nGrace;senor;grace;x1\n\nGrace;mid;;5\n;mid;;\n"
    )
    code, printed, told = run("roster", "import", "--csv", "people.csv", "--rules", "rules.yaml")
    assert (code, printed) == (1, "")
    places = [line for line in told.splitlines() if line.startswith("people.csv")]
    assert [line.split(": ", 1)[0] for line in places] == [
        "people.csv:2:2",
        "people.csv:2:4",
        "people.csv:4:1",
        "people.csv:4:4",
        "people.csv:5:1",
    ]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("", "the table is empty"),
        ("name\nGrace\n", "the column `tier` is missing"),
        ("name,tier,gihub_login\n", "unknown column `gihub_login`"),
        ("name,tier,name\n", "a second column `name`"),
        ("name,tier\nGrace,senior,x\n", "3 fields, the first line has 2"),
        ('name,tier\n"Grace,senior\n', "this is no CSV"),
    ],
)
def test_a_table_that_is_none_is_refused(folder, table, told):
    """With what is wrong with it."""
    code, _, message = run("roster", "import", "--csv", "-", stdin=table)
    assert code == 1
    assert told in message


def test_what_is_shipped_is_printed_to_begin_with_and_is_fine(folder):
    """`rules example` and `roster example` need no checkout, and what they print passes the checks."""
    for name in ("rules", "roster"):
        code, text, _ = run(name, "example")
        assert (not code, "yaml-language-server" in text) == (True, False)
        write(folder, **{name: text})
    assert (run("rules", "check")[0], run("roster", "check")[0]) == (0, 0)
