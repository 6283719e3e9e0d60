"""What people say in comments: each command is judged once, put on the record, and answered once, briefly.

Who may say what is the gate's business; here it is read, recorded, and answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

import structlog

from bot import gate
from bot.forges.port import Comment, Forge, Reading
from bot.gate.commands import Accepted, CloseFollowUp, Command, Recheck, Refused, Verb
from bot.model.change import AccountKind
from bot.model.errors import SignoffError
from bot.model.ids import AccountId
from bot.model.memory import Clearance, Declaration, NotMine, Override
from bot.service import watch
from bot.service.recollect import Recollection
from bot.service.task import Task
from bot.store import Tx, ledger, memory

log = structlog.get_logger()

MOST_ANSWERS = 5
"""How many comments one evaluation answers at most."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of the commands: the answers to give, and whether any was judged now."""

    answers: tuple[str, ...] = ()
    any: bool = False


def run(task: Task, known: Recollection) -> Heard:
    """Judge the commands not judged before; the answers to give once the decision is published.

    The record and the fact that the comment is answered are one transaction: should the process die before the
    answer is given, the record stands and the check shows it.
    """
    return _run(task, known, ((each, _commands(each)) for each in task.reading.comments))


def _run(task: Task, known: Recollection, said_in: Iterable[tuple[Comment, tuple[Command, ...]]]) -> Heard:
    answers: list[str] = []
    heard = False
    for comment, found in said_in:
        if not found:
            continue
        with task.context.store.write() as tx:
            if memory.answered(tx, task.subject, comment.id, _digest(comment)):
                continue
            heard = True
            said = [_judge(tx, task, known, comment, command) for command in found]
        answer = "\n\n".join(dict.fromkeys(text for text in said if text))
        if answer:
            answers.append(answer)
    return Heard(tuple(answers), heard)


def follow_ups(task: Task) -> bool:
    """Whether somebody asks for a follow-up in a comment that was not judged yet: on a change that is open no more,
    nothing else is listened to.
    """
    asking = [each for each in task.reading.comments if _of_follow_up(_commands(each))]
    with task.context.store.read() as tx:
        return any(not memory.was_answered(tx, task.subject, each.id, _digest(each)) for each in asking)


def run_follow_ups(task: Task, known: Recollection) -> tuple[str, ...]:
    """Judge what is said of follow-ups on a change that is open no more; the answers to give.

    That its commits have landed must not make its authors strangers to it, who may then close what they left.
    """
    known = replace(known, memory=replace(known.memory, landed=frozenset()))
    comments = (each for each in task.reading.comments if _of_follow_up(_commands(each)))
    return _run(task, known, ((each, _of_follow_up(_commands(each))) for each in comments)).answers


def _of_follow_up(found: tuple[Command, ...]) -> tuple[Command, ...]:
    return tuple(each for each in found if each.verb is Verb.FOLLOW_UP)


def answer(forge: Forge, reading: Reading, answers: tuple[str, ...]) -> None:
    """Post answers, one for each comment, and so many at most that nobody can make the bot use up a forge's limits.

    One that is not posted is no reason to decide anew: what holds of what was said stands in the check.
    """
    if len(answers) > MOST_ANSWERS:
        log.warning("not_answered", why=f"{len(answers)} at once; the first {MOST_ANSWERS} are answered")
    for text in answers[:MOST_ANSWERS]:
        try:
            forge.comment(reading.repository, reading.change.number, text)
        except SignoffError as error:
            log.warning("not_answered", why=str(error))


def _digest(comment: Comment) -> str:
    return sha256(comment.body.encode()).hexdigest()


def _commands(comment: Comment) -> tuple[Command, ...]:
    if comment.author.kind is AccountKind.BOT or "/signoff" not in comment.body:
        return ()
    return gate.commands.read(comment.body)


def _judge(tx: Tx, task: Task, known: Recollection, comment: Comment, command: Command) -> str:
    """The answer to one command, which is put on the record if it holds."""
    verdict = gate.commands.judge(
        command,
        comment.author,
        edited=comment.edited,
        at=comment.at,
        change=known.change,
        memory=known.memory,
        policy=task.rules.policy,
        roster=task.rules.roster,
        now=task.now,
    )
    if isinstance(verdict, Refused):
        log.info("command_refused", command=str(command.verb), by=comment.author.id)
        return verdict.answer
    return _record(tx, task, comment, verdict)


def _record(tx: Tx, task: Task, comment: Comment, verdict: Accepted) -> str:
    record = verdict.record
    match record:
        case Declaration():
            memory.declare(tx, task.subject, record, comment.id)
        case Clearance():
            memory.clear(tx, task.subject, record, comment.id)
        case Override():
            if memory.override(tx, task.subject, record, comment.id):
                watch.overridden(tx, task.subject, record, comment.id, task.now)
        case NotMine():
            memory.not_mine(tx, task.subject, record, comment.id)
        case CloseFollowUp():
            watch.followed_up(tx, task.subject, AccountId(record.by), record.note, task.now)
        case Recheck():
            return ""
    body = {"by": comment.author.id, "comment": comment.id, "head": task.reading.change.head.sha}
    ledger.append(tx, type(record).__name__.lower(), task.subject.key, body | _said(record), task.now)
    return verdict.answer


def _said(record: Declaration | Clearance | Override | NotMine | CloseFollowUp) -> dict[str, str]:
    """What was said, for the ledger."""
    match record:
        case Declaration():
            return {"answer": record.answer.value}
        case Clearance():
            return {"evidence": record.evidence, "reason": record.reason}
        case Override():
            return {"reason": record.reason}
        case CloseFollowUp():
            return {"note": record.note}
        case NotMine():
            return {}
