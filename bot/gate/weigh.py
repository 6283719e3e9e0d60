"""One reading of the evidence to what it asks for: class, author's tier, requirements, who counted, who objects.

It is done more than once for a change, since two questions are of the form "what if": who may clear evidence (what is
asked before anything is cleared), and whether an author must answer (would a yes change the verdict).
"""

from dataclasses import dataclass, replace

from bot import detect
from bot.gate import approvals as giving
from bot.gate import candidates, facts, objections, requirements
from bot.gate.contributors import Crew
from bot.gate.entitled import Bench
from bot.gate.facts import Facts
from bot.gate.matter import Matter
from bot.gate.people import People, Standing
from bot.gate.zones import Zones
from bot.model.decision import Discount, DiscountedApproval, Objection, RequirementResult
from bot.model.evidence import AiClass, Evidence


@dataclass(frozen=True, slots=True)
class Scene:
    """What does not depend on how the evidence is read. `ai_class` is what all that was found amounts to."""

    matter: Matter
    people: People
    crew: Crew
    zones: Zones
    words: tuple[giving.Word, ...]
    approvals: tuple[giving.Approval, ...]
    found: tuple[Evidence, ...]
    ai_class: AiClass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one reading of the evidence asks for, and what of it is there."""

    facts: Facts
    bench: Bench
    results: tuple[RequirementResult, ...]
    objections: tuple[Objection, ...]

    @property
    def passes(self) -> bool:
        """Whether nothing is missing and nobody objects."""
        return all(each.met for each in self.results) and not self.objections


def weigh(scene: Scene, evidence: tuple[Evidence, ...]) -> Outcome:
    """Weigh a change by this evidence."""
    matter = scene.matter
    minimum = matter.policy.detection.minimum_strength
    ai_class = scene.ai_class if evidence is scene.found else detect.classify(evidence, minimum)
    tier = scene.crew.author_tier(ai_class, matter.policy.unknown_author)
    known = Facts(matter, scene.crew, scene.zones, evidence, ai_class, tier)
    asked = tuple(requirements.asked(each, known) for each in facts.matching(known))
    bench = Bench(matter, scene.people, scene.crew, asked)
    results = tuple(requirements.result(each, scene.approvals, scene.people) for each in asked)
    return Outcome(known, bench, results, objections.objections(bench, scene.words))


def with_candidates(outcome: Outcome, scene: Scene) -> tuple[RequirementResult, ...]:
    """The results, those that are not met with who could sign."""
    return tuple(
        each if each.met else replace(each, candidates=candidates.candidates(outcome.bench, asked, scene.approvals))
        for each, asked in zip(outcome.results, outcome.bench.asked, strict=True)
    )


def discounted(outcome: Outcome, scene: Scene) -> tuple[DiscountedApproval, ...]:
    """The approvals that count nowhere, each with the first reason in the order of `Discount`; and those that count,
    but not for the zones of a requirement for which approvals are missing.
    """
    found, lacking = [], _lacking(outcome, scene)
    for each in scene.approvals:
        reason, standing, where = each.discount, each.standing, None
        if reason is None and standing is not None and outcome.bench.asked:
            refusals = [one.refuses(standing) for one in outcome.bench.asked]
            reason = None if None in refusals else min((one for one in refusals if one), key=giving.ORDER.index)
            left_out = (name for name, asked, given in lacking if asked.leaves_out(standing, given))
            where = next(left_out, None) if reason is None else None
        if reason is not None or where is not None:
            reason = reason or Discount.NOT_ZONE_OWNER
            found.append(DiscountedApproval(each.word.reviewer, each.word.review, reason, where))
    return tuple(found)


def _lacking(outcome: Outcome, scene: Scene) -> tuple[tuple[str, requirements.Asked, list[Standing]], ...]:
    """The requirements that lack approvals, each with those who counted."""
    return tuple(
        (result.name, asked, [each for _, each in requirements.counting(asked, scene.approvals)])
        for result, asked in zip(outcome.results, outcome.bench.asked, strict=True)
        if not result.met
    )
