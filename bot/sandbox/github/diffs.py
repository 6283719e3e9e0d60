"""What a pull request contains: its commits, its files, and whether it merges. Computed from git, never stored.

The difference is that of the head against its merge base with the base branch as it stands; for a merged one, against
the base it was merged into. GitHub's limits on what it tells are applied here.
"""

from functools import lru_cache
from typing import NamedTuple

from bot.sandbox import git
from bot.sandbox.github.records import Issue
from bot.sandbox.github.world import HEADS, World

MOST_FILES = 3000


class Span(NamedTuple):
    """The two ends of a pull request's difference."""

    base: str | None
    head: str


def base_tip(world: World, pull: Issue) -> str:
    """The commit the pull request is compared with; the last one known when the branch is gone."""
    if pull.merged_at:
        return pull.base_sha
    return world.repo_of(pull).refs.get(HEADS + pull.base_ref, pull.base_sha)


def span(world: World, pull: Issue) -> Span:
    """Merge base and head."""
    return Span(_merge_base(world.objects, base_tip(world, pull), pull.head_sha), pull.head_sha)


@lru_cache(maxsize=2048)
def _merge_base(objects: git.Objects, one: str, other: str) -> str | None:
    return git.merge_base(objects, one, other)


@lru_cache(maxsize=512)
def _changes(objects: git.Objects, base: str | None, head: str) -> tuple[git.FileChange, ...]:
    return tuple(git.changes(objects, objects.files(base) if base else {}, objects.files(head)))


@lru_cache(maxsize=512)
def _commits(objects: git.Objects, base: str, head: str) -> tuple[str, ...]:
    return tuple(git.range_commits(objects, base, head))


@lru_cache(maxsize=512)
def _merged_tree(objects: git.Objects, base: str, head: str) -> str | None:
    common = _merge_base(objects, base, head)
    before = objects.files(common) if common else {}
    try:
        return objects.write_tree(git.merge_trees(objects, before, objects.files(base), objects.files(head)))
    except git.Conflict:
        return None


def all_files(world: World, pull: Issue) -> tuple[git.FileChange, ...]:
    """Every file that differs."""
    found = span(world, pull)
    return _changes(world.objects, found.base, found.head)


def files(world: World, pull: Issue) -> tuple[git.FileChange, ...]:
    """The files that GitHub tells of: the first three thousand."""
    return all_files(world, pull)[:MOST_FILES]


def between(world: World, base: str | None, head: str) -> tuple[git.FileChange, ...]:
    """The files that differ between two commits."""
    return _changes(world.objects, base, head)


def commits(world: World, pull: Issue) -> tuple[str, ...]:
    """The commits of the head that the base does not have, parents first."""
    return _commits(world.objects, base_tip(world, pull), pull.head_sha)


def merged_tree(world: World, base: str, head: str) -> str | None:
    """The tree of merging head into base, or None when that conflicts."""
    return _merged_tree(world.objects, base, head)
