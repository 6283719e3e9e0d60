"""What a push would do to a branch of a bare repository, seen from its pre-receive hook.

The pushed objects are in git's quarantine; nothing is believed of them but their bytes. Whether a push is what was
allowed is told by content: it must lead to the very tree that merging an allowed head into the old tip gives.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bot.forges.local.git import Git
from bot.forges.local.objects import commits, count
from bot.model.change import Commit
from bot.model.ids import Sha

MOST_STEPS = 1000
EMPTY = frozenset(
    {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    }
)
"""The empty file and the empty folder, by SHA-1 and by SHA-256."""


@dataclass(frozen=True, slots=True)
class Update:
    """One line of a pre-receive hook's input, of a branch. `old` None: the branch is new."""

    branch: str
    old: Sha | None
    new: Sha


def updates(lines: Iterator[str]) -> Iterator[Update]:
    """The branches that are made or moved; tags, notes and deletions are none of ours."""
    for line in lines:
        old, new, ref = line.split()
        if ref.startswith("refs/heads/") and set(new) != {"0"}:
            yield Update(ref.removeprefix("refs/heads/"), None if set(old) == {"0"} else Sha(old), Sha(new))


class Pushed:
    """A bare repository during a push. `guarded` are the branches that are there, whose commits are no news."""

    def __init__(self, directory: Path) -> None:
        self.git = Git(directory, quarantine=True)

    def default_branch(self) -> str:
        """The branch that HEAD names."""
        name = self.git.run("symbolic-ref", "--quiet", "--short", "HEAD", accept=(0, 1, 128))
        return name.decode("utf-8", "replace").strip()

    def branches(self) -> list[str]:
        """The branches that are there before the push."""
        found = self.git.run("for-each-ref", "--format=%(refname)", "refs/heads/").decode("utf-8", "surrogateescape")
        return [line.removeprefix("refs/heads/") for line in found.splitlines()]

    def news(self, update: Update, guarded: list[str]) -> list[Commit]:
        """The commits that the branch gains and that no guarded branch holds already, newest first."""
        known = [f"refs/heads/{name}" for name in guarded]
        listed = self.git.run("rev-list", update.new, "--not", *known).decode("ascii").split()
        wanted = {Sha(each) for each in listed}
        base = update.old if update.old is not None and self._holds(update.old, update.new) else None
        if base is None and known:
            common = self.git.run("merge-base", update.new, *known, accept=(0, 1)).decode("ascii").split()
            base = Sha(common[0]) if common else None
        return [each for each in commits(self.git, update.new, base) if each.sha in wanted]

    def steps(self, update: Update) -> list[Update]:
        """The push taken apart along first parents, oldest first: what a queue of merges pushes at once."""
        if update.old is None or not self._holds(update.old, update.new):
            return []
        listed = self.git.run("rev-list", "--first-parent", "--reverse", f"{update.old}..{update.new}").decode("ascii")
        tips = [update.old, *map(Sha, listed.split())]
        if len(tips) > MOST_STEPS:
            return []
        return [Update(update.branch, old, new) for old, new in pairwise(tips)]

    def is_merge_of(self, update: Update, head: Sha) -> bool:
        """Whether the update leads to exactly what merging a head into the old tip gives, and by no more commits.

        So merging, squashing, rebasing and fast-forwarding pass; what is taken back again on the way does not.
        """
        if update.old is None or not self._holds(update.old, update.new) or self.git.find(head) is None:
            return False
        own = count(self.git, head, update.old)
        beside = self.git.run("rev-list", "--count", update.new, "--not", update.old, head)
        if not own or int(beside) > own:
            return False
        merged = self.git.run("merge-tree", "--write-tree", update.old, head, accept=(0, 1, 128))
        tree = merged.decode("utf-8", "replace").partition("\n")[0]
        return tree == self.git.run("rev-parse", f"{update.new}^{{tree}}").decode("ascii").strip()

    def brought(self, tip: Sha, known: Iterable[str]) -> dict[str, str]:
        """The ids of the files and folders, with their paths, that a tip holds and none of the branches or commits
        `known` ever held; none for a tip that is not here. Nobody's work is in what is empty.
        """
        if self.git.find(tip) is None:
            return {}
        out = self.git.run("rev-list", "--objects", tip, "--not", *known).decode("utf-8", "replace")
        listed = (line.partition(" ") for line in out.splitlines())
        return {name: path for name, space, path in listed if space and name not in EMPTY}

    def _holds(self, old: Sha, new: Sha) -> bool:
        """Whether history goes on, rather than being rewritten."""
        base = self.git.run("merge-base", old, new, accept=(0, 1)).decode("ascii").split()
        return base == [old]

    def between(self, update: Update) -> list[Commit]:
        """All commits of an update."""
        return list(commits(self.git, update.new, update.old))
