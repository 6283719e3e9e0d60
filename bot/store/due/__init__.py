"""The due-set: which changes are to be looked at, each by one worker at a time.

A mark on what is due already adds nothing; a mark during a run causes exactly one further run. A claim is a lease: who
dies loses it, and what it held is due again; who was only paused can change nothing afterwards. A future due time
survives every run before it. What fails too often is parked for somebody to see, never dropped.

It knows nothing of what a run does, and takes every time as an argument.
"""

from bot.store.due.claims import Claim, claim, lapse, release, renew
from bot.store.due.ends import defer, fail, finish
from bot.store.due.marks import mark, mark_at, pause, probe, revive, unpark
from bot.store.due.view import DueStats, Parked, claimable, next_due_at, parked, stats, unsettled

__all__ = [
    "Claim",
    "DueStats",
    "Parked",
    "claim",
    "claimable",
    "defer",
    "fail",
    "finish",
    "lapse",
    "mark",
    "mark_at",
    "next_due_at",
    "parked",
    "pause",
    "probe",
    "release",
    "renew",
    "revive",
    "stats",
    "unpark",
    "unsettled",
]
