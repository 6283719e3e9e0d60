"""A range of a local repository as a change, as if it were opened on a forge now.

What a forge would know is absent (who pushed, reviews, labels, a body): what can be told without one is told, the
rest is empty. Nothing is read from the work tree.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.forges.local.files import changed_files
from bot.forges.local.git import Git
from bot.forges.local.objects import commits
from bot.model.change import Account, Change, Commit, Head
from bot.model.errors import BadInputError
from bot.model.ids import Sha

BASE = "main"
REPOSITORY = "local"


@dataclass(frozen=True, slots=True)
class Range:
    """From where the commits leave the base to the head. `base` None: everything that the head contains."""

    base: Sha | None
    head: Sha

    @classmethod
    def parse(cls, git: Git, text: str | None, *, all_without_upstream: bool = False) -> "Range":
        """BASE..HEAD, BASE...HEAD or BASE; by default from the merge base with the upstream to HEAD."""
        if text is None:
            return cls._default(git, all_without_upstream=all_without_upstream)
        base, dots, head = text.partition("..")
        if not dots:
            raise BadInputError(f"{text!a} is no range; write BASE..HEAD, for example main..HEAD")
        tip = git.commit(head.removeprefix(".") or "HEAD")
        return cls(_fork_point(git, git.commit(base or "HEAD"), tip), tip)

    @classmethod
    def _default(cls, git: Git, *, all_without_upstream: bool) -> "Range":
        tip = git.commit("HEAD")
        upstream = git.find("@{upstream}") or git.find("refs/remotes/origin/HEAD")
        if upstream is None:
            if all_without_upstream:
                return cls(None, tip)
            raise BadInputError("this branch has no upstream; name the range, for example: main..HEAD")
        return cls(_fork_point(git, upstream, tip), tip)


def local_change(git: Git, which: Range, author: Account, forge: str, now: datetime) -> Change:
    """The change that the range would be. It is incomplete where the clone is too shallow to hold all of it."""
    found = tuple(reversed(list(commits(git, which.head, which.base))))
    base = which.base or Sha(git.run("hash-object", "-t", "tree", "--stdin").decode("ascii").strip())
    return Change(
        forge=forge,
        repository=REPOSITORY,
        number=0,
        title=found[-1].subject if found else "",
        body="",
        base=BASE,
        default_branch=BASE,
        branch=_branch(git),
        author=author,
        head=Head(which.head, now),
        commits=found,
        files=changed_files(git, base, which.head),
        complete=not _cut_off(git, found),
        base_sha=which.base,
    )


def _fork_point(git: Git, base: Sha, head: Sha) -> Sha | None:
    out = git.run("merge-base", base, head, accept=(0, 1)).decode("ascii").split()
    if not out:
        raise BadInputError(
            "the two ends of the range have no commit in common; is the clone too shallow? try git fetch --unshallow"
        )
    return Sha(out[0])


def _branch(git: Git) -> str:
    name = git.run("symbolic-ref", "--quiet", "--short", "HEAD", accept=(0, 1, 128)).decode("utf-8", "replace")
    return name.strip()


def _cut_off(git: Git, found: tuple[Commit, ...]) -> bool:
    """Whether a commit of the range stands where a shallow clone ends."""
    if git.run("rev-parse", "--is-shallow-repository").strip() != b"true":
        return False
    path = git.directory / Path(git.run("rev-parse", "--git-path", "shallow").decode("utf-8", "replace").strip())
    ends = set(path.read_text(encoding="ascii", errors="replace").split())
    return any(commit.sha in ends for commit in found)
