"""Globs and zones: which path is where, and which change loses a resource."""

import pytest

from bot.gate import asked, globs, is_guarded, mode_of
from bot.gate.zones import touches, zones
from bot.model.change import File, FileKind, FileStatus
from bot.model.policy import Mode, RepositoryRule, Zone
from tests.gate.build import CHANGE, POLICY, change, replace

PATHS = [
    (("infra/**",), "infra/a/b.tf", True),
    (("infra/**",), "a/infra/b.tf", False),
    (("*.tf",), "a/b/main.tf", True),
    (("/main.tf",), "a/main.tf", False),
    (("docs/",), "a/docs/x", True),
    (("a?c/*.py",), "abc/x.py", True),
    (("a?c/*.py",), "abc/d/x.py", False),
    (("infra/**", "!infra/docs/**"), "infra/docs/x.md", False),
    (("infra/**", "!infra/docs/**"), "infra/x.tf", True),
    (("infra/**", "!infra/docs/**"), "infra/a\nb", True),
    (("# a comment", ""), "a comment", False),
    (("# a comment", "!x"), "y", False),
    (("[",), "anything", True),
    (("!",), "anything", True),
    (("x", "[z-a]"), "anything", True),
    (("x", "!["), "anything", True),
    ((), "anything", False),
]


@pytest.mark.parametrize(("patterns", "path", "inside"), PATHS)
def test_paths_match_as_in_gitignore_and_what_cannot_be_read_matches_all(patterns, path, inside):
    """A zone that nobody can spell must not be empty."""
    assert bool(globs.paths(patterns)(path)) is inside


NAMES = [
    ("release/**", "release/1/2", True),
    ("release/*", "release/1/2", False),
    ("release/?", "release/1", True),
    ("**/hotfix", "a/b/hotfix", True),
    ("**/hotfix", "hotfix", True),
    ("main", "main2", False),
    ("v1.0", "v1x0", False),
]


@pytest.mark.parametrize(("pattern", "name", "matches"), NAMES)
def test_branches_match_part_by_part(pattern, name, matches):
    """`*` stays within a part, `**` crosses slashes."""
    assert bool(globs.name(pattern)(name)) is matches


def test_guarded_is_the_default_branch_or_what_is_named():
    """And nothing is where the branch is not known."""
    policy = replace(POLICY, guarded_branches=("@default", "release/**"))
    assert is_guarded(policy, "main", "main")
    assert is_guarded(policy, "release/1", "main")
    assert not is_guarded(policy, "scratch", "main")
    assert not is_guarded(policy, "", "")


@pytest.mark.parametrize(
    ("patterns", "names", "starts"),
    [
        (("@default",), ("main",), ()),
        (("@default", "main", "v1"), ("main", "v1"), ()),
        (("release/**", "release/1.?", "v*-stable"), (), ("release/", "v")),
        (("@default", "**"), ("main",), ("",)),
    ],
)
def test_guarded_branches_are_asked_for_by_name_or_by_how_they_begin(
    patterns: tuple[str, ...], names: tuple[str, ...], starts: tuple[str, ...]
) -> None:
    """A beginning stands for every longer one."""
    assert asked(replace(POLICY, guarded_branches=patterns), "main") == (names, starts)


def test_the_first_entry_that_matches_a_repository_decides():
    """Whatever the case of letters; without a match the mode of the rules holds."""
    rules = (RepositoryRule("acme/legacy-*", Mode.OBSERVE), RepositoryRule("*", Mode.OFF))
    policy = replace(POLICY, repositories=rules)
    assert mode_of(policy, "Acme/Legacy-shop") is Mode.OBSERVE
    assert mode_of(policy, "acme/shop/part") is Mode.OFF
    assert mode_of(replace(POLICY, repositories=rules[:1]), "acme/shop") is Mode.ENFORCE


RESOURCES = Zone("resources", (), removed_resources=True)
GONE = [
    (File("infra/main.tf", status=FileStatus.REMOVED), True),
    (File("docs/x.md", status=FileStatus.REMOVED), False),
    (File("old/main.txt", "infra/main.tf", FileStatus.RENAMED), True),
    (File("infra/new.tf", "infra/main.tf", FileStatus.RENAMED), False),
    (File("infra/copy.txt", "infra/main.tf", FileStatus.COPIED), False),
    (File("infra/main.tf", additions=1, deletions=2), True),
    (File("infra/main.tf", additions=200, deletions=1), True),
    (File("infra/main.tf", additions=2), False),
    (File("infra/main.tf", deletions=9, removed_lines=("  tags = {}",)), False),
    (File("infra/main.tf", deletions=1, removed_lines=('-resource "aws_db" "x" {',)), True),
    (File("infra/main.TF", deletions=1, removed_lines=('module "x" {',)), True),
    (File("app/k8s/pod.yaml", deletions=1, removed_lines=("kind: Deployment",)), True),
    (File("main.tf.json", deletions=1, removed_lines=('  "resource": {',)), True),
    (File("main.bicep", deletions=1, removed_lines=("resource sa 'Microsoft.Storage' = {",)), True),
    (File("src/app.py", deletions=9), False),
]


@pytest.mark.parametrize(("file", "loses"), GONE)
def test_infrastructure_that_loses_a_resource_is_in_its_zone(file, loses):
    """By a removed file, a rename, or removed lines; where lines are hidden any loss counts."""
    found = zones(change(files=(file,)), replace(POLICY, zones=(RESOURCES,)))
    assert ("resources" in found) is loses


def test_deleted_files_are_counted():
    """Over all files of the change."""
    two = tuple(File(f"src/{name}.py", status=FileStatus.REMOVED) for name in "ab")
    policy = replace(POLICY, zones=(Zone("purge", (), deleted_files=2),))
    assert zones(change(files=two), policy) == {"purge": "2 deleted files"}
    assert zones(change(files=two[:1]), policy) == {}


def test_a_site_adds_paths_to_a_built_in_zone():
    """What is built in stays in it."""
    policy = replace(POLICY, zones=(Zone("governance", ("policy/**",)), Zone("opaque", ("*.bin",))))
    files = (File("policy/x"), File("a.bin"), File("CODEOWNERS"), File("b", kind=FileKind.SYMLINK))
    assert set(zones(change(files=files), policy)) == {"governance", "opaque"}
    assert zones(change(files=files[:1]), policy) == {"governance": "policy/x"}


def test_two_parts_of_a_zone_are_one_zone():
    """What one part takes out does not leave the other."""
    policy = replace(POLICY, zones=(Zone("data", ("*.sql",)), Zone("data", ("!x.csv", "*.csv"))))
    assert zones(change(files=(File("x.csv"),)), policy) == {"data": "x.csv"}


def test_a_rename_says_the_path_before():
    """Scenario 35: a file that was moved out of a zone is still in it."""
    found = zones(change(files=(File("x.txt", "infra/x.txt", FileStatus.RENAMED),)), POLICY)
    assert found == {"infrastructure": "x.txt, before infra/x.txt"}


def test_odd_paths_are_matched_in_every_form():
    """As every tool may read them: without a leading slash, with backslashes as slashes, composed."""
    assert globs.forms("./infra\\x") == ("infra\\x", "infra/x")
    assert globs.forms("//infra/x") == ("infra/x",)
    assert globs.forms("cafe\u0301") == ("caf\u00e9",)
    assert globs.forms("src/x") == ("src/x",)


def test_paths_of_a_condition_hold_where_not_all_files_are_shown():
    """A hidden file may be any."""
    assert not touches(CHANGE, ("infra/**",))
    assert touches(change(files_truncated=True), ("infra/**",))
    assert touches(CHANGE, ("src/**",))
