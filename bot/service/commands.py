"""What people say in comments: each command is judged once, put on the record, and answered once, briefly.

Who may say what is the gate's business; here it is read, recorded, and answered.
"""

from dataclasses import replace
from hashlib import sha256

import structlog

from bot import gate
from bot.forges.port import Comment
from bot.gate.commands import Accepted, CloseFollowUp, Command, Recheck, Refused
from bot.model.change import AccountKind
from bot.model.memory import Clearance, Declaration, NotMine, Override
from bot.service.recollect import Recollection
from bot.service.task import Task
from bot.store import Tx, ledger, memory

log = structlog.get_logger()


def run(task: Task, known: Recollection) -> bool:
    """Judge the commands not judged before; whether any was put on the record.

    The record and the fact that the comment is answered are one transaction. The answer is posted after it: should
    the process die in between, the record stands and the check shows it.
    """
    answers: list[str] = []
    recorded = False
    for comment in task.reading.comments:
        found = _commands(comment)
        if not found:
            continue
        with task.context.store.write() as tx:
            if memory.answered(tx, task.subject, comment.id, sha256(comment.body.encode()).hexdigest()):
                continue
            for command in found:
                answer, kept = _judge(tx, task, known, comment, command)
                recorded |= kept
                if answer:
                    answers.append(answer)
    for answer in answers:
        task.forge.comment(task.reading.repository, task.subject.number, answer)
    return recorded


def _commands(comment: Comment) -> tuple[Command, ...]:
    if comment.author.kind is AccountKind.BOT or "/signoff" not in comment.body:
        return ()
    return gate.commands.read(comment.body)


def _judge(tx: Tx, task: Task, known: Recollection, comment: Comment, command: Command) -> tuple[str, bool]:
    """The answer to one command, and whether it was put on the record."""
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
        return verdict.answer, False
    return _record(tx, task, comment, verdict)


def _record(tx: Tx, task: Task, comment: Comment, verdict: Accepted) -> tuple[str, bool]:
    record = verdict.record
    match record:
        case Declaration():
            memory.declare(tx, task.subject, record, comment.id)
        case Clearance():
            memory.clear(tx, task.subject, record, comment.id)
        case Override():
            # It was read, so it was written: a forge's clock that is ahead of ours must not put it into the future.
            memory.override(tx, task.subject, replace(record, at=min(record.at, task.now)), comment.id)
        case NotMine():
            memory.not_mine(tx, task.subject, record, comment.id)
        case CloseFollowUp():
            log.info("follow_up_closed", by=comment.author.id)
        case Recheck():
            return "", False
    body = {"by": comment.author.id, "comment": comment.id, "head": task.reading.change.head.sha}
    ledger.append(tx, type(record).__name__.lower(), task.subject.key, body | _said(record), task.now)
    return verdict.answer, True


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
