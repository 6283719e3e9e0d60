"""The author's own answers to whether AI took part: ticked boxes, a template's question, a trailer, a label.

Only what is provably the author's word counts as a declaration; an answer that somebody else edited in, or a label of
unknown origin, does not. A bot declares nothing. A yes of anybody is evidence anyway (templates.py, labels.py).
"""

from collections.abc import Iterator

from bot.detect.compiled import catalogue
from bot.detect.keys import ANSWERED, ANSWERS_SAY
from bot.detect.polarity import answer
from bot.detect.subject import Text
from bot.detect.templates import answers
from bot.model.change import AccountKind, Change, LabelEvent
from bot.model.memory import Answer, Declaration
from bot.model.policy import DetectionRules


def declarations(change: Change, rules: DetectionRules) -> tuple[Declaration, ...]:
    """The author's answers. One who answers both yes and no in the same place has said yes."""
    if change.author.kind is AccountKind.BOT or change.author.id is None:
        return ()
    found = [*_body(change, rules), *_trailers(change, rules), *_labels(change, rules)]
    return tuple(found)


def _body(change: Change, rules: DetectionRules) -> Iterator[Declaration]:
    if change.body_editor is not None and change.body_editor.id != change.author.id:
        return
    given = answers(
        Text(change.body, catalogue(rules.catalogue), has_subject=False).visible, catalogue(rules.catalogue)
    )
    if given:
        said = Answer.AI if any(each.ai for each in given) else Answer.NO_AI
        yield Declaration(change.author.id, said, how="template")


def _trailers(change: Change, rules: DetectionRules) -> Iterator[Declaration]:
    for commit in change.commits:
        if commit.author.id is None or commit.author.id != change.author.id or _cannot_answer(commit.message):
            continue
        for trailer in Text(commit.message, catalogue(rules.catalogue)).trailers:
            said = answer(trailer.value) if trailer.key in ANSWERED else None
            if said is not None:
                yield Declaration(change.author.id, Answer.AI if said else Answer.NO_AI, how="trailer")


def _cannot_answer(message: str) -> bool:
    """Whether plain text holds no key of an answer: each has one of these words in it."""
    lowered = message.lower()
    return message.isascii() and not any(word in lowered for word in ANSWERS_SAY)


def _labels(change: Change, rules: DetectionRules) -> Iterator[Declaration]:
    """Labels that the author put on and that still stand. Without label events nobody knows whose word they are."""
    standing = {label.strip().casefold() for label in change.labels}
    last: dict[str, LabelEvent] = {}
    for each in sorted(change.label_events, key=lambda event: event.at):
        last[each.label.strip().casefold()] = each
    for said, wanted in ((Answer.AI, rules.ai_labels), (Answer.NO_AI, rules.no_ai_labels)):
        for label in sorted(name.strip().casefold() for name in wanted):
            event = last.get(label)
            if label in standing and event is not None and _by_author(event, change):
                yield Declaration(change.author.id, said, event.at, how="label")


def _by_author(event: LabelEvent, change: Change) -> bool:
    return event.added and event.by is not None and event.by.id == change.author.id
