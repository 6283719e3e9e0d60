"""Which commits of a push come in by merging a head that was allowed, told by content and for all heads at once.

One walk tells which head reaches what, one run of git's merge tells what each would give: so it takes as many processes
for a hundred allowed heads as for one. A step of a push is a merge of a head if it leads to exactly what merging that
head into the tip before it gives, and by no more commits than the head has of its own: merging, squashing, rebasing and
fast-forwarding pass; what is taken back again on the way does not.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from bot.forges.local.git import Git
from bot.model.ids import Sha

MOST_STEPS = 1000
NEVER = MOST_STEPS + 1
"""The step of a commit that only a head has."""


@dataclass(frozen=True, slots=True)
class Node:
    """A commit: its tree, its parents, and which of the tips reach it, one bit each."""

    tree: str
    parents: tuple[Sha, ...]
    reached: int


def walk(git: Git, tips: Sequence[Sha], known: Iterable[str]) -> dict[Sha, Node]:
    """What the tips hold and nothing of `known` does, by commit, children before parents."""
    lines = [*tips, *(f"^{each}" for each in known)]
    told = git.run("rev-list", "--topo-order", "--no-commit-header", "--format=%H %T %P", "--stdin", given=lines)
    bits: dict[str, int] = {}
    for place, tip in enumerate(tips):
        bits[tip] = bits.get(tip, 0) | 1 << place
    found: dict[Sha, Node] = {}
    for line in told.decode("ascii").splitlines():
        name, tree, *parents = line.split()
        reached = bits.get(name, 0)
        found[Sha(name)] = Node(tree, tuple(map(Sha, parents)), reached)
        for parent in parents:
            bits[parent] = bits.get(parent, 0) | reached
    return found


class Entering:
    """A push from `old` to `new`, where `new` holds `old`; `allowed` are commits of this repository."""

    def __init__(self, git: Git, old: Sha, new: Sha, allowed: Iterable[Sha]) -> None:
        self._git, self._old, self._new = git, old, new
        self._heads = tuple(dict.fromkeys(allowed))
        self._nodes = walk(git, [*self._heads, new], [old])

    def beside(self, suspects: Collection[Sha]) -> frozenset[Sha]:
        """Those of some commits of the push that are in no step of it that merges an allowed head."""
        pushed = 1 << len(self._heads)
        whole = {sha: 1 for sha, node in self._nodes.items() if node.reached & pushed}
        if self._merging(whole, {1: (self._old, self._new)}):
            return frozenset()
        tips = self._tips()
        level = self._levels(tips)
        steps = {level[each] for each in suspects if each in level}
        merging = self._merging(level, {step: (tips[step - 1], tips[step]) for step in steps})
        return frozenset(each for each in suspects if level.get(each) not in merging)

    def _tips(self) -> list[Sha]:
        """The tips from old to new along first parents: what a queue of merges pushes at once. None of them if the push
        does not go on from the old tip in that way, or by too many.
        """
        tips: list[Sha] = []
        at = self._new
        while at in self._nodes and len(tips) <= MOST_STEPS:
            tips.append(at)
            at = next(iter(self._nodes[at].parents), self._new)
        return [self._old, *reversed(tips)] if at == self._old else []

    def _levels(self, tips: Sequence[Sha]) -> dict[Sha, int]:
        """With which step each commit of the push came in."""
        level = {tip: step for step, tip in enumerate(tips) if step}
        for sha, node in self._nodes.items():
            for parent in node.parents if sha in level else ():
                if parent in self._nodes:
                    level[parent] = min(level[sha], level.get(parent, level[sha]))
        return level

    def _merging(self, level: Mapping[Sha, int], steps: Mapping[int, tuple[Sha, Sha]]) -> set[int]:
        """Which steps are a merge of an allowed head. `level` says with which step a commit comes in, if it does."""
        own = self._own(level)
        size = Counter(level.values())
        asked: list[tuple[int, Sha]] = []
        for (head, counts), (step, _) in product(zip(self._heads, own, strict=True), steps.items()):
            mine = sum(count for each, count in counts.items() if each >= step)
            if mine and size[step] - counts[step] <= mine:
                asked.append((step, head))
        given = merged(self._git, [(steps[step][0], head) for step, head in asked])
        return {step for (step, _), tree in zip(asked, given, strict=False) if tree == self._nodes[steps[step][1]].tree}

    def _own(self, level: Mapping[Sha, int]) -> list[Counter[int]]:
        """For each head, how many commits of its own come in with each step, or with none; nothing for a head that has
        nothing to do with the old tip, which git does not merge.
        """
        counts: list[Counter[int]] = [Counter() for _ in self._heads]
        related = 0
        for sha, node in self._nodes.items():
            if not all(parent in self._nodes for parent in node.parents):
                related |= node.reached
            for place in _places(node.reached):
                if place < len(counts):
                    counts[place][level.get(sha, NEVER)] += 1
        return [each if related >> place & 1 else Counter() for place, each in enumerate(counts)]


def merged(git: Git, pairs: Sequence[tuple[Sha, Sha]]) -> list[str]:
    """The trees that merging the second commit of each pair into the first gives; empty where they are in conflict.

    Fewer than asked where git fails. Its answer for a pair is a status, a tree and the paths in conflict, each ended
    by NUL, and another NUL (git's documentation of merge-tree --stdin; git 2.39).
    """
    if not pairs:
        return []
    words = ("merge-tree", "--write-tree", "--no-messages", "--name-only", "--stdin")
    told = git.run(*words, given=[f"{one} {other}" for one, other in pairs], accept=(0, 1, 128)).split(b"\0")
    trees: list[str] = []
    fields = iter(told)
    for status in fields:
        tree = next(fields, b"").decode("ascii", "replace")
        trees.append(tree if status == b"1" else "")
        for _ in iter(lambda: next(fields, b""), b""):
            pass
    return trees


def _places(bits: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
