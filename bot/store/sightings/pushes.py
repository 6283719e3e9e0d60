"""Who moved a branch, and which heads were left behind without being read.

A push to a fork is never reported as a push; of it only the change's own move is known. A push is one sighting by its
branch, its two ends and its time, so that a replay adds nothing.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, select

from bot.model.change import Account, AccountKind
from bot.model.event import HeadSeen, PushSeen
from bot.model.ids import AccountId, Sha
from bot.model.memory import Push
from bot.model.subject import Subject
from bot.store import people
from bot.store.engine import Tx
from bot.store.sql import change_row, chunks, insert_new, of_change, of_repository
from bot.store.tables import heads_read, heads_seen, landed, moves_seen, pushes_seen

_DEPTH = 20
"""How many pushes are followed back from a head that was seen, to find what they left behind."""


def push(tx: Tx, forge: str, repository: int, seen: PushSeen) -> None:
    """Remember a push."""
    row = {"forge": forge, "repository": repository, "branch": seen.branch, "at": seen.at, "forced": seen.forced}
    row |= {"before": seen.before or "", "after": seen.after or ""}
    insert_new(tx, pushes_seen, [row | _pusher(seen.pusher)])
    _remember(tx, forge, seen.pusher, seen)


def keep_move(tx: Tx, subject: Subject, seen: HeadSeen) -> None:
    """Remember the head that a change left, and who moved it; nothing when the event told neither."""
    if seen.before is None and seen.pusher is None:
        return
    row = change_row(subject) | {"before": seen.before or "", "after": seen.sha, "at": seen.at}
    insert_new(tx, moves_seen, [row | _pusher(seen.pusher)])
    _remember(tx, subject.forge, seen.pusher, seen)


def pushes(tx: Tx, subject: Subject, branch: str | None) -> tuple[Push, ...]:
    """Who moved the change, from which head to which: all pushes to its branch since that was new, and what the
    change's own events told.

    `branch` is None for a branch of another repository. A push of the same commit to another branch shaped nothing.
    Pushes of landed commits made nobody a contributor and are left out. An account without id stands for somebody who
    could not be told. A login may have been forgotten.
    """
    columns = moves_seen.c
    moved = select(columns.pusher, columns.pusher_kind, columns.at, columns.before, columns.after)
    found: list[Row[Any]] = list(
        tx.execute(moved.where(of_change(moves_seen, subject), columns.pusher_kind.is_not(None)))
    )
    if branch is not None:
        table = pushes_seen
        here = of_repository(table, subject.forge, subject.repository)
        on_branch = and_(here, table.c.branch == branch)
        reached = exists().where(
            of_repository(landed, subject.forge, subject.repository), landed.c.sha == table.c.after
        )
        created = select(func.max(table.c.at)).where(on_branch, table.c.before == "").scalar_subquery()
        since = table.c.at >= func.coalesce(created, table.c.at)
        found += _pushed(tx, on_branch, table.c.after != "", since, ~reached)
    return _moves(tx, subject.forge, sorted(found, key=lambda row: row.at))


def was_pushed(tx: Tx, subject: Subject, branch: str | None, sha: Sha) -> bool:
    """Whether a push of this commit to the change's branch was seen."""
    here = of_repository(pushes_seen, subject.forge, subject.repository)
    mine = and_(here, pushes_seen.c.after == sha, pushes_seen.c.branch == (branch or ""))
    return tx.execute(select(pushes_seen.c.at).where(mine).limit(1)).first() is not None


def before_push(tx: Tx, forge: str, repository: int, branch: str, after: Sha) -> Sha | None:
    """Where a branch stood before it was pushed to a commit; None if no such push was seen, or it was new."""
    row = _to(tx, forge, repository, branch, after)
    return Sha(row.before) if row is not None and row.before else None


def pusher_of(tx: Tx, forge: str, repository: int, branch: str, after: Sha) -> AccountId | None:
    """Who pushed a branch to a commit; None if that was not seen or not told."""
    row = _to(tx, forge, repository, branch, after)
    return AccountId(row.pusher) if row is not None and row.pusher is not None else None


def has_left(tx: Tx, forge: str, repository: int, branch: str, sha: Sha) -> bool:
    """Whether a branch was told to have left a commit, and not to have come back since."""
    here = and_(of_repository(pushes_seen, forge, repository), pushes_seen.c.branch == branch)
    left = tx.execute(select(func.max(pushes_seen.c.at)).where(here, pushes_seen.c.before == sha)).scalar()
    back = tx.execute(select(func.max(pushes_seen.c.at)).where(here, pushes_seen.c.after == sha)).scalar()
    return left is not None and (back is None or back < left)


def _to(tx: Tx, forge: str, repository: int, branch: str, after: Sha) -> Row[Any] | None:
    here = of_repository(pushes_seen, forge, repository)
    to = and_(here, pushes_seen.c.branch == branch, pushes_seen.c.after == after)
    return tx.execute(select(pushes_seen).where(to).order_by(pushes_seen.c.at.desc()).limit(1)).first()


def unread(tx: Tx, subject: Subject, shas: Iterable[Sha]) -> tuple[Sha, ...]:
    """Those of some heads that were not read yet, in their order."""
    read = set(tx.execute(select(heads_read.c.sha).where(of_change(heads_read, subject))).scalars())
    return tuple(sha for sha in dict.fromkeys(shas) if sha not in read)


def abandoned(tx: Tx, subject: Subject) -> tuple[Sha, ...]:
    """Heads the change stood on and left, oldest first, that were not read.

    Known are heads that were seen, heads that events said it left, and heads before a force-push that led here. Those
    that an ordinary push left are in the newest head's history and not among them; of a fork's nobody can tell, so
    the caller passes over those that are among the change's commits.
    """
    seen = tx.execute(
        select(heads_seen.c.sha).where(of_change(heads_seen, subject)).order_by(heads_seen.c.at, heads_seen.c.id)
    )
    heads = list(dict.fromkeys(seen.scalars()))
    moves = tx.execute(select(moves_seen).where(of_change(moves_seen, subject)).order_by(moves_seen.c.at)).all()
    told = [row.before for row in moves if row.before]
    reached = {*heads, *told, *(row.after for row in moves)}
    pushes = _behind(tx, subject, reached)
    forced = [row.before for row in pushes if row.forced and row.before]
    ordinary = {row.before for row in pushes if not row.forced} - set(forced)
    read = set(tx.execute(select(heads_read.c.sha).where(of_change(heads_read, subject))).scalars())
    newest = heads[-1:] or [row.after for row in moves[-1:]]
    left = dict.fromkeys([*forced, *told, *heads])
    return tuple(Sha(sha) for sha in left if sha not in {*ordinary, *read, *newest})


def abandoned_read(tx: Tx, subject: Subject, sha: Sha) -> None:
    """A head's commits were read, by evaluating it or afterwards; it is not asked for again."""
    insert_new(tx, heads_read, [change_row(subject) | {"sha": sha}])


def _behind(tx: Tx, subject: Subject, heads: Iterable[str]) -> list[Row[Any]]:
    """The pushes that led to some heads, and to where those came from, oldest first."""
    mine = of_repository(pushes_seen, subject.forge, subject.repository)
    reached, front = set(heads), set(heads)
    found: list[Row[Any]] = []
    for _ in range(_DEPTH):
        led = [
            row
            for some in chunks(front)
            for row in tx.execute(select(pushes_seen).where(mine, pushes_seen.c.after.in_(some)))
        ]
        found += led
        front = {row.before for row in led if row.before} - reached
        reached |= front
        if not front:
            break
    return sorted(found, key=lambda row: row.at)


def _pushed(tx: Tx, *conditions: ColumnElement[bool]) -> list[Row[Any]]:
    columns = pushes_seen.c
    wanted = select(columns.pusher, columns.pusher_kind, columns.at, columns.before, columns.after)
    return list(tx.execute(wanted.where(*conditions)))


def _moves(tx: Tx, forge: str, rows: list[Row[Any]]) -> tuple[Push, ...]:
    names = people.names(tx, forge, [row.pusher for row in rows if row.pusher is not None])
    found = (
        Push(
            Account(names.get(row.pusher), row.pusher, AccountKind(row.pusher_kind)),
            Sha(row.after),
            Sha(row.before) if row.before else None,
        )
        for row in rows
    )
    return tuple(dict.fromkeys(found))


def _pusher(account: Account | None) -> dict[str, Any]:
    return {"pusher": account and account.id, "pusher_kind": account and account.kind.value}


def _remember(tx: Tx, forge: str, account: Account | None, seen: PushSeen | HeadSeen) -> None:
    if account is not None and account.id is not None and account.login is not None:
        people.remember(tx, forge, AccountId(account.id), account.login, seen.at)
