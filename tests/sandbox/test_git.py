"""The modelled git against the real one, and its merges and differences."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox import git

WHO = git.Signature("Jo", "jo@example.com", "2026-11-20T10:00:00+01:00")
DATE = "2026-11-20T10:00:00+0100"


def snapshot(objects: git.Objects, files: dict[str, str]) -> dict[str, git.Entry]:
    return {path: git.Entry("100644", objects.blob(text.encode())) for path, text in files.items()}


def commit(objects: git.Objects, files: dict[str, str], *parents: str) -> str:
    return objects.write_commit(objects.write_tree(snapshot(objects, files)), parents, WHO, WHO, "Message\n")


def real_git(where: Path, *arguments: str) -> str:
    env = {"PATH": os.environ["PATH"], "HOME": str(where)}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "Jo", f"GIT_{role}_EMAIL": "jo@example.com", f"GIT_{role}_DATE": DATE}
    found = subprocess.run(["git", *arguments], cwd=where, env=env, capture_output=True, text=True, check=True)
    return found.stdout.strip()


def test_object_ids_are_those_of_git(tmp_path: Path) -> None:
    """Blobs, sorted nested trees with modes, and commits have the ids that git gives them."""
    real_git(tmp_path, "init", "-q")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("hi\n")
    (tmp_path / "a.txt").write_text("run\n")
    (tmp_path / "a.txt").chmod(0o755)
    (tmp_path / "link").symlink_to("a.txt")
    real_git(tmp_path, "add", ".")
    real_git(tmp_path, "commit", "-qm", "Message")
    objects = git.Objects()
    files = {
        "a/b.txt": git.Entry("100644", objects.blob(b"hi\n")),
        "a.txt": git.Entry("100755", objects.blob(b"run\n")),
        "link": git.Entry("120000", objects.blob(b"a.txt")),
    }
    ours = objects.write_commit(objects.write_tree(files), (), WHO, WHO, "Message\n")
    assert ours == real_git(tmp_path, "rev-parse", "HEAD")
    assert objects.files(ours) == files
    assert objects.commit(ours).author == WHO


def test_the_merge_base_is_the_youngest_common_ancestor() -> None:
    """A criss-cross of branches has one base here, and unrelated histories none."""
    objects = git.Objects()
    root = commit(objects, {"f": "0"})
    left, right = commit(objects, {"f": "1"}, root), commit(objects, {"g": "2"}, root)
    merged = commit(objects, {"f": "1", "g": "2"}, left, right)
    assert git.merge_base(objects, left, right) == root
    assert git.merge_base(objects, merged, right) == right
    assert git.merge_base(objects, commit(objects, {"z": "9"}), right) is None
    assert git.range_commits(objects, root, merged) == [left, right, merged]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"f": "a\nb\n"}, {"f": "a\nc\n"}, [("modified", "f", None, 1, 1)]),
        ({"f": "a\n"}, {"f": "a\n", "g": "b\n"}, [("added", "g", None, 1, 0)]),
        ({"f": "a\nb\n"}, {}, [("removed", "f", None, 0, 2)]),
        ({"old": "a\nb\nc\n"}, {"new": "a\nb\nc\n"}, [("renamed", "new", "old", 0, 0)]),
        ({"old": "a\nb\nc\nd\n"}, {"new": "a\nb\nc\nX\n"}, [("renamed", "new", "old", 1, 1)]),
        ({"old": "a\n"}, {"new": "quite different\n"}, [("added", "new", None, 1, 0), ("removed", "old", None, 0, 1)]),
        ({"f": "a"}, {"f": "a\n"}, [("modified", "f", None, 1, 1)]),
        ({"f": "a\n"}, {"f": "a\r\n"}, [("modified", "f", None, 1, 1)]),
        ({"f": "\0a"}, {"f": "\0b"}, [("modified", "f", None, 0, 0)]),
    ],
)
def test_differences_are_counted_as_git_counts_them(old, new, expected) -> None:
    """Added, removed, modified and renamed files with their lines; binary files have none."""
    objects = git.Objects()
    found = git.changes(objects, snapshot(objects, old), snapshot(objects, new))
    seen = [(change.status, change.path, change.previous_path, change.additions, change.deletions) for change in found]
    assert seen == expected


def test_a_mode_change_alone_is_a_difference() -> None:
    """The executable bit and a change of type are seen although the content is the same."""
    objects = git.Objects()
    blob = objects.blob(b"x\n")
    modes = {mode: {"f": git.Entry(mode, blob)} for mode in ("100644", "100755", "120000")}
    assert [change.status for change in git.changes(objects, modes["100644"], modes["100755"])] == ["modified"]
    assert [change.status for change in git.changes(objects, modes["100644"], modes["120000"])] == ["changed"]


def test_edits_far_apart_merge_and_the_same_line_conflicts() -> None:
    """Merging works by line within a file; touching edits are refused with the path."""
    objects = git.Objects()
    base = snapshot(objects, {"f": "1\n2\n3\n4\n5\n"})
    ours = snapshot(objects, {"f": "one\n2\n3\n4\n5\n"})
    theirs = snapshot(objects, {"f": "1\n2\n3\n4\nfive\n", "g": "new\n"})
    merged = git.merge_trees(objects, base, ours, theirs)
    assert objects.data(merged["f"].oid) == b"one\n2\n3\n4\nfive\n"
    assert "g" in merged
    with pytest.raises(git.Conflict, match="f"):
        git.merge_trees(objects, base, ours, snapshot(objects, {"f": "uno\n2\n3\n4\n5\n"}))


PATHS = st.sampled_from(["a", "b", "c/d", "c/e", "f.txt"])
FILES = st.dictionaries(PATHS, st.text("xyz\n", max_size=12), max_size=5)


@settings(max_examples=60, deadline=None)
@given(FILES)
def test_a_tree_gives_back_what_was_written(files: dict[str, str]) -> None:
    """Writing a snapshot and reading it again changes nothing."""
    objects = git.Objects()
    written = snapshot(objects, files)
    assert objects.snapshot(objects.write_tree(written)) == written


@settings(max_examples=60, deadline=None)
@given(FILES, FILES)
def test_every_difference_is_accounted_for(old: dict[str, str], new: dict[str, str]) -> None:
    """No difference exactly when the snapshots are equal, and each path is told once."""
    objects = git.Objects()
    before, after = snapshot(objects, old), snapshot(objects, new)
    found = git.changes(objects, before, after)
    assert bool(found) == (before != after)
    paths = [change.path for change in found]
    assert len(paths) == len(set(paths))


@settings(max_examples=40, deadline=None)
@given(FILES, FILES)
def test_merging_with_an_unchanged_side_takes_the_other(base: dict[str, str], theirs: dict[str, str]) -> None:
    """If only one side changed, the merge is that side."""
    objects = git.Objects()
    before, after = snapshot(objects, base), snapshot(objects, theirs)
    assert git.merge_trees(objects, before, before, after) == after
    assert git.merge_trees(objects, before, after, before) == after
