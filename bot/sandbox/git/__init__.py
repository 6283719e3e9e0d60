"""Git as forges use it: objects with true ids, history, differences and merges, all in memory.

Nothing here knows of a forge, of a working tree, or of git's files on disk; nothing starts a process.
"""

from bot.sandbox.git.diff import FileChange, changes, patch_text
from bot.sandbox.git.edit import BadEdit, applied
from bot.sandbox.git.history import ancestors, is_ancestor, merge_base, range_commits
from bot.sandbox.git.merge import Conflict, merge_trees
from bot.sandbox.git.objects import Commit, Entry, Objects, Signature, Snapshot

__all__ = [
    "BadEdit",
    "Commit",
    "Conflict",
    "Entry",
    "FileChange",
    "Objects",
    "Signature",
    "Snapshot",
    "ancestors",
    "applied",
    "changes",
    "is_ancestor",
    "merge_base",
    "merge_trees",
    "patch_text",
    "range_commits",
]
