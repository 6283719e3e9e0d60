"""`signoff detect` and `signoff check`, as people and machines call them."""

import json
import os
import subprocess
import sys
from codecs import BOM_UTF8
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from bot.cli.jsonl import BadLineError, commit_of, lines
from tests.detect.repositories import ENVIRONMENT, git, repository, save

ROOT = Path(__file__).parents[2]
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return repository(tmp_path / "clone")


def signoff(
    *arguments: str, given: bytes = b"", cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        input=given,
        capture_output=True,
        cwd=cwd,
        env={**ENVIRONMENT, "PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONUTF8": "1", **more},
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def answers(given: bytes) -> tuple[int, list[dict[str, Any]]]:
    done = signoff("detect", "--jsonl", given=given)
    assert done.stdout.isascii()
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_byte_order_mark_is_ignored_at_the_start_and_nowhere_else() -> None:
    """Some editors and shells begin a file with one; inside the stream it makes a line a bad one."""
    row = b'{"sha": "a", "message": "Add retry"}\n'
    first, second = lines(BytesIO(BOM_UTF8 + row + BOM_UTF8 + row))
    assert commit_of(first).sha == "a"
    with pytest.raises(BadLineError):
        commit_of(second)
    assert list(lines(BytesIO(BOM_UTF8))) == []


def test_each_line_is_answered_by_one_line() -> None:
    person = {"name": "Jo", "email": "jo@example.com"}
    rows = [
        {"sha": "a", "author": person, "committer": person, "message": f"Größe\n\n{CLAUDE}\n"},
        {"sha": "b", "author": person, "committer": person, "message": "Add retry"},
    ]
    code, found = answers(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    assert code == 0
    assert found == [
        {
            "sha": "a",
            "class": "ai-assisted",
            "evidence": [
                {
                    "detector": "identities",
                    "tool": "Claude Code",
                    "class": "ai-assisted",
                    "strength": "strong",
                    "where": "commit a, trailer Co-authored-by",
                    "quote": CLAUDE,
                }
            ],
        },
        {"sha": "b", "class": "none-disclosed", "evidence": []},
    ]


def test_a_bad_line_is_answered_too_and_told_by_the_exit_code() -> None:
    bad = [b"no json", b"[]", b"{}", b'{"sha": 1, "message": ""}', b"\xff\xfe", b"[" * 100_000, b"7" * 5000]
    bad += [b'{"sha": "x", "message": "m", "author": 7}', b'{"sha": "x", "message": "m", "committer": {"name": 7}}']
    good = b'{"sha": "z", "message": "\\ud800", "author": null}'
    code, found = answers(b"\n".join([*bad, b"", b"  ", good]))
    assert code == 1
    assert [(each["sha"], each["class"]) for each in found] == [(None, None)] * len(bad) + [("z", "none-disclosed")]
    assert all(each["error"] for each in found[:-1])


def test_no_input_is_no_output() -> None:
    assert answers(b"") == (0, [])


def test_a_range_and_json_lines_together_are_a_misuse() -> None:
    assert signoff("detect", "--jsonl", "main..HEAD").returncode == 2


def test_whoever_reads_only_the_start_gets_no_traceback() -> None:
    many = json.dumps({"sha": "a", "message": "x"}).encode() * 1 + b"\n"
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.cli", "detect", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, errors = process.communicate(many * 50_000)
    assert b"Traceback" not in errors


def test_a_range_of_a_repository_is_shown_as_a_table_with_totals(clone: Path) -> None:
    save(clone, f"Add b\n\n{CLAUDE}\n", {"b": "b"})
    noted = save(clone, "Add c", {"c": "c"})
    git(clone, "notes", "--ref=ai", "add", "-m", "c\n  s_0123456789abcd 1-4\n---\n{}", noted)
    done = signoff("detect", "main..HEAD", cwd=clone)
    assert done.returncode == 0
    assert f"ai-assisted  Claude Code  trailer {CLAUDE}" in done.stdout
    assert "git-ai note: s_0123456789abcd 1-4" in done.stdout
    assert "2 commits: 2 ai-assisted" in done.stdout
    assert signoff("detect", cwd=clone).stdout.endswith("3 commits: 2 ai-assisted, 1 none-disclosed\n")


def test_text_of_other_people_steers_no_terminal(clone: Path) -> None:
    save(clone, "Add\n\nAssisted-by: Claude Code \x1b]0;owned\x07 [red]x[/red] \u202e", {"b": "b"})
    for command in (("detect", "main..HEAD"), ("check", "main..HEAD")):
        out = signoff(*command, cwd=clone).stdout
        assert "[red]x[/red]" in out
        assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_without_a_repository_both_commands_are_misused(tmp_path: Path) -> None:
    for command in ("detect", "check"):
        done = signoff(command, cwd=tmp_path)
        assert (done.returncode, "no git repository" in done.stderr) == (2, True)


# --- check

ROSTER = """
version: 1
people:
  - {name: Jo Example, tier: junior, github: {login: jo, id: 101}, emails: [jo@example.com]}
  - {name: Sam Example, tier: senior, gitlab: {username: sam, id: 2102}, emails: [sam@example.com]}
  - {name: Grace Example, tier: senior, github: {login: grace, id: 1001}, emails: [grace@example.com]}
"""


@pytest.fixture
def roster(tmp_path: Path) -> str:
    path = tmp_path / "roster.yaml"
    path.write_text(ROSTER)
    return str(path)


def test_an_ai_change_of_a_junior_would_be_held(clone: Path, roster: str) -> None:
    save(clone, f"Add b\n\n{CLAUDE}\n", {"b": "b"})
    done = signoff("check", "main..HEAD", "--roster", roster, cwd=clone)
    assert done.returncode == 1
    first = done.stdout.splitlines()[0]
    assert "Waiting for 1 senior" in first
    assert "grace" in done.stdout
    assert "trailer Co-authored-by" in done.stdout


def test_a_change_without_ai_would_pass(clone: Path, roster: str) -> None:
    save(clone, "Add b", {"b": "b"})
    assert signoff("check", "main..HEAD", SIGNOFF_ROSTER=roster, cwd=clone).returncode == 0


def test_the_decision_is_printed_as_json_when_asked_for(clone: Path, roster: str) -> None:
    save(clone, f"Add b\n\n{CLAUDE}\n", {"b": "b"})
    done = signoff("check", "main..HEAD", "--roster", roster, "--json", cwd=clone)
    found = json.loads(done.stdout)
    assert (done.returncode, found["verdict"], found["author_tier"], found["class"]) == (
        1,
        "hold",
        "junior",
        "ai-assisted",
    )


@pytest.mark.parametrize(
    ("author", "mailbox", "tier"),
    [
        (None, "jo@example.com", "junior"),
        (None, "Grace@Example.com", "senior"),
        (None, "sam@example.com", "senior"),
        (None, "nobody@example.com", "junior"),
        ("jo", "grace@example.com", "junior"),
        ("github:grace", "grace@example.com", "senior"),
        ("gitlab:sam", "sam@example.com", "senior"),
        ("gitlab:grace", "grace@example.com", "junior"),
        ("stranger", "grace@example.com", "junior"),
    ],
)
def test_the_author_is_named_or_known_by_the_heads_mailbox(
    clone: Path, roster: str, author: str | None, mailbox: str, tier: str
) -> None:
    more = {"GIT_AUTHOR_EMAIL": mailbox, "GIT_COMMITTER_EMAIL": mailbox}
    save(clone, f"Add b\n\n{CLAUDE}\n", {"b": "b"}, **more)
    option = ["--author", author] if author else []
    done = signoff("check", "main..HEAD", "--roster", roster, "--json", *option, cwd=clone)
    assert json.loads(done.stdout)["author_tier"] == tier


@pytest.mark.parametrize("author", ["gitea:jo", "github:", ""])
def test_an_author_that_cannot_be_is_a_misuse(clone: Path, author: str) -> None:
    save(clone, "Add b", {"b": "b"})
    assert signoff("check", "main..HEAD", "--author", author, cwd=clone).returncode == 2


def test_rules_in_the_judged_work_tree_are_not_used(clone: Path, roster: str) -> None:
    free = "version: 1\nrequirements: []\n"
    save(
        clone,
        f"Add b\n\n{CLAUDE}\n",
        {"rules.yaml": free, "roster.yaml": "version: 1\npeople: []\n", ".env": "SIGNOFF_RULES=rules.yaml\n"},
    )
    done = signoff("check", "main..HEAD", "--roster", roster, cwd=clone)
    assert done.returncode == 1
    assert "governance" in done.stdout


def test_a_rules_file_with_a_fault_is_a_misuse_that_says_where(clone: Path, tmp_path: Path) -> None:
    save(clone, "Add b", {"b": "b"})
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\nmood: enforce\n")
    done = signoff("check", "main..HEAD", "--rules", str(broken), cwd=clone)
    assert (done.returncode, "broken.yaml:2" in done.stderr) == (2, True)


def test_what_cannot_be_told_is_no_success(clone: Path, tmp_path: Path) -> None:
    for number in range(3):
        save(clone, f"Number {number}", {"n": str(number)})
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{clone}", "shallow")
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "main:main")
    done = signoff("check", "main..HEAD", cwd=tmp_path / "shallow")
    assert done.returncode in {2, 3}
    nothing = signoff("check", "main..main", cwd=clone)
    assert nothing.returncode == 3
    assert os.linesep


def test_a_long_list_of_findings_is_cut_short_for_people(clone: Path, roster: str) -> None:
    for number in range(22):
        save(clone, f"Add {number}\n\n{CLAUDE}\n")
    done = signoff("check", "main..HEAD", "--roster", roster, cwd=clone)
    assert "and 2 more; --json lists every one" in done.stdout


def last(done: subprocess.CompletedProcess[str], heading: str) -> str:
    """What stands in the line with a heading."""
    return next(line.split(heading, 1)[1].strip() for line in done.stdout.splitlines() if line[2:].startswith(heading))


def test_what_was_assumed_and_what_to_do_is_told(clone: Path, roster: str) -> None:
    save(clone, f"Add b\n\n{CLAUDE}\n", {"b": "b"})
    done = signoff("check", "main..HEAD", "--roster", roster, cwd=clone)
    assert "1 commit, 1 file in" in done.stdout
    assert last(done, "Author") == "jo (by mailbox)"
    assert last(done, "Into").startswith("main of local")
    assert last(done, "Rules") == "the packaged ones (--rules FILE for others)"
    assert last(done, "Roster") == roster
    assert last(done, "Next") == "open the change and ask for a review: grace"
    assert done.stdout.splitlines()[-1].startswith("  Next")
    options = ("--author", "nobody", "--base", "release/1", "--repository", "acme/payments")
    done = signoff("check", "main..HEAD", *options, "--roster", roster, cwd=clone)
    assert last(done, "Author") == "nobody: not in the roster, counts as junior"
    assert last(done, "Into").startswith("release/1 of acme/payments")
    assert last(done, "Next").endswith("grace"), "where the default branch is unknown, the base is guarded"
    save(clone, f"Add c\n\nCo-authored-by: Grace <grace@example.com>\n{CLAUDE}\n", {"c": "c"})
    done = signoff("check", "main..HEAD", "--roster", roster, cwd=clone)
    assert "could sign after /signoff not-mine: grace" in last(done, "Needed")
    assert last(done, "Next").endswith("comment /signoff not-mine first: grace")


def test_base_and_repository_count_for_the_rules(clone: Path, roster: str, tmp_path: Path) -> None:
    save(clone, f"Add b\n\n{CLAUDE}\n", {"b": "b"})
    path = tmp_path / "rules.yaml"
    path.write_text(
        "version: 1\ntiers: [junior, senior]\nunknown_author: junior\nrequirements:\n"
        "  - name: payments\n    when: {repository: acme/payments, base: release/*}\n"
        "    need: {approvals: 1, tier: senior}\n"
    )
    common = ("check", "main..HEAD", "--rules", str(path), "--roster", roster)
    assert signoff(*common, cwd=clone).returncode == 0
    assert signoff(*common, "--base", "release/1", "--repository", "acme/payments", cwd=clone).returncode == 1
    for option in (("--base", " "), ("--repository", "acme")):
        assert signoff(*common, *option, cwd=clone).returncode == 2


def test_a_range_without_commits_says_what_to_do(clone: Path) -> None:
    done = signoff("check", "main..HEAD", cwd=clone)
    assert (done.returncode, last(done, "Next").partition(";")[0]) == (3, "main and HEAD are the same commit")
    done = signoff("detect", "main..HEAD", cwd=clone)
    assert (done.returncode, "main and HEAD are the same commit" in done.stderr) == (0, True)
