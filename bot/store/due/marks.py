"""Making things due: now, later, again after parking, or not before a scope's pause is over.

Each is one statement per subject that the database decides alone, so that marks from everywhere may meet.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import cache

from sqlalchemy import and_, case, false, func, null, or_, select, update

from bot.model.subject import Subject, SubjectKind
from bot.store.engine import Tx
from bot.store.sql import Upsert, chunks, earlier, insert, insert_for
from bot.store.tables import due, pauses, repositories

URGENT, BACKGROUND = 0, 1
"""Ranks: a sweep over all changes must not make somebody's approval wait."""


def mark(  # noqa: PLR0913  what may differ from a plain mark, each by name
    tx: Tx,
    subjects: Iterable[Subject],
    now: datetime,
    *,
    scope_of: Callable[[Subject], str] | None = None,
    background: bool = False,
    wakes_parked: bool = True,
) -> None:
    """Make subjects due now; a running one runs once more.

    `scope_of` gives what a subject shares its rate limit with (`Repository.scope`); without it, it is looked up in
    what is known of its repository. `background` ones are claimed after all others.

    What is parked is tried afresh if the mark `wakes_parked`, as an event of its own and a person's command do; they
    begin the count of failures anew, which no other mark does. One in the background does not end a wait either.
    """
    wakes = wakes_parked and not background
    ordered = sorted(set(subjects), key=lambda subject: subject.key)  # one order everywhere: no deadlock
    scope = scope_of or _scopes(tx, ordered).__getitem__
    rows = [
        {
            "key": subject.key,
            "scope": scope(subject),
            "rank": BACKGROUND if background else URGENT,
            "next_at": now,
            "first_marked_at": now,
            "attempts": 0,
        }
        for subject in ordered
    ]
    if not rows:
        return
    tx.execute(_marking(tx.dialect.name, wakes=wakes, background=background), rows)


@cache
def _marking(dialect: str, *, wakes: bool, background: bool) -> Upsert:
    statement = insert_for(dialect, due)
    new, old = statement.excluded, due.c
    failing = and_(old.owner.is_(None), old.attempts > 0)
    held, idle = old.owner.is_not(None), and_(old.owner.is_(None), old.first_marked_at.is_(None))
    return statement.on_conflict_do_update(
        index_elements=["key"],
        where=None if wakes else old.parked_at.is_(None),
        set_={
            "scope": case((new.scope != "", new.scope), else_=old.scope),
            "rank": case((idle, new.rank), (new.rank < old.rank, new.rank), else_=old.rank),
            "next_at": case(
                (or_(held, failing) if background else held, old.next_at), else_=earlier(old.next_at, new.next_at)
            ),
            "first_marked_at": case(
                (held, old.first_marked_at), else_=func.coalesce(old.first_marked_at, new.first_marked_at)
            ),
            "remarked_at": case((held, func.coalesce(old.remarked_at, new.first_marked_at)), else_=null()),
            "attempts": case((or_(held, old.parked_at.is_not(None)), 0), else_=old.attempts) if wakes else old.attempts,
            "parked_at": null(),
        },
    )


def mark_at(tx: Tx, subject: Subject, at: datetime, now: datetime | None = None) -> None:
    """Make a subject due at a future time, whatever runs before; of several such times the earliest is kept.

    With `now`, a time that has passed during a run stays one that a further run is due for, and this one is kept too.
    """
    statement = insert(tx, due).values(
        key=subject.key, scope=_scopes(tx, [subject])[subject], rank=URGENT, next_at=at, wake_at=at, attempts=0
    )
    old = due.c
    passed = false() if now is None else old.wake_at <= now
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "wake_at": case(
                    (passed, statement.excluded.wake_at), else_=earlier(old.wake_at, statement.excluded.wake_at)
                ),
                "remarked_at": case(
                    (and_(passed, old.owner.is_not(None)), func.coalesce(old.remarked_at, old.wake_at)),
                    else_=old.remarked_at,
                ),
                "next_at": case(
                    (old.owner.is_not(None), old.next_at), else_=earlier(old.next_at, statement.excluded.next_at)
                ),
            },
        )
    )


def unpark(tx: Tx, key: str, now: datetime) -> bool:
    """Try a parked subject afresh; False when there is none of that key."""
    parked = and_(due.c.key == key, due.c.parked_at.is_not(None))
    return tx.execute(update(due).where(parked).values(parked_at=None, attempts=0, next_at=now)).rowcount == 1


def revive(tx: Tx, scope: str, now: datetime) -> None:
    """Somebody has acted where all of a scope may have failed: what waits after a failure is due now, and so is what is
    parked; both are tried afresh.
    """
    failed = or_(due.c.attempts > 0, due.c.parked_at.is_not(None))
    waits = and_(due.c.scope == scope, due.c.owner.is_(None), due.c.first_marked_at.is_not(None), failed)
    tx.execute(update(due).where(waits).values(parked_at=None, attempts=0, next_at=now))


def probe(tx: Tx, now: datetime, before: datetime, kinds: Collection[SubjectKind] = tuple(SubjectKind)) -> int:
    """Give what was parked before a time one try, no more: if that fails too, it is parked again. How many those are.

    A cause that passed by itself (a forge that was down for a night) must not need a person.
    """
    wanted = {kind.value for kind in kinds}
    rows = tx.execute(select(due.c.key).where(due.c.parked_at < before)).scalars()
    keys = [key for key in rows if key.split("/", 3)[2] in wanted]
    for some in chunks(keys):
        again = update(due).where(due.c.key.in_(some), due.c.parked_at < before)
        tx.execute(again.values(parked_at=None, next_at=now, rank=BACKGROUND))
    return len(keys)


def pause(tx: Tx, scope: str, until: datetime) -> None:
    """Claim nothing of a scope until then. A longer pause that is in force stays."""
    statement = insert(tx, pauses).values(scope=scope, until=until)
    longer = statement.excluded.until > pauses.c.until
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["scope"], set_={"until": statement.excluded.until}, where=longer
        )
    )


def _scopes(tx: Tx, subjects: Collection[Subject]) -> dict[Subject, str]:
    """What each subject shares its rate limit with, as far as its repository is known; else empty."""
    known: dict[tuple[str, int], int] = {}
    for forge in {subject.forge for subject in subjects}:
        ids = (subject.repository for subject in subjects if subject.forge == forge)
        for some in chunks(ids):
            columns = (repositories.c.id, repositories.c.installation)
            rows = tx.execute(select(*columns).where(repositories.c.forge == forge, repositories.c.id.in_(some)))
            known |= {(forge, row.id): row.installation for row in rows}
    scopes = {}
    for subject in subjects:
        installation: int | str | None = known.get((subject.forge, subject.repository))
        if subject.kind is SubjectKind.INSTALLATION:
            installation = subject.item
        scopes[subject] = "" if installation is None else f"{subject.forge}/{installation}"
    return scopes
