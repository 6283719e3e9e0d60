"""What people said on the record: declarations, clearances, overrides, "not mine", objections that held, and whom
their commits named.

A comment's id makes each of them happen once; without one (a ticked box, a label) an equal record is not added twice.
Nothing here asks whether they were entitled to say so.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from bot.model.change import Account
from bot.model.ids import AccountId, Sha
from bot.model.memory import Answer, Clearance, Declaration, Named, NotMine, Override
from bot.model.subject import Subject
from bot.store import canonical, people
from bot.store.engine import Tx
from bot.store.memory.landed import landed
from bot.store.sql import change_row, insert_new, of_change
from bot.store.tables import answers
from bot.store.tables import said as table


def declare(tx: Tx, subject: Subject, record: Declaration, comment: int | None = None) -> bool:
    """Keep an answer; False when it was kept before."""
    at = None if record.at is None else _text(record.at)
    return _keep(
        tx,
        subject,
        "declaration",
        {"by": record.by, "answer": record.answer.value, "at": at, "how": record.how},
        comment,
    )


def declarations(tx: Tx, subject: Subject) -> tuple[Declaration, ...]:
    """The answers, in the order in which they were kept."""
    return tuple(
        Declaration(
            body["by"], Answer(body["answer"]), None if body["at"] is None else _moment(body["at"]), body["how"]
        )
        for body in _kept(tx, subject, "declaration")
    )


def clear(tx: Tx, subject: Subject, record: Clearance, comment: int | None = None) -> bool:
    """Keep a clearance; False when it was kept before."""
    body = {"by": record.by, "evidence": record.evidence, "reason": record.reason, "at": _text(record.at)}
    return _keep(tx, subject, "clearance", body, comment)


def clearances(tx: Tx, subject: Subject) -> tuple[Clearance, ...]:
    """The clearances, in the order in which they were kept."""
    return tuple(
        Clearance(AccountId(body["by"]), body["evidence"], body["reason"], _moment(body["at"]))
        for body in _kept(tx, subject, "clearance")
    )


def override(tx: Tx, subject: Subject, record: Override, comment: int | None = None) -> bool:
    """Keep an override; False when it was kept before."""
    body = {"by": record.by, "head": record.head, "reason": record.reason, "at": _text(record.at)}
    return _keep(tx, subject, "override", body, comment)


def overrides(tx: Tx, subject: Subject) -> tuple[Override, ...]:
    """The overrides, in the order in which they were kept."""
    return tuple(
        Override(AccountId(body["by"]), Sha(body["head"]), body["reason"], _moment(body["at"]))
        for body in _kept(tx, subject, "override")
    )


def not_mine(tx: Tx, subject: Subject, record: NotMine, comment: int | None = None) -> bool:
    """Keep a "not mine"; False when it was kept before."""
    return _keep(tx, subject, "not_mine", {"by": record.by, "at": _text(record.at)}, comment)


def not_mines(tx: Tx, subject: Subject) -> tuple[NotMine, ...]:
    """The "not mine"s, in the order in which they were kept."""
    return tuple(NotMine(AccountId(body["by"]), _moment(body["at"])) for body in _kept(tx, subject, "not_mine"))


def objection(tx: Tx, subject: Subject, review: int) -> bool:
    """Keep that a review held the change as an objection; False when it was kept before."""
    return _keep(tx, subject, "objected", {"review": review}, None)


def objected(tx: Tx, subject: Subject) -> frozenset[int]:
    """The reviews that ever held the change as objections."""
    return frozenset(body["review"] for body in _kept(tx, subject, "objected"))


def name(tx: Tx, subject: Subject, head: Sha, found: Iterable[Named]) -> bool:
    """Keep whom the commits of a head name, by account id; False when it was kept before."""
    return _keep(tx, subject, "named", _named(head, found), None)


def was_named(tx: Tx, subject: Subject, head: Sha, found: Iterable[Named]) -> bool:
    """Whether just that is kept; it only looks."""
    same = table.c.fingerprint == canonical.fingerprint(_named(head, found))
    return (
        tx.execute(select(table.c.id).where(of_change(table, subject), table.c.kind == "named", same)).first()
        is not None
    )


def named(tx: Tx, subject: Subject, here: Iterable[Sha]) -> tuple[Named, ...]:
    """Whom commits of any head named, without the commits that are `here` and those that landed. A login may have been
    forgotten.
    """
    kept: dict[tuple[str, int, str], None] = {}
    still = frozenset(here)
    for body in _kept(tx, subject, "named"):
        every = frozenset(Sha(commit) for commit, _, _ in body["named"])
        gone = every - still
        left = gone - landed(tx, subject.forge, subject.repository, every) if gone else gone
        kept |= dict.fromkeys((commit, by, role) for commit, by, role in body["named"] if commit in left)
    logins = people.names(tx, subject.forge, [AccountId(by) for _, by, _ in kept]) if kept else {}
    return tuple(
        Named(Account(logins.get(AccountId(by)), AccountId(by)), role, Sha(commit)) for commit, by, role in kept
    )


def _named(head: Sha, found: Iterable[Named]) -> dict[str, Any]:
    return {"head": head, "named": sorted([each.commit, each.account.id, each.role] for each in found)}


def answered(tx: Tx, subject: Subject, comment: int, digest: str) -> bool:
    """Whether a comment with this text was answered before. If not, it is from now on: run it in this transaction."""
    return insert_new(tx, answers, [change_row(subject) | {"comment": comment, "digest": digest}]) == 0


def was_answered(tx: Tx, subject: Subject, comment: int, digest: str) -> bool:
    """Whether a comment with this text was answered before; it only looks."""
    mine = and_(of_change(answers, subject), answers.c.comment == comment, answers.c.digest == digest)
    return tx.execute(select(answers.c.comment).where(mine)).first() is not None


def _keep(tx: Tx, subject: Subject, kind: str, body: Mapping[str, Any], comment: int | None) -> bool:
    fingerprint = canonical.fingerprint(body) if comment is None else f"comment {comment}"
    row = change_row(subject) | {"kind": kind, "fingerprint": fingerprint, "body": canonical.dumps(body)}
    return insert_new(tx, table, [row]) == 1


def _kept(tx: Tx, subject: Subject, kind: str) -> list[Any]:
    mine = select(table.c.body).where(of_change(table, subject), table.c.kind == kind).order_by(table.c.id)
    return [canonical.loads(text) for text in tx.execute(mine).scalars()]


def _text(at: datetime) -> str:
    return at.isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
