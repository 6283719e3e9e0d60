"""What of a decision the queue and the figures are made of: how pressing, how large, since when, and who is asked."""

from datetime import datetime
from typing import Any

from bot.model.change import Change
from bot.model.decision import Decision, Verdict
from bot.model.policy import Mode
from bot.store import ChangeRow


def columns(change: Change, found: Decision, before: ChangeRow | None, now: datetime) -> dict[str, Any]:
    """The fields of a `ChangeRow` that only lists and figures need; `before` is the row as it was."""
    held = found.verdict is Verdict.HOLD and found.guarded  # else nobody is asked, and nothing is kept from merging
    signed = before is not None and before.waiting_since is not None and _signed(found)
    waited = (now - before.waiting_since).total_seconds() if before is not None and before.waiting_since else 0
    return {
        "urgency": urgency(found),
        "files": len(change.files),
        "additions": sum(each.additions for each in change.files),
        "deletions": sum(each.deletions for each in change.files),
        "tools": ", ".join(dict.fromkeys(each.tool for each in found.evidence if each.tool)),
        "zones": ", ".join(found.zones),
        "first_at": now if before is None or before.first_at is None else before.first_at,
        "held_at": before.held_at if before is not None and before.held_at is not None else (now if held else None),
        "held_head": before.held_head if before is not None and before.held_head else (found.head if held else None),
        "signed_at": now if signed else before and before.signed_at,
        "signed_seconds": int(waited) if signed else before and before.signed_seconds,
    }


def urgency(found: Decision) -> int:
    """0 for what waits for nobody; else the lower, the more approvals the rules ask for.

    What is only observed comes after all that is kept from merging, and nobody signs for a branch that is not guarded.
    """
    if not _waits(found):
        return 0
    if found.mode is Mode.OBSERVE:
        return -1
    return -1 - max((each.need.approvals for each in found.requirements), default=0)


def asked(found: Decision) -> tuple[str, ...]:
    """Who is asked: accounts by their numbers, teams by their names; not who is away."""
    if not _waits(found):
        return ()
    open_ones = (one for each in found.requirements if not each.met for one in each.candidates if not one.away)
    return tuple(dict.fromkeys(one.login if one.id is None else str(one.id) for one in open_ones))


def _waits(found: Decision) -> bool:
    return found.verdict is Verdict.UNKNOWN or (found.verdict is Verdict.HOLD and found.guarded)


def _signed(found: Decision) -> bool:
    """Whether people signed it: neither an override nor that nothing was asked any more."""
    return (
        found.verdict is Verdict.ALLOW and found.override is None and any(each.counted for each in found.requirements)
    )
