"""The decision: a change, what was found and what is remembered, the rules, the roster and the time to a verdict.

Pure and total: the same inputs give the same decision, whatever the order in which reviews and deliveries came, and
no value of the model makes it fail. It allows only what it can tell is allowed: what was not read to the end, or
rules and a roster that ask nobody, are `unknown`, never `allow`.
"""

from dataclasses import replace
from datetime import datetime

from bot import detect
from bot.gate import approvals, contributors, declared, findings, overrides, reasons, recheck, titles
from bot.gate.covered import is_guarded, mode_of
from bot.gate.declared import Declared
from bot.gate.matter import Matter, matter
from bot.gate.overrides import Overridden
from bot.gate.people import People, Standing
from bot.gate.weigh import Outcome, Scene, discounted, weigh, with_candidates
from bot.gate.zones import zones
from bot.model.change import Account, Change
from bot.model.decision import Decision, Reason, Verdict
from bot.model.evidence import Evidence
from bot.model.ids import AccountId
from bot.model.memory import Memory
from bot.model.policy import Policy, Undeclared
from bot.model.roster import Roster


def decide(  # noqa: PLR0913, PLR0917 - everything a decision rests on is handed in, and this is all of it
    change: Change, evidence: tuple[Evidence, ...], memory: Memory, policy: Policy, roster: Roster, now: datetime
) -> Decision:
    """Decide one change at one head. `evidence` is what was found now; `memory` holds what was found before."""
    case = matter(change, evidence, memory, policy, roster, now)
    said = declared.declared(case)
    found = answered(case, said)
    scene = set_scene(case, found)
    cleared = findings.clear(case, found, may_clear(scene, found))
    left = _with_silence(scene, cleared.left, said)
    outcome = weigh(scene, left)
    ask = _asks(scene, outcome, said)
    broken = overrides.overridden(outcome.bench)
    blocked = reasons.cannot_tell(case)
    guarded = is_guarded(policy, change.base, change.default_branch)
    tree = (
        *blocked,
        *reasons.of_evidence(outcome, cleared),
        *declared.reasons(case, said, counts=outcome.facts.is_ai),
        *reasons.of_outcome(outcome, scene, broken, ask=ask, guarded=guarded),
    )
    involved = recheck.accounts(scene)
    decision = Decision(
        verdict=_verdict(outcome, broken, blocked, ask=ask, guarded=guarded),
        ai_class=outcome.facts.ai_class,
        author_tier=outcome.facts.author_tier,
        zones=tuple(scene.zones),
        evidence=left,
        requirements=with_candidates(outcome, scene),
        discounted=discounted(outcome, scene),
        title="",
        head=change.head.sha,
        mode=mode_of(policy, change.repository),
        guarded=guarded,
        reasons=tree,
        contributors=scene.crew.contributors,
        objections=outcome.objections,
        override=broken.in_force,
        needs_answer=ask,
        recheck_at=recheck.recheck_at(scene, involved, broken.moments),
        involved=involved,
        policy_digest=policy.digest,
        roster_digest=roster.digest,
    )
    return replace(decision, title=titles.title(decision, change))


def answered(case: Matter, said: Declared) -> tuple[Evidence, ...]:
    """All evidence there is, the author's own yes among it."""
    found = findings.merged(case)
    return (
        found
        if case.all_landed or not said.yes
        else findings.in_order({each.key: each for each in (*found, *said.yes)}.values())
    )


def set_scene(case: Matter, evidence: tuple[Evidence, ...]) -> Scene:
    """Who shaped the change, where it is, and who said what about it."""
    people = People(case)
    ai_class = detect.classify(evidence, case.policy.detection.minimum_strength)
    crew = contributors.crew(case, people, ai_class)
    words = approvals.words(case, people)
    given = approvals.approvals(case, people, crew, words)
    return Scene(case, people, crew, zones(case.change, case.policy), words, given, evidence, ai_class)


def may_clear(scene: Scene, evidence: tuple[Evidence, ...]) -> dict[AccountId, Standing]:
    """Those who said that they clear evidence, and may."""
    if not scene.matter.memory.clearances:
        return {}
    bench = weigh(scene, evidence).bench
    said = {each.by: bench.entitled(Account(None, each.by)) for each in scene.matter.memory.clearances}
    return {account: standing for account, standing in said.items() if standing is not None}


def _with_silence(scene: Scene, evidence: tuple[Evidence, ...], said: Declared) -> tuple[Evidence, ...]:
    """The evidence, and the author's silence where the rules take it for a yes."""
    if scene.matter.policy.detection.undeclared is Undeclared.AI and _silent(scene, said):
        return findings.in_order((*evidence, declared.assumed("the author gave no answer, which counts as AI here")))
    return evidence


def _silent(scene: Scene, said: Declared) -> bool:
    return not said.spoke and scene.crew.by_human and not scene.matter.all_landed


def _asks(scene: Scene, outcome: Outcome, said: Declared) -> bool:
    """Whether the author is to answer: they did not, the rules ask, and a yes would change the verdict."""
    if scene.matter.policy.detection.undeclared is not Undeclared.ASK or not _silent(scene, said):
        return False
    yes = declared.assumed("if the author says that AI took part")
    return outcome.passes and not weigh(scene, (*outcome.facts.evidence, yes)).passes


def _verdict(outcome: Outcome, broken: Overridden, blocked: tuple[Reason, ...], *, ask: bool, guarded: bool) -> Verdict:
    if blocked:
        return Verdict.UNKNOWN
    if not guarded:
        return Verdict.HOLD
    if broken.in_force is not None:
        return Verdict.ALLOW
    return Verdict.ALLOW if outcome.passes and not ask else Verdict.HOLD
