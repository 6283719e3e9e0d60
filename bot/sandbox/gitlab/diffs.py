"""What a merge request contains: its commits, its files, its patch-id, and whether it merges. Computed from git.

The patch-id is git's own with --verbatim, as Gitaly asks for it: neither line numbers nor commit messages count, white
space does.
"""

import hashlib
from functools import lru_cache

from bot.sandbox import git
from bot.sandbox.gitlab.records import MergeRequest, Version
from bot.sandbox.gitlab.world import World


@lru_cache(maxsize=2048)
def merge_base(objects: git.Objects, one: str, other: str) -> str | None:
    """The best common ancestor."""
    return git.merge_base(objects, one, other)


@lru_cache(maxsize=512)
def between(objects: git.Objects, base: str | None, head: str) -> tuple[git.FileChange, ...]:
    """The files that differ between two commits."""
    return tuple(git.changes(objects, objects.files(base) if base else {}, objects.files(head)))


@lru_cache(maxsize=512)
def commits_between(objects: git.Objects, base: str | None, head: str) -> tuple[str, ...]:
    """The commits of base..head, parents first."""
    return tuple(git.range_commits(objects, base, head))


@lru_cache(maxsize=512)
def _merged_tree(objects: git.Objects, base: str, head: str) -> str | None:
    common = merge_base(objects, base, head)
    before = objects.files(common) if common else {}
    try:
        return objects.write_tree(git.merge_trees(objects, before, objects.files(base), objects.files(head)))
    except git.Conflict:
        return None


def target_tip(world: World, mr: MergeRequest) -> str | None:
    """The commit that it is to be merged into."""
    return world.branch(world.project_of(mr), mr.target_branch)


def latest(world: World, mr: MergeRequest) -> Version:
    """The newest version."""
    return world.versions(mr)[-1]


def files(world: World, mr: MergeRequest) -> tuple[git.FileChange, ...]:
    """Every file that differs, by the newest version."""
    version = latest(world, mr)
    return between(world.objects, version.base_commit_sha, version.head_commit_sha)


def commits(world: World, mr: MergeRequest) -> tuple[str, ...]:
    """The commits of the newest version, parents first."""
    version = latest(world, mr)
    return commits_between(world.objects, version.start_commit_sha, version.head_commit_sha)


def merged_tree(world: World, mr: MergeRequest) -> str | None:
    """The tree of merging it as things stand, or None when that conflicts."""
    tip = target_tip(world, mr)
    return _merged_tree(world.objects, tip, mr.sha) if tip else None


@lru_cache(maxsize=512)
def patch_id(objects: git.Objects, base: str | None, head: str) -> str | None:
    """The id of a difference; None for an empty one."""
    digest = hashlib.sha1(usedforsecurity=False)
    changes = between(objects, base, head)
    for change in changes:
        old, new = change.old, change.new
        patch = git.patch_text(objects, change)
        lines = [line for line in (patch or "").split("\n") if not line.startswith("@@")]
        binary = [old.oid if old else "", new.oid if new else ""] if change.binary else []
        modes = [old.mode if old else "", new.mode if new else ""]
        digest.update("\0".join([change.previous_path or change.path, change.path, *modes, *binary, *lines]).encode())
    return digest.hexdigest() if changes else None
