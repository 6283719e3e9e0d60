"""What a clone is about to push, as its pre-push hook is told, and the change that each branch of it would be.

The whole change is looked at and not only what is new at the remote, since that is what somebody will be asked to sign.
Nobody is asked over the network: what the remote has is what was last fetched of it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.forges.local.change import Range, fork_point
from bot.forges.local.git import Git
from bot.model.errors import BadInputError
from bot.model.ids import Sha

TRUNKS = ("main", "master")
WORDS = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A branch that is about to be pushed: its name at the remote, and its tip."""

    branch: str
    head: Sha


def outgoing(lines: Iterable[str]) -> Iterator[Outgoing]:
    """The branches among what a pre-push hook reads: local name, its id, remote name, its id (git's documentation of
    hooks). Deletions, tags and notes are none of ours.
    """
    for line in lines:
        words = line.rstrip("\n").rsplit(" ", WORDS - 1)
        if len(words) != WORDS:
            raise BadInputError("standard input holds no lines of a pre-push hook; without a hook name the range")
        head, ref = words[1], words[2]
        if ref.startswith("refs/heads/") and set(head) != {"0"}:
            yield Outgoing(ref.removeprefix("refs/heads/"), Sha(head))


def change_of(git: Git, remote: str, pushed: Outgoing, is_guarded: Callable[[str, str], bool]) -> Range | None:
    """The range that a pushed branch would be as a change; None where the remote has nothing that it could go into.

    It goes into the remote's default branch, or right into a guarded branch of its own name.
    """
    known = [_refs(git, name) for name in (remote, "origin")]
    refs = known[0] or known[1]
    if not refs:
        return None
    name = remote if known[0] else "origin"
    default = _default(git, name, refs)
    if default is None:
        raise BadInputError(f"which is the default branch of {name}? git remote set-head {name} --auto tells git")
    into = pushed.branch if pushed.branch in refs and is_guarded(pushed.branch, default) else default
    tip = Sha(refs[into])
    ends = (f"{name}/{into}", pushed.branch)
    return Range(fork_point(git, tip, pushed.head), pushed.head, into, default, ends)


def _refs(git: Git, remote: str) -> dict[str, str]:
    """The branches of a remote as last fetched, with their tips."""
    place = f"refs/remotes/{remote}/"
    told = git.run("for-each-ref", "--format=%(objectname) %(refname)", place).decode("utf-8", "surrogateescape")
    lines = (line.partition(" ") for line in told.split("\n") if line)
    return {ref.removeprefix(place): tip for tip, _, ref in lines if ref != f"{place}HEAD"}


def _default(git: Git, remote: str, refs: dict[str, str]) -> str | None:
    place = f"refs/remotes/{remote}/"
    told = git.run("symbolic-ref", "--quiet", f"{place}HEAD", accept=(0, 1, 128)).decode("utf-8", "surrogateescape")
    named = told.strip().removeprefix(place)
    return next((name for name in (named, *TRUNKS) if name in refs), None)
