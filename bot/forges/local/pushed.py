"""What a push would do to a branch of a bare repository, seen from its pre-receive hook.

The pushed objects are in git's quarantine; nothing is believed of them but their bytes. Whether a push is what was
allowed is told by content: it must lead to the very tree that merging an allowed head into the old tip gives.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.forges.local.entering import Entering, walk
from bot.forges.local.git import Git
from bot.forges.local.objects import commits
from bot.model.change import Commit
from bot.model.ids import Sha

OBJECT = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
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
class Piece:
    """A file or folder: the path under which a history first has it, and the commit with which it came in."""

    path: str
    commit: Sha


@dataclass(frozen=True, slots=True)
class Update:
    """One line of a pre-receive hook's input, of a branch. `old` None: the branch is new."""

    branch: str
    old: Sha | None
    new: Sha


def updates(lines: Iterator[str]) -> Iterator[Update]:
    """The branches that are made or moved; tags, notes and deletions are none of ours."""
    for line in lines:
        old, new, ref = line.rstrip("\n").split(" ", 2)
        if ref.startswith("refs/heads/") and set(new) != {"0"}:
            yield Update(ref.removeprefix("refs/heads/"), None if set(old) == {"0"} else Sha(old), Sha(new))


class Pushed:
    """A bare repository during a push. `guarded` are the branches that are there, whose commits are no news."""

    def __init__(self, directory: Path) -> None:
        self.git = Git(directory, quarantine=True)

    def branches(self) -> list[str]:
        """The branches that are there before the push."""
        found = self.git.run("for-each-ref", "--format=%(refname)", "refs/heads/").decode("utf-8", "surrogateescape")
        return [line.removeprefix("refs/heads/") for line in found.split("\n") if line]

    def present(self, heads: Iterable[Sha]) -> list[Sha]:
        """Those of some commit ids that are commits here."""
        asked = sorted({each for each in heads if OBJECT.fullmatch(each)})
        told = self.git.run("cat-file", "--batch-check", given=asked).decode("ascii", "replace").splitlines()
        return [head for head, line in zip(asked, told, strict=True) if line.startswith(f"{head} commit ")]

    def news(self, update: Update, guarded: list[str]) -> list[Commit]:
        """The commits that the branch gains and that no guarded branch holds already, newest first."""
        known = [f"refs/heads/{name}" for name in guarded]
        listed = self.git.run("rev-list", update.new, "--not", *known).decode("ascii").split()
        wanted = {Sha(each) for each in listed}
        base = update.old if update.old is not None and self._holds(update.old, update.new) else None
        if base is None and known and wanted:
            common = self.git.run("merge-base", update.new, *known, accept=(0, 1)).decode("ascii").split()
            base = Sha(common[0]) if common else None
        return [each for each in commits(self.git, update.new, base) if each.sha in wanted] if wanted else []

    def beside(self, update: Update, allowed: Iterable[Sha], suspects: Collection[Sha]) -> frozenset[Sha]:
        """Those of some commits of a push that did not come in by merging an allowed head (entering.py)."""
        if update.old is None or not suspects or not self._holds(update.old, update.new):
            return frozenset(suspects)
        heads = self.present(allowed)
        return Entering(self.git, update.old, update.new, heads).beside(suspects) if heads else frozenset(suspects)

    def brought(self, tips: Iterable[Sha], known: Iterable[str]) -> dict[str, Piece]:
        """By id, the files and folders that tips of this repository hold and none of the branches or commits `known`
        ever held. Nobody's work is in what is empty.
        """
        lines = [*tips, *(f"^{each}" for each in known)]
        if not any(OBJECT.fullmatch(line) for line in lines):
            return {}
        words = ("rev-list", "--objects", "--in-commit-order", "--topo-order", "--reverse", "--stdin")
        out = self.git.run(*words, given=lines).decode("utf-8", "replace")
        found: dict[str, Piece] = {}
        commit = Sha("")
        for line in out.split("\n"):  # a path may hold any other character that ends a line for Python
            name, space, path = line.partition(" ")
            if not space:
                commit = Sha(name)
            elif name not in EMPTY:
                found[name] = Piece(path, commit)
        return found

    def holders(self, pieces: Iterable[Piece], tips: Sequence[Sha], known: Iterable[str]) -> list[frozenset[Sha]]:
        """Which of the tips hold the commit of each piece."""
        nodes = walk(self.git, tips, known)
        return [
            frozenset(tip for place, tip in enumerate(tips) if nodes[each.commit].reached >> place & 1)
            for each in pieces
        ]

    def _holds(self, old: Sha, new: Sha) -> bool:
        """Whether history goes on, rather than being rewritten."""
        base = self.git.run("merge-base", old, new, accept=(0, 1)).decode("ascii").split()
        return base == [old]
