"""Memory: what does not go away when somebody takes it away, and what people said on the record.

Evidence is remembered by change, by commit, by branch and author, and by file content. Nothing here judges it, and
nothing removes it: a clearance is a record of its own. Only the quotes on changes closed long ago are erased.
"""

from bot.store.memory.contents import Unread, alike, fulfil, outside, promise
from bot.store.memory.evidence import erase_before, remember
from bot.store.memory.landed import landed, landed_add
from bot.store.memory.recall import recall, resembles
from bot.store.memory.said import (
    answered,
    clear,
    declare,
    name,
    named,
    not_mine,
    objection,
    override,
    said,
    was_answered,
    was_named,
)

__all__ = [
    "Unread",
    "alike",
    "answered",
    "clear",
    "declare",
    "erase_before",
    "fulfil",
    "landed",
    "landed_add",
    "name",
    "named",
    "not_mine",
    "objection",
    "outside",
    "override",
    "promise",
    "recall",
    "remember",
    "resembles",
    "said",
    "was_answered",
    "was_named",
]
