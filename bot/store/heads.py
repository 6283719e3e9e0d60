"""What is known of a change's heads: where each leaves its base, which files it changes, and its patch identity.

A patch identity belongs to a head *and* its merge base: with another merge base the old one is dropped, and it is
handed to no review that was given before the change stood there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, null, or_, select, update

from bot.model.ids import PatchId, Sha
from bot.model.subject import Subject
from bot.store import canonical
from bot.store.engine import Tx
from bot.store.sql import change_row, insert, of_change
from bot.store.tables import heads as table
from bot.store.tables import reviews_seen

UNTOLD = PatchId("")
"""What a review was given for that is older than all that is known of its head: it equals no patch."""


@dataclass(frozen=True, slots=True)
class HeadFacts:
    """Into which branch a head goes, where it leaves that (None: the reading could not tell), the files it changes,
    and since when it is so (None: always).
    """

    base: str | None
    merge_base: Sha | None
    paths: tuple[str, ...]
    since: datetime | None = None


def describe(tx: Tx, subject: Subject, sha: Sha, facts: HeadFacts) -> None:
    """Remember what a reading showed of a head. With another base or merge base its patch identity is dropped, and no
    later one is that of a review from before.
    """
    row: dict[str, Any] = {"sha": sha, "base": facts.base, "merge_base": facts.merge_base}
    row |= {"paths": canonical.dumps(list(facts.paths)), "since": facts.since}
    statement = insert(tx, table).values(change_row(subject) | row)
    new, old = statement.excluded, table.c
    other_base = or_(old.merge_base.is_distinct_from(new.merge_base), old.base.is_distinct_from(new.base))
    other = or_(other_base, old.paths != new.paths)
    told = {
        "base": new.base,
        "merge_base": new.merge_base,
        "paths": new.paths,
        "since": case((other, new.since), else_=old.since),
        "patch": case((other, null()), else_=old.patch),
    }
    key = ["forge", "repository", "number", "sha"]
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_=told, where=other))
    since = tx.execute(select(table.c.since).where(of_change(table, subject), table.c.sha == sha)).scalar()
    if since is not None:
        tx.execute(update(reviews_seen).where(_unsigned(subject, sha), reviews_seen.c.at < since).values(patch=UNTOLD))


def _unsigned(subject: Subject, sha: Sha) -> ColumnElement[bool]:
    """The reviews of a head of which it is not told yet what patch they were given for."""
    return and_(of_change(reviews_seen, subject), reviews_seen.c.sha == sha, reviews_seen.c.patch.is_(None))


def described(tx: Tx, subject: Subject, sha: Sha) -> HeadFacts | None:
    """What is known of a head; None when it was never described."""
    columns = (table.c.base, table.c.merge_base, table.c.paths, table.c.since)
    row = tx.execute(select(*columns).where(of_change(table, subject), table.c.sha == sha)).first()
    if row is None:
        return None
    return HeadFacts(row.base, row.merge_base and Sha(row.merge_base), tuple(canonical.loads(row.paths)), row.since)


def patch(tx: Tx, subject: Subject, sha: Sha, identity: PatchId) -> None:
    """Remember a head's patch identity, also with the reviews that were given for it as it stands.

    A review keeps the first patch it was given: what was signed does not change afterwards.
    """
    row = change_row(subject) | {"sha": sha, "paths": "[]", "patch": identity}
    statement = insert(tx, table).values(row)
    key = ["forge", "repository", "number", "sha"]
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_={"patch": identity}))
    since = tx.execute(select(table.c.since).where(of_change(table, subject), table.c.sha == sha)).scalar()
    given = _unsigned(subject, sha)
    if since is not None:
        given = and_(given, reviews_seen.c.at >= since)
    tx.execute(update(reviews_seen).where(given).values(patch=identity))


def elsewhere(tx: Tx, subject: Subject, base: str) -> frozenset[Sha]:
    """The heads that were compared with another base branch than this, or with one that is not known."""
    other = and_(of_change(table, subject), table.c.patch.is_not(None), table.c.base.is_distinct_from(base))
    return frozenset(Sha(sha) for sha in tx.execute(select(table.c.sha).where(other)).scalars())


def patches(tx: Tx, subject: Subject) -> dict[Sha, PatchId]:
    """The patch identities of the heads that were compared."""
    known = select(table.c.sha, table.c.patch).where(of_change(table, subject), table.c.patch.is_not(None))
    return {Sha(row.sha): PatchId(row.patch) for row in tx.execute(known)}
