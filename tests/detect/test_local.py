"""Reading a local repository: every commit as it is, nothing of the repository's configuration believed or executed."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forges import local
from bot.forges.local.files import changed_files
from bot.forges.local.git import Git
from bot.forges.local.raw import parse_commit
from bot.model.change import Account, FileKind, FileStatus
from bot.model.errors import BadInputError, NeedsSomebodyError
from bot.model.ids import Sha
from tests.detect.repositories import git, repository, save

NOW = datetime(2026, 11, 20, tzinfo=UTC)
NOBODY = Account(None, None)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return repository(tmp_path / "clone")


def read(clone: Path, text: str = "main..HEAD") -> local.Range:
    return local.Range.parse(Git(clone), text)


def test_commits_come_newest_first_and_as_they_are(clone: Path) -> None:
    first = save(clone, "Add b\n\nCo-authored-by: Claude <noreply@anthropic.com>\n", {"b": "b"})
    second = save(clone, "Größe\n", {"c": "c"}, GIT_AUTHOR_NAME="Sam Ü", GIT_AUTHOR_EMAIL="sam@example.com")
    which = read(clone)
    found = list(local.commits(Git(clone), which.head, which.base))
    assert [each.sha for each in found] == [second, first]
    assert (found[0].author.name, found[0].author.email, found[0].committer.name) == (
        "Sam Ü",
        "sam@example.com",
        "Jo Example",
    )
    assert found[1].message == "Add b\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"
    assert (found[1].parents, found[1].parent_shas) == (1, (which.base,))
    assert local.count(Git(clone), which.head, which.base) == 2
    assert local.count(Git(clone), which.head) == 3


def test_the_range_begins_where_the_branch_left_the_base(clone: Path) -> None:
    base = git(clone, "rev-parse", "main")
    save(clone, "On the branch", {"b": "b"})
    git(clone, "checkout", "-q", "main")
    save(clone, "On main", {"m": "m"})
    assert read(clone, "main..retry").base == base
    assert read(clone, "main...retry").base == base
    git(clone, "checkout", "-q", "retry")
    assert read(clone, "main..") == read(clone, "main..retry")


def test_without_a_range_the_upstream_is_the_base(clone: Path) -> None:
    with pytest.raises(BadInputError, match="no upstream"):
        local.Range.parse(Git(clone), None)
    assert local.Range.parse(Git(clone), None, all_without_upstream=True).base is None
    git(clone, "branch", "-q", "--set-upstream-to=main")
    save(clone, "More", {"b": "b"})
    assert local.Range.parse(Git(clone), None).base == git(clone, "rev-parse", "main")


def test_the_branch_that_the_range_begins_with_is_the_one_it_goes_into(clone: Path, tmp_path: Path) -> None:
    git(clone, "branch", "-q", "release/1", "main")
    save(clone, "More", {"b": "b"})
    git(clone, "checkout", "-q", "main")
    git(tmp_path, "clone", "-q", str(clone), "copy")
    copy = tmp_path / "copy"
    assert (read(clone, "release/1..retry").branch, read(clone, "release/1..retry").default) == ("release/1", None)
    git(copy, "checkout", "-q", "retry")
    found = {
        text: (read(copy, text).branch, read(copy, text).default)
        for text in ("origin/release/1..HEAD", "origin..HEAD", "origin/main~0..HEAD", "refs/remotes/origin/release/1..")
    }
    assert found == {
        "origin/release/1..HEAD": ("release/1", "main"),
        "origin..HEAD": ("main", "main"),
        "origin/main~0..HEAD": ("main", "main"),
        "refs/remotes/origin/release/1..": ("release/1", "main"),
    }
    assert local.Range.parse(Git(copy), None).branch == "main", "a branch does not go into its own copy"
    git(copy, "branch", "-q", "--set-upstream-to=origin/release/1")
    assert local.Range.parse(Git(copy), None).branch == "release/1"
    change = local.local_change(Git(copy), read(copy, "origin/release/1..HEAD"), NOBODY, "github", NOW)
    assert (change.base, change.default_branch) == ("release/1", "main")


def test_why_a_range_has_no_commits_is_told(clone: Path) -> None:
    assert read(clone).emptiness(Git(clone)) == "main and HEAD are the same commit; name a branch or check it out"
    save(clone, "More", {"b": "b"})
    which = read(clone, "HEAD..main")
    assert which.emptiness(Git(clone)) == "HEAD contains all of main; name another branch or check it out"


def test_a_repository_without_commits_and_a_shallow_one_say_so(clone: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(BadInputError, match="no commits yet"):
        read(tmp_path / "empty")
    git(clone, "checkout", "-q", "main")
    save(clone, "On main", {"m": "m"})
    git(clone, "checkout", "-q", "retry")
    save(clone, "On retry", {"b": "b"})
    git(tmp_path, "clone", "-q", "--depth", "1", "--no-single-branch", f"file://{clone}", "shallow")
    with pytest.raises(BadInputError, match="this clone is shallow: run git fetch --unshallow"):
        read(tmp_path / "shallow", "origin/main..HEAD")


@pytest.mark.parametrize(
    "text", ["main", "nothing..HEAD", "main..--upload-pack=x", "--all..HEAD", "main..a\nb", "..\0"]
)
def test_what_is_no_range_is_a_misuse(clone: Path, text: str) -> None:
    with pytest.raises(BadInputError):
        read(clone, text)


def test_ends_without_a_common_commit_are_a_misuse(clone: Path) -> None:
    git(clone, "checkout", "-q", "--orphan", "other")
    save(clone, "Another start", {"z": "z"})
    with pytest.raises(BadInputError, match="no commit in common"):
        read(clone, "main..other")


def test_every_kind_of_file_is_told(clone: Path) -> None:
    long = "".join(f"line {number}\n" for number in range(30))
    save(clone, "Base", {"old.txt": long, "gone.txt": "x\ny\n", "mode.sh": "#!/bin/sh\n", "kind": "text\n"})
    base = Sha(git(clone, "rev-parse", "HEAD"))
    (clone / "old.txt").rename(clone / "new ü.txt")
    (clone / "gone.txt").unlink()
    (clone / "kind").unlink()
    (clone / "kind").symlink_to("a.txt")
    (clone / "mode.sh").chmod(0o755)
    save(
        clone,
        "Change",
        {"a.txt": "one\n- two\nthree\n", "big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\n"},
    )
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{base},sub")
    git(clone, "commit", "-q", "-m", "Submodule")
    files = {each.path: each for each in changed_files(Git(clone), base, Sha(git(clone, "rev-parse", "HEAD")))}
    assert files["new ü.txt"].previous_path == "old.txt"
    assert files["new ü.txt"].status is FileStatus.RENAMED
    assert (files["gone.txt"].status, files["gone.txt"].deletions, files["gone.txt"].blob) == (
        FileStatus.REMOVED,
        2,
        None,
    )
    assert (files["kind"].status, files["kind"].kind) == (FileStatus.CHANGED, FileKind.SYMLINK)
    assert files["kind"].removed_lines == ("text",)
    assert files["mode.sh"].status is FileStatus.CHANGED
    assert files["big.bin"].kind is FileKind.LFS
    assert files["sub"].kind is FileKind.SUBMODULE
    assert (files["a.txt"].additions, files["a.txt"].deletions, files["a.txt"].removed_lines) == (2, 1, ("two",))
    assert files["gone.txt"].removed_lines == ("x", "y")


def test_attributes_in_the_clone_do_not_hide_deleted_lines(clone: Path) -> None:
    save(clone, "Call it binary", {".gitattributes": "* -diff binary\n"})
    base = Sha(git(clone, "rev-parse", "HEAD"))
    head = Sha(save(clone, "Delete", {"a.txt": "one\n"}))
    (only,) = changed_files(Git(clone), base, head)
    assert (only.deletions, only.removed_lines) == (1, ("two",))


def test_a_change_of_the_whole_history_and_of_nothing(clone: Path) -> None:
    which = local.Range.parse(Git(clone), None, all_without_upstream=True)
    whole = local.local_change(Git(clone), which, NOBODY, "github", NOW)
    assert ([each.path for each in whole.files], len(whole.commits), whole.branch) == (["a.txt"], 1, "retry")
    nothing = local.local_change(Git(clone), read(clone), NOBODY, "github", NOW)
    assert (nothing.commits, nothing.files, nothing.title) == ((), (), "")


def test_a_clone_too_shallow_for_the_range_says_that_it_is_incomplete(clone: Path, tmp_path: Path) -> None:
    for number in range(3):
        save(clone, f"Number {number}", {"n": str(number)})
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{clone}", "shallow")
    which = local.Range.parse(Git(tmp_path / "shallow"), None, all_without_upstream=True)
    whole = local.Range(None, which.head)
    assert not local.local_change(Git(tmp_path / "shallow"), whole, NOBODY, "github", NOW).complete
    one = local.Range(Sha(git(tmp_path / "shallow", "rev-parse", "HEAD~1")), which.head)
    assert local.local_change(Git(tmp_path / "shallow"), one, NOBODY, "github", NOW).complete


def test_notes_are_found_flat_and_fanned_out(clone: Path) -> None:
    head = Sha(git(clone, "rev-parse", "HEAD"))
    with local.notes(Git(clone)) as none:
        assert none.of(head) is None
    git(clone, "notes", "--ref=ai", "add", "-m", "a note", head)
    blob = git(clone, "notes", "--ref=ai", "list", head)
    with local.notes(Git(clone)) as notes:
        assert notes.of(head) == "a note\n"
        assert notes.of(Sha("0" * 40)) is None
    git(clone, "update-ref", "-d", "refs/notes/ai")
    index = {"GIT_INDEX_FILE": str(clone / ".git" / "notes-index")}
    git(clone, "read-tree", "--empty", **index)
    git(clone, "update-index", "--add", "--cacheinfo", f"100644,{blob},{head[:2]}/{head[2:]}", **index)
    tree = git(clone, "write-tree", **index)
    git(clone, "update-ref", "refs/notes/ai-remote/origin", git(clone, "commit-tree", "-m", "notes", tree))
    with local.notes(Git(clone)) as notes:
        assert notes.of(head) == "a note\n"


def test_nothing_that_a_hostile_clone_configures_is_executed(clone: Path, tmp_path: Path) -> None:
    trap, sprung = tmp_path / "trap.sh", tmp_path / "sprung"
    trap.write_text(f'#!/bin/sh\necho "$0" >> {sprung}\ncat\n')
    trap.chmod(0o755)
    save(clone, "Signed\n", {".gitattributes": "* diff=evil filter=evil\n", "a.txt": "changed\n"})
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "core.alternateRefsCommand", "core.askPass", "core.editor",
        "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge",
        "gpg.program", "credential.helper", "uploadpack.packObjectsHook", "pager.log", "pager.diff-tree",
        "interactive.diffFilter", "sequence.editor",
    ):  # fmt: skip
        git(clone, "config", key, str(trap))
    git(clone, "config", "log.showSignature", "true")
    git(clone, "config", "diff.submodule", "log")
    git(clone, "config", "core.hooksPath", str(tmp_path))
    git(clone, "config", "alias.rev-list", f"!{trap}")
    shutil.copy(trap, tmp_path / "post-index-change")
    hostile = Git(clone)
    hostile.check_repository()
    which = local.Range.parse(hostile, "main..HEAD")
    assert len(local.local_change(hostile, which, NOBODY, "github", NOW).commits) == 1
    with local.notes(hostile) as notes:
        notes.of(which.head)
    assert not sprung.exists()


def test_replaced_objects_do_not_hide_a_commit(clone: Path) -> None:
    real = save(clone, "With AI\n\nMade-with: Cursor\n", {"b": "b"})
    git(clone, "checkout", "-q", "-b", "clean", "main")
    fake = save(clone, "Without", {"b": "b"})
    git(clone, "replace", real, fake)
    which = local.Range.parse(Git(clone), "main..retry")
    assert ["Made-with" in each.message for each in local.commits(Git(clone), which.head, which.base)] == [True]


def test_a_damaged_repository_is_no_empty_one(clone: Path) -> None:
    lost = save(clone, "Lost", {"b": "b"})
    which = local.Range(Sha(git(clone, "rev-parse", "main")), Sha(save(clone, "Head", {"c": "c"})))
    (clone / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(NeedsSomebodyError):
        list(local.commits(Git(clone), which.head, which.base))


def test_where_there_is_no_repository_is_a_misuse(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no git repository"):
        Git(tmp_path).check_repository()
    with pytest.raises(NeedsSomebodyError, match="cannot be run"):
        Git(tmp_path / "nowhere").run("version")


def test_a_git_that_never_answers_is_given_up(clone: Path) -> None:
    head = Path(clone / ".git" / "objects")
    name = git(clone, "rev-parse", "HEAD")
    path = head / name[:2] / name[2:]
    path.unlink()
    subprocess.run(["mkfifo", path], check=True)
    with pytest.raises(NeedsSomebodyError, match=r"stopped answering|no answer|failed"):
        list(local.commits(Git(clone, patience=0.5), Sha(name)))


def test_any_bytes_give_a_commit() -> None:
    for data in (
        b"",
        b"\n\n",
        b"author",
        b"author x\n\nm",
        b"author \xff <\xfe> 1 +0\nencoding zip\n\n\xff",
        b"tree \0\n\n\0",
    ):
        assert parse_commit(Sha("a"), data).sha == "a"
    latin = parse_commit(Sha("a"), b"author J\xf6 <jo@example.com> 1 +0000\nencoding ISO-8859-1\n\nGr\xf6\xdfe")
    assert (latin.author.name, latin.message) == ("Jö", "Größe")


def test_a_history_of_many_commits_is_read_bit_by_bit(clone: Path) -> None:
    number = 20_000
    stream = "".join(
        f"commit refs/heads/long\nmark :{mark}\ncommitter Jo <jo@example.com> {mark} +0000\n"
        f"data 20\nAdd number {mark:08}\n\n"
        for mark in range(1, number + 1)
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=clone, input=stream.encode(), check=True)
    script = (
        "import resource, sys\nfrom pathlib import Path\nfrom bot.forges import local\n"
        "git = local.Git(Path(sys.argv[1]))\nhead = git.commit('long')\n"
        "first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(sum(1 for _ in local.commits(git, head)))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, clone], capture_output=True, text=True, check=True)
    counted, grown = map(int, done.stdout.split())
    assert counted == number
    assert grown < 20_000
