"""A range of a local repository as a change, as if it were opened on a forge now.

What a forge would know is absent (who pushed, reviews, labels, a body): what can be told without one is told, the
rest is empty. Nothing is read from the work tree.
"""

from dataclasses import dataclass, field
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
HEAD = "HEAD"
ORIGIN_HEAD = "refs/remotes/origin/HEAD"
SHALLOW = "this clone is shallow: run git fetch --unshallow"


@dataclass(frozen=True, slots=True)
class Range:
    """From where the commits leave the base to the head. `base` None: everything that the head contains.

    `branch` is the one that the range would go into, `default` the repository's default branch, if known.
    """

    base: Sha | None
    head: Sha
    branch: str = BASE
    default: str | None = None
    ends: tuple[str, str] = field(default=(BASE, HEAD), compare=False)
    """The two ends as they were named."""

    @classmethod
    def parse(cls, git: Git, text: str | None, *, all_without_upstream: bool = False) -> "Range":
        """BASE..HEAD or BASE...HEAD; by default from the merge base with the upstream to HEAD."""
        if text is None:
            return cls._default(git, all_without_upstream=all_without_upstream)
        base, dots, head = text.partition("..")
        if not dots:
            raise BadInputError(f"{text!a} is no range; write BASE..HEAD, for example main..HEAD")
        ends = base or HEAD, head.removeprefix(".") or HEAD
        tip = git.commit(ends[1])
        default = _default_branch(git)
        branch = _branch_of(git, ends[0]) or _upstream_branch(git, default)
        return cls(fork_point(git, git.commit(ends[0]), tip), tip, branch, default, ends)

    @classmethod
    def _default(cls, git: Git, *, all_without_upstream: bool) -> "Range":
        tip = git.commit(HEAD)
        default = _default_branch(git)
        branch = _upstream_branch(git, default)
        name = next((name for name in ("@{upstream}", ORIGIN_HEAD) if git.find(name) is not None), None)
        if name is None:
            if all_without_upstream:
                return cls(None, tip, branch, default)
            raise BadInputError("this branch has no upstream; name the range, for example: main..HEAD")
        ends = _full_name(git, name).removeprefix("refs/remotes/").removeprefix("refs/heads/") or branch, HEAD
        return cls(fork_point(git, git.commit(name), tip), tip, branch, default, ends)

    def emptiness(self, git: Git) -> str:
        """Why there is no commit in a range without any, and what to do."""
        base, head = self.ends
        if git.find(base) == self.head:
            return f"{base} and {head} are the same commit; name a branch or check it out"
        return f"{base} contains all of {head}; name another branch or check it out"


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
        base=which.branch,
        default_branch=which.default or which.branch,
        branch=git.branch(),
        author=author,
        head=Head(which.head, now),
        commits=found,
        files=changed_files(git, base, which.head),
        complete=not _cut_off(git, found),
        base_sha=which.base,
    )


def fork_point(git: Git, base: Sha, head: Sha) -> Sha:
    """Where a head left a base; BadInputError where it did not."""
    out = git.run("merge-base", base, head, accept=(0, 1)).decode("ascii").split()
    if not out:
        raise BadInputError(SHALLOW if _is_shallow(git) else "the two ends of the range have no commit in common")
    return Sha(out[0])


def _full_name(git: Git, name: str) -> str:
    """The ref that a name stands for; empty for a commit id, a tag's commit, and what does not exist."""
    out = git.run("rev-parse", "--verify", "--quiet", "--symbolic-full-name", name, accept=(0, 1, 128))
    return out.decode("utf-8", "replace").strip()


def _branch_of(git: Git, name: str) -> str | None:
    """The branch that a name stands for, be it here or at a remote."""
    ref = _full_name(git, name)
    if ref.startswith("refs/heads/"):
        return ref.removeprefix("refs/heads/")
    branch = ref.removeprefix("refs/remotes/").partition("/")[2] if ref.startswith("refs/remotes/") else ""
    return branch if branch and branch != HEAD else None


def _default_branch(git: Git) -> str | None:
    out = git.run("symbolic-ref", "--quiet", ORIGIN_HEAD, accept=(0, 1, 128)).decode("utf-8", "replace").strip()
    return out.removeprefix("refs/remotes/origin/") if out.startswith("refs/remotes/origin/") else None


def _upstream_branch(git: Git, default: str | None) -> str:
    """The branch that HEAD would go into: its upstream, unless that is only its own copy; else the default branch."""
    upstream = _branch_of(git, "@{upstream}")
    return upstream if upstream and (upstream != git.branch() or default is None) else default or BASE


def _is_shallow(git: Git) -> bool:
    return git.run("rev-parse", "--is-shallow-repository").strip() == b"true"


def _cut_off(git: Git, found: tuple[Commit, ...]) -> bool:
    """Whether a commit of the range stands where a shallow clone ends."""
    if not _is_shallow(git):
        return False
    path = git.directory / Path(git.run("rev-parse", "--git-path", "shallow").decode("utf-8", "replace").strip())
    ends = set(path.read_text(encoding="ascii", errors="replace").split())
    return any(commit.sha in ends for commit in found)
