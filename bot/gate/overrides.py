"""Break-glass: an override that lets one head pass for a while.

A record is not enough. Each time it is looked at whether the person may override now and is no contributor, whether
it is for this head and was said since the change came to stand there, its reason long enough, and whether it has
expired by the time handed in. The forge dates it, and its clock may be a little ahead of ours; what is dated later
than that holds from then on, and not before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.gate.entitled import Bench
from bot.gate.escape import length
from bot.gate.people import Standing, rank_needed
from bot.model.change import Account
from bot.model.decision import OverrideInForce, Reason
from bot.model.ids import AccountId
from bot.model.memory import Override

AHEAD = timedelta(hours=1)
"""How far the forge's clock may be ahead of ours: a clock that is off must not make an emergency's override useless.
The doctor tells of less.
"""
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Overridden:
    """The override in force, if there is one, why others are not, and when that changes by itself."""

    in_force: OverrideInForce | None
    reasons: tuple[Reason, ...]
    moments: tuple[datetime, ...]


def may_override(bench: Bench, account: AccountId, login: str | None = None) -> Standing | None:
    """What the roster gives this account, if it may override here."""
    tier = bench.matter.policy.override.tier
    if tier is None:
        return None
    standing = bench.free(Account(login, account))
    return standing if standing is not None and standing.rank >= rank_needed(bench.matter.policy, tier) else None


def long_enough(bench: Bench, reason: str) -> bool:
    """Whether a reason has the characters that are asked for. What cannot be seen is none, and white space is one."""
    return length(reason) >= bench.matter.policy.override.reason_length


def begins(bench: Bench, override: Override) -> datetime | None:
    """When an override begins to hold, None if it has begun: one that is dated ahead of our clock is not yet said."""
    return override.at - AHEAD if override.at - bench.matter.now > AHEAD else None


def ends(bench: Bench, override: Override) -> datetime:
    """When an override ceases to hold."""
    try:
        return override.at + bench.matter.policy.override.expires
    except OverflowError:
        return _FOREVER


def overridden(bench: Bench) -> Overridden:
    """Look at every record; the one that ends last is in force."""
    found, reasons, moments = [], [], []
    for each in sorted(set(bench.matter.memory.overrides), key=lambda each: (each.at, each.by, each.head, each.reason)):
        refusal = _refusal(bench, each)
        if refusal is not None:
            reasons.append(refusal)
            start = begins(bench, each)
            moments += [] if start is None else [start]
            continue
        moments.append(ends(bench, each))
        found.append(OverrideInForce(_called(bench, each.by), each.reason, ends(bench, each)))
    in_force = max(found, key=lambda each: (each.expires_at, each.by, each.reason), default=None)
    return Overridden(in_force, tuple(dict.fromkeys(reasons)), tuple(moments))


def _called(bench: Bench, account: AccountId) -> str:
    """The account's login as the roster has it, as in every other line; of a team's member the number."""
    standing, forge = bench.people.standing(account), bench.matter.change.forge
    if standing is None or standing.person is None:
        return f"account {account}"
    return next(one.login for one in standing.person.accounts if one.forge == forge and one.id == account)


def _refusal(bench: Bench, override: Override) -> Reason | None:
    if override.head != bench.matter.change.head.sha:
        return Reason("override_other_head", "an override was given for another head and does not hold for this one")
    if override.at <= bench.matter.change.head.moved_at:
        text = "an override was given before the change came to stand on this commit and base and does not hold for it"
        return Reason("override_before_move", text)
    if may_override(bench, override.by) is None:
        text = "an override by somebody who may not override this change is without effect"
        return Reason("override_not_entitled", text)
    if not long_enough(bench, override.reason):
        return Reason("override_without_reason", "an override with too short a reason is without effect")
    if begins(bench, override) is not None:
        text = f"an override is dated {override.at:%Y-%m-%d %H:%M} UTC, which is still to come, and does not hold yet"
        return Reason("override_not_yet", text)
    if ends(bench, override) <= bench.matter.now:
        return Reason("override_expired", "an override has expired")
    return None
