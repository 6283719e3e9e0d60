"""The text of the check: at a glance how it stands, below everything a reader needs to get on.

It says what is needed, who counted and who can sign, never a person's tier or absence. Everything that others wrote
stands in it as code, so that it makes no link, pings nobody and hides nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, chain, repeat

from bot.gate import proposed, steps, titles
from bot.gate.contributors import COMMITTED, PUSHED
from bot.gate.escape import code, cut, plain
from bot.gate.json import as_record
from bot.gate.proposed import Proposed
from bot.gate.reasons import CLASSES, DISCOUNTS, PUSHING, quoted
from bot.gate.steps import who
from bot.gate.together import Other, holder, refuses
from bot.model.change import Account, Change
from bot.model.decision import Contributor, Decision, Discount, DiscountedApproval, Reason, RequirementResult, Verdict
from bot.model.policy import Mode

LONGEST = 65_535
_SHOWN = 20
_WIDEST = 120


class State(StrEnum):
    """How the check stands. Only `passed` lets a change merge."""

    WAITING = "waiting"
    PASSED = "passed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CheckText:
    """What a check says. `title` is one line of at most 120 characters, `summary` Markdown of at most 65,535 bytes."""

    title: str
    summary: str
    state: State

    def witnessed(self, ledger_head: str) -> "CheckText":
        """The same with the ledger's newest hash at its end, for which there is room."""
        return replace(self, summary=f"{self.summary.removesuffix('.')}{_ledger(ledger_head)}.")


def check_text(
    decision: Decision,
    change: Change,
    *,
    page: str | None = None,
    others: Iterable[Other] = (),
    proposals: tuple[Proposed, ...] = (),
) -> CheckText:
    """The check for a change. `page` links to the whole decision, `others` are the open changes with the same head: a
    worse one among them holds this one too. `proposals` are the rules that the change would make; where nothing is
    kept from merging, broken ones are told and hold nothing.
    """
    holding = holder(decision.verdict, others)
    title = decision.title
    if holding is not None:
        title = cut(f"Held by {plain(holding.name, 60)}, which has the same commit: {holding.title}", titles.LONGEST)
    title = proposed.title(proposals, title, titles.LONGEST)
    mend = proposed.broken(proposals)
    blocks = [*_held(holding), *proposed.lines(proposals), *_summary(decision, change, mend=mend)]
    stands = state(decision, holding)
    if stands is State.PASSED and decision.mode is not Mode.OBSERVE and mend:
        stands = State.WAITING
    return CheckText(title, _fit(blocks, list(_footer(decision, page))), stands)


def state(decision: Decision, holding: Other | None = None) -> State:
    """Passed for allow, and in observe mode, which keeps nothing from merging; refused for an objection; else open."""
    if decision.mode is Mode.OBSERVE:
        return State.PASSED
    if holding is not None:
        return State.REFUSED if holding.refused else State.WAITING
    if decision.verdict is Verdict.ALLOW and decision.mode is Mode.ENFORCE and decision.guarded:
        return State.PASSED
    return State.REFUSED if refuses(decision) else State.WAITING


def _held(holding: Other | None) -> Iterator[str]:
    if holding is not None:
        yield f"The same commit is the head of {code(holding.name)}, and a check belongs to the commit. "
        yield f"That change stands like this: {code(holding.title)}"
        yield ""


def _summary(decision: Decision, change: Change, *, mend: bool) -> Iterator[str]:
    if decision.mode is Mode.OBSERVE:
        yield "This repository is observed: nothing is kept from merging. Enforced, it would stand as below."
        yield ""
    for each in decision.reasons:
        if each.passes is False and each.code in _ALARMS:
            yield f"**{_ALARMS[each.code] or f'{each.text[0].upper()}{each.text[1:]}.'}**"
            yield ""
    yield from _section(
        "What you can do now", list(steps.steps(steps.standing(as_record(decision), change.author), mend=mend))
    )
    yield from _found(decision, change)
    yield from _section("Where", list(_where(decision.reasons)))
    needed = zip(decision.requirements, chain(_why(decision.reasons), repeat("")), strict=False)
    yield from _section("What is needed", [line for each, why in needed for line in _requirement(each, why)])
    against = [
        f"{who(each.reviewer, each.person)} asked for changes (review {each.review})" for each in decision.objections
    ]
    yield from _section("Changes requested", against)
    uncounted = [f"{who(each.reviewer)}: {_uncounted(each, decision)}" for each in decision.discounted]
    yield from _section("Approvals that do not count", uncounted)
    yield from _section("Also on the record", [code(each.text) for each in decision.reasons if each.code in _NOTES])


_ALARMS = {
    "incomplete": "",  # the reason itself says what
    "unread": "",  # and this one how many
    "no_commits": "The change has no commits that could be looked at.",
    "no_requirements": "The rules in force have no requirements. Whoever keeps the rules must add one.",
    "empty_roster": "The roster in force is empty. Whoever keeps the roster must add the people who may sign.",
    "bad_catalogue": "The rules in force edit the catalogue of tools in a way that does not fit it.",
    "unguarded": "The base branch is not guarded: there is never a success here, since a retarget would take it along.",
}
_NOTES = frozenset({
    *("cleared", "clearance_refused", "clearance_of_nothing", "declared_no_ai", "contradiction", "answer_by_another"),
    *("override", "override_other_head", "override_before_move", "override_not_entitled"),
    *("override_without_reason", "override_not_yet", "override_expired"),
})  # fmt: skip


def _uncounted(each: DiscountedApproval, decision: Decision) -> str:
    """Why an approval does not count; of whoever only pushed, when a push would have been excused."""
    roles = {role for one in decision.contributors if _is_of(one, each.reviewer) for role in one.roles}
    if each.reason is Discount.CONTRIBUTOR and PUSHED in roles and roles <= {PUSHED, COMMITTED}:
        return f"{DISCOUNTS[each.reason]}; {PUSHING}"
    if each.requirement is not None:
        return f"it counts, but not for all that {code(each.requirement)} asks: {DISCOUNTS[each.reason]}"
    return DISCOUNTS[each.reason]


def _is_of(one: Contributor, reviewer: Account) -> bool:
    return one.account is not None and one.account.id is not None and one.account.id == reviewer.id


def _section(heading: str, lines: list[str]) -> Iterator[str]:
    """A heading and its lines, or nothing; no more lines than a reader takes in."""
    if not lines:
        return
    yield f"### {heading}"
    yield ""
    yield from (line if line.startswith("  ") else f"- {line}" for line in lines[:_SHOWN])
    if len(lines) > _SHOWN:
        yield f"- … and {len(lines) - _SHOWN} more, which are not shown here"
    yield ""


def _found(decision: Decision, change: Change) -> Iterator[str]:
    landed = next((each.text for each in decision.reasons if each.code == "all_landed"), None)
    told = landed or CLASSES[decision.ai_class]
    yield "### What was found"
    yield ""
    yield f"{told[0].upper()}{told[1:]} (`{decision.ai_class.value}`)."
    if decision.evidence:
        yield ""
    here = {each.sha for each in change.commits}
    for each in decision.evidence[:_SHOWN]:
        tool = f"{code(each.tool, 60)}, " if each.tool else ""
        gone = ", in the change no more, and remembered" * (each.commit is not None and each.commit not in here)
        quote = f": {code(quoted(each), _WIDEST)}" if each.quote else ""
        yield f"- {each.strength.word}, {tool}{code(each.where, _WIDEST)}{quote} (`{each.short}`){gone}"
    if len(decision.evidence) > _SHOWN:
        yield f"- … and {len(decision.evidence) - _SHOWN} more findings, which are not shown here"
    yield ""


def _where(reasons: tuple[Reason, ...]) -> Iterator[str]:
    """The zones and why the change is in them; those with the same reason in one line."""
    found: dict[str, list[str]] = {}
    for each in reasons:
        if each.code == "zone":
            name, _, why = each.text.partition(": ")
            found.setdefault(why, []).append(code(name, 60))
    for why, names in found.items():
        yield f"{', '.join(names[:_SHOWN])}{' and more' * (len(names) > _SHOWN)}: {code(why, _WIDEST)}"


def _why(reasons: tuple[Reason, ...]) -> Iterator[str]:
    """Why each requirement asks, in their order."""
    for each in reasons:
        if each.code == "requirement":
            yield from (one.text for one in each.because if one.code == "asked")


def _requirement(each: RequirementResult, why: str) -> Iterator[str]:
    need = each.need
    text = f"{need.approvals} approval{'s' * (need.approvals != 1)} of at least {code(need.tier, 40)}"
    text += " by people who own the zone" * need.zone_owner
    if need.distinct_teams:
        text += f", from at least {need.distinct_teams} different team{'s' * (need.distinct_teams != 1)}"
    yield f"{'Met' if each.met else 'Open'}: {code(each.name)}: {text}{f'; {code(why, _WIDEST)}' * bool(why)}"
    for one in each.counted:
        head = one.carried_from
        carried = "" if head is None else f", given for {code(head[:12])} and carried over: the patch is the same"
        yield f"  - counted: {who(one.reviewer, one.person)}{carried}"
    if not each.met:
        yield f"  - missing: {each.missing}; {_askable(each)}"


def _askable(each: RequirementResult) -> str:
    now = [code(one.login, 60) for one in each.able]
    later = [code(one.login, 60) for one in each.able_later]
    parts = [f"can sign: {', '.join(now[:_SHOWN])}"] if now else []
    if later:
        parts.append(f"can sign after saying `/signoff not-mine`: {', '.join(later[:_SHOWN])}")
    if titles.escalated(each):
        parts.append("too few people in the roster can sign this now: ask those who keep the roster")
    return "; ".join(parts)


def _footer(decision: Decision, page: str | None) -> Iterator[str]:
    if page:
        yield f"[Every reason for this decision](<{page}>)"
        yield ""
    rules = f"rules {code(decision.policy_digest, 80)}" if decision.policy_digest else "rules without a digest"
    yield f"Decided for commit {code(decision.head, 80)} by {rules}."


def _ledger(head: str) -> str:
    return f", ledger {code(head, 80)}"


_WITNESS = re.compile(r"^Decided for commit `[0-9a-f]{40,64}` by [^\n]*, ledger `([0-9a-f]{64})`\.\s*\Z", re.MULTILINE)


def witness(summary: str | None) -> str | None:
    """The ledger's head that a published summary carries at its end, None where it has none: what `witnessed` wrote."""
    found = _WITNESS.search(summary or "")
    return None if found is None else found[1]


def _fit(lines: list[str], footer: list[str]) -> str:
    """The lines and the footer; where they are too long, as many whole lines as fit, and it says so. Room is left for
    the ledger's hash.
    """
    longest = LONGEST - len(_ledger("0" * 64))
    end = "\n".join(["", *footer])
    text = "\n".join(lines).rstrip() + "\n" + end
    if len(text.encode("utf-8", "replace")) <= longest:
        return text
    note = "\n\n**This text was cut: it was too long for the forge.**\n"
    room = longest - len((note + end).encode("utf-8", "replace"))
    sizes = accumulate(len(line.encode("utf-8", "replace")) + 1 for line in lines)
    kept = [line for line, size in zip(lines, sizes, strict=True) if size <= room]
    return "\n".join(kept).rstrip() + note + end
