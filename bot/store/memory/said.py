"""What people said on the record: declarations, clearances, overrides, "not mine", objections that held, and whom
their commits named.

A comment's id makes each of them happen once; without one (a ticked box, a label) an equal record is not added twice.
Nothing here asks whether they were entitled to say so.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

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


class Said(NamedTuple):
    """All of it, each in the order in which it was kept. `objected` are reviews that ever held the change; `named`
    are, for each head, commit, account id and role of whom its commits name.
    """

    declarations: tuple[Declaration, ...]
    clearances: tuple[Clearance, ...]
    overrides: tuple[Override, ...]
    not_mine: tuple[NotMine, ...]
    objected: frozenset[int]
    named: tuple[list[tuple[str, int, str]], ...]


def said(tx: Tx, subject: Subject) -> Said:
    """What was kept of a change, by one question."""
    kept: defaultdict[str, list[Any]] = defaultdict(list)
    mine = select(table.c.kind, table.c.body).where(of_change(table, subject)).order_by(table.c.id)
    for row in tx.execute(mine):
        kept[row.kind].append(canonical.loads(row.body))
    return Said(
        declarations=tuple(
            Declaration(each["by"], Answer(each["answer"]), each["at"] and _moment(each["at"]), each["how"])
            for each in kept["declaration"]
        ),
        clearances=tuple(
            Clearance(AccountId(each["by"]), each["evidence"], each["reason"], _moment(each["at"]))
            for each in kept["clearance"]
        ),
        overrides=tuple(
            Override(AccountId(each["by"]), Sha(each["head"]), each["reason"], _moment(each["at"]))
            for each in kept["override"]
        ),
        not_mine=tuple(NotMine(AccountId(each["by"]), _moment(each["at"])) for each in kept["not_mine"]),
        objected=frozenset(each["review"] for each in kept["objected"]),
        named=tuple(each["named"] for each in kept["named"]),
    )


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


def clear(tx: Tx, subject: Subject, record: Clearance, comment: int | None = None) -> bool:
    """Keep a clearance; False when it was kept before."""
    body = {"by": record.by, "evidence": record.evidence, "reason": record.reason, "at": _text(record.at)}
    return _keep(tx, subject, "clearance", body, comment)


def override(tx: Tx, subject: Subject, record: Override, comment: int | None = None) -> bool:
    """Keep an override; False when it was kept before."""
    body = {"by": record.by, "head": record.head, "reason": record.reason, "at": _text(record.at)}
    return _keep(tx, subject, "override", body, comment)


def not_mine(tx: Tx, subject: Subject, record: NotMine, comment: int | None = None) -> bool:
    """Keep a "not mine"; False when it was kept before."""
    return _keep(tx, subject, "not_mine", {"by": record.by, "at": _text(record.at)}, comment)


def objection(tx: Tx, subject: Subject, review: int) -> bool:
    """Keep that a review held the change as an objection; False when it was kept before."""
    return _keep(tx, subject, "objected", {"review": review}, None)


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


def named(tx: Tx, subject: Subject, words: Said, here: Iterable[Sha]) -> tuple[Named, ...]:
    """Whom commits of any head named, without the commits that are `here` and those that landed. A login may have been
    forgotten.
    """
    kept: dict[tuple[str, int, str], None] = {}
    still = frozenset(here)
    for listed in words.named:
        every = frozenset(Sha(commit) for commit, _, _ in listed)
        gone = every - still
        left = gone - landed(tx, subject.forge, subject.repository, every) if gone else gone
        kept |= dict.fromkeys((commit, by, role) for commit, by, role in listed if commit in left)
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


def _text(at: datetime) -> str:
    return at.isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
