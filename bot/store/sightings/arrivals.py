"""When a change came to stand on which head.

Every time it stood on one is kept at first; of a stretch on the same head only its ends, since another head may still
be told of that lies between.
"""

from datetime import datetime

from sqlalchemy import func, insert, select, update

from bot.model.event import HeadSeen
from bot.model.ids import Sha
from bot.model.subject import Subject
from bot.store.engine import Tx
from bot.store.sightings.pushes import keep_move
from bot.store.sql import change_row, of_change
from bot.store.tables import heads_seen as table
from bot.store.tables import moves_seen


def head(tx: Tx, forge: str, repository: int, seen: HeadSeen) -> None:
    """Remember that a change stood on a head, which head it left, and who moved it, as far as the event said."""
    subject = Subject.change(forge, repository, seen.number)
    keep_move(tx, subject, seen)
    mine = of_change(table, subject)
    before = select(table).where(mine, table.c.at <= seen.at).order_by(table.c.at.desc(), table.c.id.desc()).limit(2)
    earlier = tx.execute(before).all()
    after = select(table.c.sha).where(mine, table.c.at > seen.at).order_by(table.c.at, table.c.id).limit(1)
    same = [row.id for row in earlier if row.sha == seen.sha]
    if same and earlier[0].sha == seen.sha and (earlier[0].at == seen.at or tx.execute(after).scalar() == seen.sha):
        return
    if len(same) > 1:
        tx.execute(update(table).where(table.c.id == earlier[0].id).values(at=seen.at))
    else:
        tx.execute(insert(table).values(change_row(subject) | {"at": seen.at, "sha": seen.sha}))


def heads(tx: Tx, subject: Subject) -> tuple[tuple[Sha, datetime], ...]:
    """The heads in the order in which the change came to stand on them, each with the time it was first seen there.

    A change that returned to an older head has it twice.
    """
    mine = select(table.c.sha, table.c.at).where(of_change(table, subject)).order_by(table.c.at, table.c.id)
    arrivals: list[tuple[Sha, datetime]] = []
    for sha, at in tx.execute(mine):
        if not arrivals or arrivals[-1][0] != sha:
            arrivals.append((Sha(sha), at))
    return tuple(arrivals)


def left_at(tx: Tx, subject: Subject, sha: Sha) -> datetime | None:
    """When the change was last told to have left a head, None when it was not, or when it was told to have come back.

    Times are whole seconds: what left and came back in the same one came back.
    """
    c = moves_seen.c
    mine = of_change(moves_seen, subject)
    left = tx.execute(select(func.max(c.at)).where(mine, c.before == sha)).scalar()
    back = tx.execute(select(func.max(c.at)).where(mine, c.after == sha)).scalar()
    return None if left is None or (back is not None and back >= left) else left


def moved_at(tx: Tx, subject: Subject, sha: Sha) -> datetime | None:
    """The latest time the change came to stand on a head, as far as was seen; None when it was not seen there."""
    return max((at for arrived, at in heads(tx, subject) if arrived == sha), default=None)
