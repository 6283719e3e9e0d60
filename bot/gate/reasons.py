"""The tree of reasons under a decision. Every reason has its own code and its own sentence.

The sentences say what is needed and what happened, never a person's tier or that somebody is away.
"""

from collections.abc import Iterator

from bot.gate.findings import Cleared
from bot.gate.matter import Matter
from bot.gate.overrides import Overridden
from bot.gate.requirements import Asked
from bot.gate.weigh import Outcome, Scene
from bot.model.change import Change
from bot.model.decision import Discount, Reason, RequirementResult
from bot.model.evidence import AiClass, Evidence
from bot.model.policy import When

DISCOUNTS = {
    Discount.BOT: "a bot's approval never counts",
    Discount.NOT_IN_ROSTER: "the roster in force has no entry for this account: ask those who keep it",
    Discount.EXPIRED: "the roster entry for this account is not in force today",
    Discount.OPERATOR: "whoever set the agent to work does not sign its change",
    Discount.CONTRIBUTOR: "who shaped the change does not sign it",
    Discount.SAME_PERSON: "another account of this person shaped the change",
    Discount.DISMISSED: "the approval was dismissed",
    Discount.SUPERSEDED: "the same person gave a later review, and the last word counts",
    Discount.OLDER_HEAD: "the approval was not given for the change as it stands now: it has to be given again",
    Discount.TIER_TOO_LOW: "no requirement of this change can be met by this approval",
    Discount.NOT_ZONE_OWNER: "the requirement asks for people who may sign for its zones",
}

PUSHING = (
    "this push is not known to have left every file as it was, as the forge's Rebase button does where nobody else "
    "changed the same files: somebody else has to sign"
)
"""What is said to whoever pushed and shaped nothing else."""

CLASSES = {
    AiClass.AGENT_AUTHORED: "an AI agent is the author of the change or of a commit",
    AiClass.AI_ASSISTED: "AI took part in writing the change",
    AiClass.AI_SUGGESTION_APPLIED: "a suggestion of an AI reviewer was applied",
    AiClass.AI_REVIEWED_ONLY: "AI reviewed the change and did not write it",
    AiClass.AUTOMATION: "automation made the change, not AI",
    AiClass.NONE_DISCLOSED: "nothing says that AI took part",
}


def unseen(change: Change) -> str:
    """What of an incomplete change was not shown."""
    *others, last = change.missing or ("",)
    named = f"{', '.join(others)} and {last}" if others else last
    return f"all of the change's {named}" if named else "the whole change"


def cannot_tell(matter: Matter) -> tuple[Reason, ...]:
    """Why nothing can be decided; empty if it can."""
    found = []
    if not matter.change.complete:
        text = f"the forge did not show {unseen(matter.change)}; it will be read again, and nothing passes until then"
        found.append(Reason("incomplete", text, passes=False))
    if matter.memory.unread:
        heads = "1 head" if matter.memory.unread == 1 else f"{matter.memory.unread} heads"
        text = f"still to be looked at, some at a time: {heads} that the change left behind"
        found.append(Reason("unread", text, passes=False))
    if not matter.change.commits:
        found.append(Reason("no_commits", "the change has no commits that could be looked at", passes=False))
    if not matter.policy.requirements:
        text = "the rules in force have no requirements: add one to the rules file"
        found.append(Reason("no_requirements", text, passes=False))
    if not matter.roster.people and not matter.roster.teams:
        text = "the roster in force is empty: add the people who may sign"
        found.append(Reason("empty_roster", text, passes=False))
    if matter.misfit:
        text = "the rules in force edit the catalogue of tools in a way that does not fit it: correct the rules file"
        found.append(Reason("bad_catalogue", text, passes=False))
    return tuple(found)


def of_evidence(outcome: Outcome, cleared: Cleared) -> tuple[Reason, ...]:
    """What the evidence amounts to, finding by finding."""
    facts = outcome.facts
    minimum = facts.matter.policy.detection.minimum_strength
    findings = tuple(
        Reason(
            "evidence" if each.strength.value >= minimum.value else "weak_evidence",
            f"{each.where}: {quoted(each)}" if each.quote else each.where,
        )
        for each in facts.evidence
    )
    landed = facts.matter.all_landed
    text = "every commit went through the gate before, so nothing here is new" if landed else CLASSES[facts.ai_class]
    return (Reason("all_landed" if landed else "class", text, None, findings), *cleared.reasons)


def quoted(each: Evidence) -> str:
    """A finding's quote as it is shown after its place, which may end with the key that the quote starts with."""
    key, colon, value = each.quote.partition(":")
    return value.strip() if colon and each.where.endswith(f"trailer {key}") else each.quote


def of_outcome(outcome: Outcome, scene: Scene, broken: Overridden, *, ask: bool, guarded: bool) -> tuple[Reason, ...]:
    """What was asked for and what of it is there."""
    change = scene.matter.change
    found = [Reason("zone", f"{name}: {why}") for name, why in scene.zones.items()]
    if not guarded:
        text = f"{change.base} is not a guarded branch: no success is ever published for a change into it"
        found.append(Reason("unguarded", text, passes=False))
    for each, asked in zip(outcome.results, outcome.bench.asked, strict=True):
        found.append(_requirement(each, asked))
    if not outcome.results:
        found.append(Reason("nothing_required", "no requirement of the rules holds for this change", passes=True))
    found += [
        Reason("objection", f"{one.reviewer.login or one.person} asked for changes", passes=False)
        for one in outcome.objections
    ]
    if ask:
        text = "the author has not said whether AI took part, and a yes would ask for a sign-off"
        found.append(Reason("answer_needed", text, passes=False))
    if broken.in_force is not None:
        text = f"{broken.in_force.by} overrode the gate until {broken.in_force.expires_at:%Y-%m-%d %H:%M} UTC"
        found.append(Reason("override", f"{text}: {broken.in_force.reason}", passes=True))
    return (*found, *broken.reasons)


def _requirement(each: RequirementResult, asked: Asked) -> Reason:
    counted = tuple(
        Reason(
            "counted",
            f"{one.reviewer.login or one.person} approved"
            + (f" {one.carried_from[:8]}, carried over" if one.carried_from else ""),
        )
        for one in each.counted
    )
    asks = Reason("asked", why(asked.requirement.when))
    return Reason("requirement", f"{each.name}: {needs(each, asked)}", each.met, (asks, *counted))


def why(when: When) -> str:
    """Why a requirement asks, by its condition: what it names, never what anybody is."""
    found = " and ".join((*_by_authors(when), *_by_place(when), *_by_size(when)))
    return f"asked because {found}" if found else "asked of every change"


def _by_authors(when: When) -> Iterator[str]:
    if when.ai is not None:
        yield "AI took part" if when.ai else "no AI took part that counts"
    if when.classes:
        yield f"the class is {_any(when.classes)}"
    if when.tools:
        yield f"{_any(when.tools)} took part"
    if when.author_below is not None:
        yield f"an author is below {when.author_below}"
    if when.operator_unknown is not None:
        yield "nobody knows who set the agent to work" if when.operator_unknown else "no unknown operator is behind it"


def _by_place(when: When) -> Iterator[str]:
    if when.zones:
        yield f"it is in {_any(when.zones)}"
    if when.paths:
        yield f"it touches {_any(when.paths)}"
    if when.labels:
        yield f"it has the label {_any(when.labels)}"
    if when.bases:
        yield f"it goes into {_any(when.bases)}"
    if when.repositories:
        yield f"its repository is {_any(when.repositories)}"


def _by_size(when: When) -> Iterator[str]:
    if when.changed_lines is not None:
        yield f"at least {when.changed_lines} lines are changed"
    if when.changed_files is not None:
        yield f"at least {when.changed_files} files are changed"


def _any(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def needs(each: RequirementResult, asked: Asked | None = None) -> str:
    """What a requirement needs, in words."""
    need = each.need
    text = f"{need.approvals} approval{'s' * (need.approvals != 1)} of at least {need.tier}"
    if need.zone_owner:
        zones = " or ".join(sorted(asked.zones)) if asked and asked.zones else "the zone"
        text += f" by people who own {zones}"
    if need.distinct_teams:
        text += f", from at least {need.distinct_teams} different team{'s' * (need.distinct_teams != 1)}"
    return text
