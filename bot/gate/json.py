"""A decision as plain data: the answer of `signoff decide`, and the fuller record for ledger and page.

Both hold nothing but texts, numbers, booleans, None, lists and mappings of texts.
"""

from datetime import datetime
from typing import Any

from bot.model.change import Account
from bot.model.decision import Contributor, Decision, Reason, RequirementResult


def as_json(decision: Decision) -> dict[str, Any]:
    """The decision as `signoff decide` prints it and case files expect it; docs/rules.md, "Trying rules on a case"."""
    return {
        "verdict": decision.verdict.value,
        "class": decision.ai_class.value,
        "author_tier": decision.author_tier,
        "zones": list(decision.zones),
        "evidence": [each.facts for each in decision.evidence],
        "requirements": [
            {
                "name": each.name,
                "met": each.met,
                "needed": each.need.approvals,
                "counted": [_name(one.reviewer) for one in each.counted],
                "missing": each.missing,
            }
            for each in decision.requirements
        ],
        "discounted": [{"reviewer": _name(each.reviewer), "reason": each.reason.value} for each in decision.discounted],
        "title": decision.title,
    }


def as_record(decision: Decision) -> dict[str, Any]:
    """Everything in the decision, for the ledger and the page."""
    override = decision.override
    return {
        **as_json(decision),
        "head": decision.head,
        "mode": decision.mode.value,
        "guarded": decision.guarded,
        "evidence": [{**each.facts, "commit": each.commit, "key": each.key} for each in decision.evidence],
        "requirements": [_requirement(each) for each in decision.requirements],
        "discounted": [
            {**_account(each.reviewer), "review": each.review, "reason": each.reason.value}
            | ({} if each.requirement is None else {"requirement": each.requirement})
            for each in decision.discounted
        ],
        "contributors": [_contributor(each) for each in decision.contributors],
        "objections": [
            {**_account(each.reviewer), "person": each.person, "review": each.review} for each in decision.objections
        ],
        "override": None
        if override is None
        else {"by": override.by, "reason": override.reason, "expires_at": _time(override.expires_at)},
        "needs_answer": decision.needs_answer,
        "reasons": [_reason(each) for each in decision.reasons],
        "recheck_at": _time(decision.recheck_at),
        "involved": list(decision.involved),
        "policy_digest": decision.policy_digest,
        "roster_digest": decision.roster_digest,
    }


def _requirement(each: RequirementResult) -> dict[str, Any]:
    return {
        "name": each.name,
        "met": each.met,
        "needed": each.need.approvals,
        "tier": each.need.tier,
        "zone_owner": each.need.zone_owner,
        "distinct_teams": each.need.distinct_teams,
        "counted": [
            {**_account(one.reviewer), "person": one.person, "review": one.review, "carried_from": one.carried_from}
            for one in each.counted
        ],
        "missing": each.missing,
        "candidates": [
            {
                "login": one.login,
                "id": one.id,
                "name": one.name,
                "away": one.away,
                "may_after_not_mine": one.may_after_not_mine,
            }
            for one in each.candidates
        ],
    }


def _contributor(each: Contributor) -> dict[str, Any]:
    return {
        **_account(each.account or Account(None, None)),
        "person": each.person,
        "tier": each.tier,
        "roles": list(each.roles),
        "known": each.known,
        "mailbox_only": each.mailbox_only,
        "mailbox": each.mailbox,
    }


def _account(account: Account) -> dict[str, Any]:
    return {"login": account.login, "id": account.id}


def _name(account: Account) -> str:
    """The login, else the id, else empty for somebody who cannot be told."""
    return account.login or ("" if account.id is None else str(account.id))


def _reason(each: Reason) -> dict[str, Any]:
    return {
        "code": each.code,
        "text": each.text,
        "passes": each.passes,
        "because": [_reason(one) for one in each.because],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
