"""What the author said about AI, and what it means that they said nothing.

A yes is strong evidence and stays. A no is recorded, decides only where nothing else speaks, and is shown beside
evidence that contradicts it. Nobody answers for the author.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot import detect
from bot.gate.matter import Matter
from bot.model.decision import Reason
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.memory import Answer, Declaration

DETECTOR = "declaration"
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Declared:
    """The author's last no, their yes as evidence, whether they spoke, and answers that others gave."""

    no: Declaration | None
    yes: tuple[Evidence, ...]
    spoke: bool
    by_others: tuple[Declaration, ...]


def declared(matter: Matter) -> Declared:
    """The answers that count, from the change itself and from what is remembered."""
    shown = detect.declarations(matter.change, matter.rules)
    answers = (*shown, *matter.memory.declarations)
    ordered = sorted(set(answers), key=lambda each: (each.at or _NEVER, each.by or 0, each.answer.value, each.how))
    author = matter.change.author.id
    ours = [each for each in ordered if each.by is not None and each.by == author]
    no = [each for each in ours if each.answer is Answer.NO_AI]
    yes = [each for each in ours if each.answer is Answer.AI]
    others = tuple(each for each in ordered if each.by != author)
    # What the change itself shows is evidence already; a command is known from memory only.
    remembered = [each for each in yes if each not in shown]
    return Declared(no[-1] if no else None, tuple(_evidence(each) for each in remembered[:1]), bool(ours), others)


def _evidence(answer: Declaration) -> Evidence:
    return Evidence(DETECTOR, "", AiClass.AI_ASSISTED, Strength.STRONG, f"the author's answer ({answer.how})", "ai")


def assumed(where: str) -> Evidence:
    """The evidence that stands for a silence which the rules take for a yes; `where` says so."""
    return Evidence(DETECTOR, "", AiClass.AI_ASSISTED, Strength.STRONG, where, "")


def reasons(matter: Matter, said: Declared, *, counts: bool) -> tuple[Reason, ...]:
    """How the answers are shown; `counts` is whether the class by the evidence counts as AI."""
    shown = []
    if said.no is not None:
        when = "" if said.no.at is None else f" at {said.no.at:%Y-%m-%d %H:%M} UTC"
        text = f"the author, {matter.change.author.login or 'unknown'}, declared{when} that no AI took part"
        shown.append(Reason("declared_no_ai", f"{text} ({said.no.how})", None if counts else True))
        if counts:
            text = "that contradicts evidence which counts; an answer does not take evidence away"
            shown.append(Reason("contradiction", text, passes=False))
    if said.by_others:
        text = "somebody else answered whether AI took part; only the author's own answer counts"
        shown.append(Reason("answer_by_another", text))
    return tuple(shown)
