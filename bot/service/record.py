"""What of a decision goes into the ledger: everything it rests on, by account ids, without names, mailboxes or texts.

The chain can then be kept for ever and proven, while names are kept apart and can be forgotten.
"""

from collections.abc import Mapping
from typing import Any

from bot.model.ids import PatchId, Sha

PLAIN = ("verdict", "class", "author_tier", "zones", "head", "mode", "guarded", "policy_digest", "roster_digest")
FINDING = ("key", "detector", "tool", "class", "strength", "commit")


def of_decision(record: Mapping[str, Any], patches: Mapping[Sha, PatchId] | None = None) -> dict[str, Any]:
    """The ledger's part of `gate.as_record`. `patches` are the patch identities of the heads that were compared; of
    another head none is told with an approval.
    """
    known = {"head": record["head"], "patches": patches or {}}
    override = record["override"]
    return {
        **{name: record[name] for name in PLAIN},
        "evidence": [{name: each[name] for name in FINDING} for each in record["evidence"]],
        "contributors": [
            {"account": each["id"], "tier": each["tier"], "roles": each["roles"], "known": each["known"]}
            for each in record["contributors"]
        ],
        "requirements": [_requirement(each, **known) for each in record["requirements"]],
        "discounted": [
            {"account": each["id"], "review": each["review"], "reason": each["reason"]} for each in record["discounted"]
        ],
        "objections": [{"account": each["id"], "review": each["review"]} for each in record["objections"]],
        "overridden_until": override and override["expires_at"],
    }


def _requirement(each: Mapping[str, Any], head: str, patches: Mapping[Sha, PatchId]) -> dict[str, Any]:
    """With each approval, the head that it was given for, and what that head added to its base."""
    counted = []
    for one in each["counted"]:
        given_for = one["carried_from"] or head
        said = {"account": one["id"], "review": one["review"], "carried_from": one["carried_from"]}
        counted.append(said | {"head": given_for, "patch": patches.get(Sha(given_for))})
    return {
        "name": each["name"],
        "met": each["met"],
        "needed": each["needed"],
        "tier": each["tier"],
        "counted": counted,
        "missing": each["missing"],
    }
