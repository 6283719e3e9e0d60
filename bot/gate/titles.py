"""The one line that most people read: how it stands, and the next step.

It says what is needed and who can give it, never a person's tier or absence. At most 120 characters.
"""

from bot.gate.escape import cut, plain
from bot.gate.reasons import unseen
from bot.gate.steps import among
from bot.model.change import Change
from bot.model.decision import Decision, Reason, RequirementResult, Verdict
from bot.model.evidence import AiClass
from bot.model.policy import Mode

LONGEST = 120
_NAMED = 3

_UNKNOWN = {
    "incomplete": "Cannot tell yet: the forge did not show ",
    "unread": "Cannot tell yet: heads that the change left are still to be looked at",
    "no_commits": "Cannot tell: the change has no commits",
    "no_requirements": "Cannot tell: the rules in force have no requirements",
    "empty_roster": "Cannot tell: the roster in force is empty",
    "bad_catalogue": "Cannot tell: the rules in force edit the catalogue of tools wrongly",
}
_NOTHING = {
    AiClass.AUTOMATION: "No sign-off needed: made by automation",
    AiClass.NONE_DISCLOSED: "No sign-off needed: no AI disclosed",
}


def title(decision: Decision, change: Change) -> str:
    """The title of a decision, in observe mode as what would have been."""
    text = _title(decision, change)
    if decision.mode is Mode.OBSERVE and decision.verdict is not Verdict.ALLOW:
        wait = text.removeprefix("Waiting for ")
        text = f"Would wait for {wait}" if wait != text else f"Would wait: {text[0].lower()}{text[1:]}"
    return cut(text, LONGEST)


def _title(decision: Decision, change: Change) -> str:
    if decision.verdict is Verdict.UNKNOWN:
        return next(_unknown(each, change) for each in decision.reasons if each.code in _UNKNOWN)
    if not decision.guarded:
        return f"No sign-off for {plain(change.base, 40)}: it is not a guarded branch, so this stays open"
    if decision.verdict is Verdict.ALLOW:
        return _allowed(decision)
    if decision.objections:
        names = _list([each.reviewer.login or each.person for each in decision.objections], "and")
        return f"Changes requested by {names}: waiting for their approval"
    if decision.needs_answer:
        return "Waiting for the author's answer whether AI took part: /signoff ai or /signoff no-ai"
    return _missing(decision)


def _unknown(reason: Reason, change: Change) -> str:
    return _UNKNOWN[reason.code] + (unseen(change) if reason.code == "incomplete" else "")


def _allowed(decision: Decision) -> str:
    if decision.override is not None:
        until = f"{decision.override.expires_at:%Y-%m-%d %H:%M} UTC"
        return f"Overridden by {plain(decision.override.by, 60)} until {until}"
    if not decision.requirements:
        if _has(decision.reasons, "all_landed"):
            return "No sign-off needed: every commit went through the gate before"
        return _NOTHING.get(decision.ai_class, "No sign-off needed: no rule asks for one")
    signers = {one.reviewer.login or one.person for each in decision.requirements for one in each.counted}
    return f"Signed by {_list(sorted(signers), 'and')}"


def _has(reasons: tuple[Reason, ...], code: str) -> bool:
    return any(each.code == code for each in reasons)


def _missing(decision: Decision) -> str:
    open_ones = [each for each in decision.requirements if not each.met]
    needed = f"Waiting for {shortage(open_ones)}"
    hardest = min(open_ones, key=lambda each: len(each.able))
    now, later = hardest.able, hardest.able_later
    if len(now) >= hardest.missing:
        return f"{needed}: {_list([each.login for each in now], 'or')} can sign"
    if len(now) + len(later) >= hardest.missing:
        at_once = f"{_list([each.login for each in now], 'or')} can sign, " if now else ""
        able = "" if now else " can sign"
        return f"{needed}: {at_once}{_list([each.login for each in later], 'or')}{able} after /signoff not-mine"
    return f"{needed}, but too few in the roster can sign now: ask those who keep it"


def escalated(each: RequirementResult) -> bool:
    """Whether too few people are left who could give what is missing, even after `/signoff not-mine`."""
    return len(each.able) + len(each.able_later) < each.missing


def shortage(open_ones: list[RequirementResult]) -> str:
    """What is missing over all requirements: one approval may serve several, so per tier only the largest number."""
    largest: dict[str, int] = {}
    for each in open_ones:
        largest[each.need.tier] = max(largest.get(each.need.tier, 0), each.missing)
    return " and ".join(f"{number} {plain(tier, 30)}{_plural(tier, number)}" for tier, number in largest.items())


def _plural(tier: str, number: int) -> str:
    return "" if number == 1 or not tier.isalpha() or tier.endswith(("s", "ff")) else "s"


def _list(names: list[str], joint: str) -> str:
    """Up to three names and how many more."""
    return among([plain(each, 40) for each in names], joint, _NAMED)
