"""What people say in comments: each command is judged once, put on the record, and answered once, briefly.

Who may say what is the gate's business; here it is read, recorded, and answered.
"""

from dataclasses import dataclass
from hashlib import sha256

import structlog

from bot import gate
from bot.forges.port import Comment, Forge, Reading
from bot.gate.commands import Accepted, CloseFollowUp, Command, Recheck, Refused
from bot.model.change import AccountKind
from bot.model.errors import SignoffError
from bot.model.memory import Clearance, Declaration, NotMine, Override
from bot.service.recollect import Recollection
from bot.service.task import Task
from bot.store import Tx, ledger, memory

log = structlog.get_logger()


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
    answers: list[str] = []
    heard = False
    for comment in task.reading.comments:
        found = _commands(comment)
        if not found:
            continue
        with task.context.store.write() as tx:
            if memory.answered(tx, task.subject, comment.id, sha256(comment.body.encode()).hexdigest()):
                continue
            heard = True
            said = [_judge(tx, task, known, comment, command) for command in found]
        answer = "\n\n".join(dict.fromkeys(text for text in said if text))
        if answer:
            answers.append(answer)
    return Heard(tuple(answers), heard)


def answer(forge: Forge, reading: Reading, answers: tuple[str, ...]) -> None:
    """Post answers, one for each comment. One that cannot be posted is no reason to decide anew."""
    for text in answers:
        try:
            forge.comment(reading.repository, reading.change.number, text)
        except SignoffError as error:
            log.warning("not_answered", why=str(error))


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
            memory.override(tx, task.subject, record, comment.id)
        case NotMine():
            memory.not_mine(tx, task.subject, record, comment.id)
        case CloseFollowUp():
            log.info("follow_up_closed", by=comment.author.id)
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
