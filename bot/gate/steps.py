"""What each reader of a check can do now: the author, those who can sign, and everybody else; each in one line.

They follow from the record of a decision, so that the check and the page say the same, also of one recorded long ago.
It names who can sign, never why somebody else cannot.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.gate.contributors import OPERATOR
from bot.gate.escape import code
from bot.model.change import Account, AccountKind
from bot.model.decision import Verdict
from bot.model.evidence import SHORT_KEY
from bot.model.policy import Mode

_ASKED = 8
_RECHECK = "the comment `/signoff recheck` has it looked at again"
_UNKNOWN = {
    "no_commits": "**The author**: push a commit.",
    "no_requirements": "**Whoever keeps the rules**: add a requirement; every open change is then decided anew.",
    "empty_roster": "**Whoever keeps the roster**: add the people; every open change is then decided anew.",
    "bad_catalogue": "**Whoever keeps the rules**: run `signoff rules check` and mend what it tells.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a change stands, as far as a step depends on it. `objectors`, `able` and `able_later` are names as code,
    `findings` the short keys.
    """

    verdict: Verdict
    mode: Mode
    head: str
    author: Account
    operator: Account | None
    codes: frozenset[str]
    objectors: tuple[str, ...]
    able: tuple[str, ...]
    able_later: tuple[str, ...]
    findings: tuple[str, ...]
    guarded: bool
    overridden: bool
    needs_answer: bool


def standing(record: Mapping[str, Any], author: Account) -> Standing:
    """How the change of an author stands by the record of its decision (`as_record`)."""
    open_ones = [one for each in record["requirements"] if not each["met"] for one in each["candidates"]]
    here = [(code(one["login"], 60), bool(one["may_after_not_mine"])) for one in open_ones if not one["away"]]
    able = dict.fromkeys(name for name, later in here if not later)
    set_to_work = (each for each in record["contributors"] if OPERATOR in each["roles"] and each["id"] is not None)
    return Standing(
        verdict=Verdict(record["verdict"]),
        mode=Mode(record["mode"]),
        head=record["head"],
        author=author,
        operator=next((_account(each) for each in set_to_work), None),
        codes=frozenset(each["code"] for each in record["reasons"]),
        objectors=tuple(who(_account(each), each["person"]) for each in record["objections"]),
        able=tuple(able),
        able_later=tuple(dict.fromkeys(name for name, later in here if later and name not in able)),
        findings=tuple(each["key"][:SHORT_KEY] for each in record["evidence"]),
        guarded=record["guarded"],
        overridden=record["override"] is not None,
        needs_answer=record["needs_answer"],
    )


def _account(named: Mapping[str, Any]) -> Account:
    return Account(named["login"], named["id"])


def steps(now: Standing, *, mend: bool = False) -> Iterator[str]:
    """The lines, as Markdown. `mend` tells that the change proposes rules that cannot be used."""
    if mend:
        yield "**The author**: mend what is wrong with the proposal, as told above, and push."
    if now.verdict is Verdict.UNKNOWN:
        yield from _unknown(now)
    elif now.verdict is Verdict.ALLOW:
        yield from _allowed(now, mend=mend)
    elif not now.guarded:
        yield (
            f"{_author(now)} retarget the change to a guarded branch; it is then decided for that branch. "
            "Into this one it merges only where nothing requires this check."
        )
    else:
        yield from _held(now)


def _unknown(now: Standing) -> Iterator[str]:
    found = [line for each, line in _UNKNOWN.items() if each in now.codes]
    yield from found
    if not found:
        yield f"**Nobody** has to do anything: it is read again by itself, and {_RECHECK} now."
    yield "**If it stays so**: tell those who run the bot."


def _allowed(now: Standing, *, mend: bool) -> Iterator[str]:
    if now.overridden:
        yield (
            "**Who can sign, and did not override it**: look at the change, and comment "
            "`/signoff follow-up close <note>`. The override stays listed until then."
        )
        yield "**The author**: merge it before the override ends. A new commit or another base is decided anew."
    elif not mend:
        yield "**Nothing needs to be done.** A new commit or another base is decided anew."


def _held(now: Standing) -> Iterator[str]:
    if now.needs_answer:
        yield f"{_author(now)} comment `/signoff ai` or `/signoff no-ai`, on a line of its own."
    else:
        yield f"{_author(now)} {_for_the_author(now)}"
        yield from _for_signers(now)
    if now.mode is not Mode.OBSERVE:
        yield (
            "**In an emergency**: whoever the rules entitle comments `/signoff override <reason>`, which lets this one "
            "commit pass for a while, is announced, and stays open until somebody else has looked."
        )
    yield f"**Everybody else**: nothing to do here; {_RECHECK}."


def _author(now: Standing) -> str:
    """Whom the step of the author is for: of a bot's change whoever set it to work, since a bot asks nobody."""
    if now.author.kind is AccountKind.BOT:
        operator = f", {who(now.operator)}" if now.operator is not None else ""
        return f"**Whoever set {who(now.author)} to work**{operator}:"
    return f"**The author**, {who(now.author)}:" if now.author.login else "**The author**:"


def _for_the_author(now: Standing) -> str:
    if now.objectors:
        return f"settle what {among(now.objectors, 'and')} asked for, push, and ask for another review."
    ask = "ask those who keep the roster who can review this"
    if now.able or now.able_later:
        ask = f"ask {among(now.able or now.able_later, 'or')} for a review"
    return f"{ask}. Every push is looked at anew, and a sign-off by somebody who shaped the change does not count."


def _for_signers(now: Standing) -> Iterator[str]:
    """What the people who can sign do, and how a finding that is wrong is taken back."""
    if now.objectors:
        names = among(now.objectors, "and")
        yield f"**Who asked for changes**, {names}: approve once it is settled; nobody else's approval replaces yours."
        yield (
            "**If they cannot any more**: somebody who can sign, and did not shape the change, dismisses their review, "
            "with the reason. Nobody else's dismissal counts."
        )
    if now.able:
        yield (
            f"**Who can sign**, {among(now.able, 'or')}: review the change at {code(now.head[:12])} and approve it, "
            "or ask for changes."
        )
    if now.able_later:
        names = among(now.able_later, "or")
        yield f"**Named by a commit only**, {names}: comment `/signoff not-mine` first, then review."
    if now.findings:
        more = "; every finding below has eight digits of its own" * (len(now.findings) > 1)
        say = f"`/signoff clear {now.findings[0]} <reason>`"
        yield f"**A finding is wrong?** Somebody who can sign comments {say}{more}."


def among(names: Sequence[str], joint: str, most: int = _ASKED) -> str:
    """The names in a sentence, no more than a reader takes in, and how many more there are."""
    shown = [*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])]
    return f" {joint} ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def who(account: Account, otherwise: str = "somebody unknown") -> str:
    """An account by its login, else by its number, as code."""
    return code(account.login or (f"account {account.id}" if account.id is not None else otherwise), 60)
