"""The watch: what passed the gate, or may, is found, entered in the ledger, told once, and listed until somebody closes
it with a reason. Nothing is undone here, and nobody is pinged.

A finding and its ledger entry are one transaction. Seen again, it adds nothing.
"""

from dataclasses import asdict
from datetime import datetime

import structlog

from bot.model.ids import AccountId
from bot.model.memory import Override
from bot.model.subject import Subject
from bot.service.figures import FINDINGS
from bot.store import Tx, findings, ledger
from bot.store.findings import FindingKind, NewFinding

log = structlog.get_logger()


def found(tx: Tx, new: NewFinding, now: datetime) -> bool:
    """Keep a finding and enter it in the ledger; False when it is known already."""
    if not findings.add(tx, new, now):
        return False
    about = {"forge": new.forge, "repository": new.repository, "kind": new.kind.value, "sha": new.sha}
    subject = None if new.number is None else Subject.change(new.forge, new.repository, new.number).key
    ledger.append(tx, "finding", subject, {**about, **new.body}, now)
    FINDINGS.labels(new.kind.value).inc()
    log.error("finding", **about, number=new.number)
    return True


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
    change = known.number
    subject = None if change is None else Subject.change(known.forge, known.repository, change).key
    body = {"finding": finding, "kind": known.kind.value, "by": by, "reason": reason}
    ledger.append(tx, "finding-closed", subject, body, now)
    return True
