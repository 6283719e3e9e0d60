"""Sightings: what webhooks showed and no forge can be asked for later, by the forge's clock.

Deliveries come doubled and in any order; what is told here does not depend on it. Nothing here decides what counts.
"""

from bot.store.sightings.arrivals import head, heads, left_at, moved_at
from bot.store.sightings.forgetting import dead_branches, forget_branch, forget_changes, forget_landed, merged_before
from bot.store.sightings.pushes import (
    abandoned,
    abandoned_read,
    before_push,
    has_left,
    push,
    pusher_of,
    pushes,
    unread,
    was_pushed,
)
from bot.store.sightings.reviews import of_change, review

__all__ = [
    "abandoned",
    "abandoned_read",
    "before_push",
    "dead_branches",
    "forget_branch",
    "forget_changes",
    "forget_landed",
    "has_left",
    "head",
    "heads",
    "left_at",
    "merged_before",
    "moved_at",
    "of_change",
    "push",
    "pusher_of",
    "pushes",
    "review",
    "unread",
    "was_pushed",
]
