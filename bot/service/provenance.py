"""Whether what stands on a policy repository's default branch came there through changes that the gate allowed.

Pure: it is given the history and the record of allowed merges. Commits alone prove nothing: an allowed change may hold
a commit that it takes back again, a merge may be made on top of an unseen push, and whoever pushes a merge commit of
his own can put anything into it. So each step must add to the files before it exactly what the allowed change added
to them, and nothing else. What cannot be shown is not believed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.forges.port import Step
from bot.model.ids import BlobId, Sha

Blobs = Mapping[str, BlobId]
"""The content of each file, by path."""


@dataclass(frozen=True, slots=True)
class Landing:
    """An allowed change that was merged: the commit this made, the head that was allowed, and how many commits it had.

    `outside` are the commits that it was made upon: the parents of its commits that are none of them themselves.
    """

    number: int
    merged: Sha
    head: Sha
    commits: int
    outside: tuple[Sha, ...]


def entered(tip: Sha, in_force: Blobs, steps: Mapping[Sha, Step], landings: Mapping[Sha, Landing]) -> bool:
    """Whether allowed changes alone lead from the content in force to that of `tip`.

    `landings` are by the commit that the merge made, without those that led to what is in force already: each counts
    once. `steps` must hold the history as far as it matters; what it does not hold proves nothing.
    """
    seen: set[Sha] = set()
    left = [tip]
    while left:
        sha = left.pop()
        if sha in seen or sha not in steps:
            continue
        seen.add(sha)
        if steps[sha].blobs == in_force:
            return True
        left += _before(sha, steps, landings.get(sha))
    return False


def _before(sha: Sha, steps: Mapping[Sha, Step], landing: Landing | None) -> Iterator[Sha]:
    """The commits upon which this one brought nothing but what it may."""
    here = steps[sha].blobs
    for back, before in enumerate(_trunk(sha, steps), 1):
        same = back == 1 and before.blobs == here
        merge = landing is not None and back in {1, landing.commits}  # a rebase lays each commit on the branch
        if same or (merge and landing is not None and _brought(landing, before, here, steps)):
            yield before.sha
        if landing is None or back >= landing.commits:
            return


def _trunk(sha: Sha, steps: Mapping[Sha, Step]) -> Iterator[Step]:
    """The commits before one, along what each was made upon first."""
    step: Step | None = steps[sha]
    while step is not None and step.parents:
        step = steps.get(step.parents[0])
        if step is not None:
            yield step


def _brought(landing: Landing, before: Step, after: Blobs, steps: Mapping[Sha, Step]) -> bool:
    """Whether the difference is that of the allowed change, file by file."""
    head, base = steps.get(landing.head), _base(landing, before, steps)
    if head is None or base is None:
        return False
    return all(
        after.get(path) == head.blobs.get(path) and before.blobs.get(path) in {base.get(path), head.blobs.get(path)}
        if head.blobs.get(path) != base.get(path)
        else after.get(path) == before.blobs.get(path)
        for path in {*before.blobs, *after, *head.blobs, *base}
    )


def _base(landing: Landing, before: Step, steps: Mapping[Sha, Step]) -> Blobs | None:
    """What the change was made upon: of several commits the one nearest to where it was merged."""
    for step in (before, *_trunk(before.sha, steps)):
        if step.sha in landing.outside:
            return step.blobs
    known = [steps[sha] for sha in landing.outside if sha in steps]
    return known[0].blobs if len(landing.outside) == len(known) == 1 else None
