"""What each reader of a check can do now: the author, those who can sign, and everybody else; each in one line.

It names who can sign, never why somebody else cannot.
"""

from collections.abc import Iterator

from bot.gate.escape import code
from bot.model.change import Account, AccountKind, Change
from bot.model.decision import Decision, Verdict
from bot.model.policy import Mode

_ASKED = 8
_RECHECK = "the comment `/signoff recheck` has it looked at again"
_UNKNOWN = {
    "no_commits": "**The author**: push a commit.",
    "no_requirements": "**Whoever keeps the rules**: add a requirement; every open change is then decided anew.",
    "empty_roster": "**Whoever keeps the roster**: add the people; every open change is then decided anew.",
    "bad_catalogue": "**Whoever keeps the rules**: run `signoff rules check` and mend what it tells.",
}


def steps(decision: Decision, change: Change, *, mend: bool) -> Iterator[str]:
    """The lines, as Markdown. `mend` tells that the change proposes rules that cannot be used."""
    if mend:
        yield "**The author**: mend what is wrong with the proposal, as told above, and push."
    if decision.verdict is Verdict.UNKNOWN:
        yield from _unknown(decision)
    elif decision.verdict is Verdict.ALLOW:
        yield from _allowed(decision, mend=mend)
    elif not decision.guarded:
        yield (
            f"{_author(change)} retarget the change to a guarded branch; it is then decided for that branch. "
            "Into this one it merges only where nothing requires this check."
        )
    else:
        yield from _held(decision, change)


def _unknown(decision: Decision) -> Iterator[str]:
    found = [_UNKNOWN[each.code] for each in decision.reasons if each.code in _UNKNOWN]
    yield from found
    if not found:
        yield f"**Nobody** has to do anything: it is read again by itself, and {_RECHECK} now."
    yield "**If it stays so**: tell those who run the bot."


def _allowed(decision: Decision, *, mend: bool) -> Iterator[str]:
    if decision.override is not None:
        yield (
            "**Who can sign, and did not override it**: look at the change, and comment "
            "`/signoff follow-up close <note>`. The override stays listed until then."
        )
        yield "**The author**: merge it before the override ends. A new commit or another base is decided anew."
    elif not mend:
        yield "**Nothing needs to be done.** A new commit or another base is decided anew."


def _held(decision: Decision, change: Change) -> Iterator[str]:
    if decision.needs_answer:
        yield f"{_author(change)} comment `/signoff ai` or `/signoff no-ai`, on a line of its own."
    else:
        yield f"{_author(change)} {_for_the_author(decision)}"
        yield from _for_signers(decision)
    if decision.mode is not Mode.OBSERVE:
        yield (
            "**In an emergency**: whoever the rules entitle comments `/signoff override <reason>`, which lets this one "
            "commit pass for a while, is announced, and stays open until somebody else has looked."
        )
    yield f"**Everybody else**: nothing to do here; {_RECHECK}."


def _author(change: Change) -> str:
    """Whom the step of the author is for: of a bot's change whoever set it to work, since a bot asks nobody."""
    if change.author.kind is AccountKind.BOT:
        operator = f", {who(change.operator)}" if change.operator is not None else ""
        return f"**Whoever set {who(change.author)} to work**{operator}:"
    return f"**The author**, {who(change.author)}:" if change.author.login else "**The author**:"


def _for_the_author(decision: Decision) -> str:
    if decision.objections:
        names = among([who(each.reviewer, each.person) for each in decision.objections], "and")
        return f"settle what {names} asked for, push, and ask for another review."
    now, later = _askable_now(decision)
    ask = "ask those who keep the roster who can review this"
    if now or later:
        ask = f"ask {among(now or later, 'or')} for a review"
    return f"{ask}. Every push is looked at anew, and a sign-off by somebody who shaped the change does not count."


def _for_signers(decision: Decision) -> Iterator[str]:
    """What the people who can sign do, and how a finding that is wrong is taken back."""
    if decision.objections:
        names = among([who(each.reviewer, each.person) for each in decision.objections], "and")
        yield f"**Who asked for changes**, {names}: approve once it is settled; nobody else's approval replaces yours."
    now, later = _askable_now(decision)
    if now:
        yield (
            f"**Who can sign**, {among(now, 'or')}: review the change at {code(decision.head[:12])} and approve it, "
            "or ask for changes."
        )
    if later:
        yield f"**Named by a mailbox only**, {among(later, 'or')}: comment `/signoff not-mine` first, then review."
    if decision.evidence:
        first = decision.evidence[0].short
        more = "; the eight digits of each stand behind it below" * (len(decision.evidence) > 1)
        yield f"**A finding is wrong?** Who can sign comments `/signoff clear {first} <reason>`{more}."


def _askable_now(decision: Decision) -> tuple[list[str], list[str]]:
    """Who is asked now over all that is open, and who could be after `/signoff not-mine`; as code."""
    open_ones = [each for each in decision.requirements if not each.met]
    now = dict.fromkeys(code(one.login, 60) for each in open_ones for one in each.able)
    later = dict.fromkeys(code(one.login, 60) for each in open_ones for one in each.able_later)
    return list(now), [each for each in later if each not in now]


def among(names: list[str], joint: str, most: int = _ASKED) -> str:
    """The names in a sentence, no more than a reader takes in, and how many more there are."""
    shown = names[:most] + ([f"{len(names) - most} more"] if len(names) > most else [])
    return f" {joint} ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def who(account: Account, otherwise: str = "somebody unknown") -> str:
    """An account by its login, else by its number, as code."""
    return code(account.login or (f"account {account.id}" if account.id is not None else otherwise), 60)
