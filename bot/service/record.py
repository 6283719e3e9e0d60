"""What of a decision goes into the ledger: everything it rests on, by account ids, without names, mailboxes or texts.

The chain can then be kept for ever and proven, while names are kept apart and can be forgotten.
"""

from collections.abc import Mapping
from typing import Any

PLAIN = ("verdict", "class", "author_tier", "zones", "head", "mode", "guarded", "policy_digest", "roster_digest")
FINDING = ("key", "detector", "tool", "class", "strength", "commit")


def of_decision(record: Mapping[str, Any]) -> dict[str, Any]:
    """The ledger's part of `gate.as_record`."""
    override = record["override"]
    return {
        **{name: record[name] for name in PLAIN},
        "evidence": [{name: each[name] for name in FINDING} for each in record["evidence"]],
        "contributors": [
            {"account": each["id"], "tier": each["tier"], "roles": each["roles"], "known": each["known"]}
            for each in record["contributors"]
        ],
        "requirements": [_requirement(each) for each in record["requirements"]],
        "discounted": [
            {"account": each["id"], "review": each["review"], "reason": each["reason"]} for each in record["discounted"]
        ],
        "objections": [{"account": each["id"], "review": each["review"]} for each in record["objections"]],
        "overridden_until": override and override["expires_at"],
    }


def _requirement(each: Mapping[str, Any]) -> dict[str, Any]:
    counted = [
        {"account": one["id"], "review": one["review"], "carried_from": one["carried_from"]} for one in each["counted"]
    ]
    return {
        "name": each["name"],
        "met": each["met"],
        "needed": each["needed"],
        "tier": each["tier"],
        "counted": counted,
        "missing": each["missing"],
    }
