"""The watch: what passed the gate, or may, is found, entered in the ledger, told once, and listed until somebody closes
it with a reason. Nothing is undone here, and nobody is pinged.

A finding and its ledger entry are one transaction. Seen again, it adds nothing.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog

from bot import gate
from bot.forges.port import Lifecycle, Reading, Stranger
from bot.model.errors import BadInputError
from bot.model.ids import AccountId
from bot.model.memory import Override
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service.context import Context
from bot.service.figures import FINDINGS
from bot.store import Tx, findings, ledger
from bot.store.findings import FindingKind, NewFinding

log = structlog.get_logger()

WHOLE = SubjectKind.WATCH
"""The kind of subject that stands for a repository as a whole in the ledger."""


def found(tx: Tx, new: NewFinding, now: datetime) -> bool:
    """Keep a finding and enter it in the ledger; False when it is known already."""
    if not findings.add(tx, new, now):
        return False
    about = {"forge": new.forge, "repository": new.repository, "kind": new.kind.value, "sha": new.sha}
    subject = _about(new.forge, new.repository, new.number)
    ledger.append(tx, "finding", subject, {**about, **new.body}, now)
    FINDINGS.labels(new.kind.value).inc()
    log.error("finding", **about, number=new.number)
    return True


def forged(context: Context, subject: Subject, reading: Reading) -> None:
    """Somebody else set a mark of our check's name on a change's head, or altered ours."""
    head, now = reading.change.head.sha, context.clock()
    for mark in reading.foreign:
        body: dict[str, Any] = {"by": mark.by.id, "state": mark.state.value, "at": mark.at.isoformat()}
        key = f"{head}/{mark.by.id}/{mark.state.value}"
        if mark.altered:
            body |= {"altered": True, "merged": reading.lifecycle is Lifecycle.MERGED}
            key = f"{head}/altered/{mark.at.isoformat()}"
        new = NewFinding(subject.forge, subject.repository, FindingKind.FORGED, key, body, subject.number, head)
        with context.store.write() as tx:
            found(tx, new, now)


def strange(context: Context, repository: Repository, each: Stranger) -> None:
    """Another program set a check of our name on a change's head, where that counts."""
    body = {"by": None, "app": each.app, "state": each.state.value, "at": each.at.isoformat() if each.at else None}
    key = f"{each.sha}/app {each.app}/{each.state.value}"
    about = (repository.forge, repository.id)
    with context.store.write() as tx:
        found(tx, NewFinding(*about, FindingKind.FORGED, key, body, each.number, each.sha), context.clock())


def overridden(tx: Tx, subject: Subject, record: Override, comment: int, now: datetime) -> None:
    """Somebody broke the glass: somebody else has to look. The answer to the command announces it."""
    body = {**asdict(record), "at": record.at.isoformat()}
    key = f"{subject.number}/{comment}"
    about = (subject.forge, subject.repository)
    new = NewFinding(*about, FindingKind.OVERRIDE, key, body, subject.number, record.head)
    if findings.add(tx, new, now):
        for each in findings.page(tx, repository=about, number=subject.number, kind=FindingKind.OVERRIDE):
            findings.announced(tx, each.id, now)
        FINDINGS.labels(new.kind.value).inc()


def followed_up(tx: Tx, subject: Subject, by: AccountId, note: str, now: datetime) -> None:
    """Somebody entitled looked at what the overrides of a change let pass; the command is in the ledger already."""
    about = (subject.forge, subject.repository)
    for each in findings.page(tx, repository=about, number=subject.number, kind=FindingKind.OVERRIDE):
        findings.close(tx, each.id, by, note or "looked at", now)
    log.info("follow_up_closed", subject=subject.key, by=by)


def close(tx: Tx, finding: int, by: AccountId, reason: str, now: datetime) -> bool:
    """Close a finding on the record; False when it is not open. Who may is the caller's business."""
    known = findings.get(tx, finding)
    if known is None or not findings.close(tx, finding, by, reason, now):
        return False
    subject = _about(known.forge, known.repository, known.number)
    body = {"finding": finding, "kind": known.kind.value, "by": by, "reason": reason}
    ledger.append(tx, "finding-closed", subject, body, now)
    return True


def _about(forge: str, repository: int, number: int | None) -> str:
    """What an entry of the ledger is about: the change, else the repository as a whole."""
    return (Subject(forge, repository, WHOLE) if number is None else Subject.change(forge, repository, number)).key


def closer(context: Context, known: findings.Finding, by: str) -> AccountId:
    """The account that may close a finding: somebody in the roster, entitled to sign, who had no part in it.

    `by` is forge:login. BadInputError with what is needed for anybody else.
    """
    forge, _, login = by.rpartition(":")
    rules, day = context.rulebook.current(), context.clock().date()
    had_part = {known.body.get("by"), known.body.get("merged_by")}
    verdict = gate.may_close(rules.policy, rules.roster, day, (forge or known.forge, login), had_part)
    if isinstance(verdict, str):
        raise BadInputError(f"--by {by}: {verdict}")
    return verdict
