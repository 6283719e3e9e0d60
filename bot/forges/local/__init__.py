"""Reads a local git repository through the git command: commits, a range as a change, git-ai notes.

The clone may be hostile: nothing in its configuration, hooks, attributes or refs is executed or believed (git.py).
"""

from bot.forges.local.change import SHALLOW, Range, local_change
from bot.forges.local.git import Git
from bot.forges.local.objects import commits, count, notes
from bot.forges.local.outgoing import Outgoing, change_of, outgoing
from bot.forges.local.pushed import Piece, Pushed, Update, updates

__all__ = [
    "SHALLOW",
    "Git",
    "Outgoing",
    "Piece",
    "Pushed",
    "Range",
    "Update",
    "change_of",
    "commits",
    "count",
    "local_change",
    "notes",
    "outgoing",
    "updates",
]
