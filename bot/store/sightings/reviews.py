"""Which head a review was given for.

A forge may re-point an old review to a new head and tell of it again (when it is edited, say). Therefore one review
in one state given at one time is one sighting, and the first that was seen of it stands.
"""

from sqlalchemy import select

from bot.model.change import ReviewState
from bot.model.event import ReviewSeen
from bot.model.ids import AccountId, PatchId, Sha
from bot.model.memory import Sighting
from bot.model.subject import Subject
from bot.store.engine import Tx
from bot.store.heads import UNTOLD
from bot.store.sql import insert_new
from bot.store.sql import of_change as rows_of_change
from bot.store.tables import heads as heads_table
from bot.store.tables import reviews_seen as table


def review(tx: Tx, repository: tuple[str, int], seen: ReviewSeen) -> None:
    """Remember a review as it was seen. `repository` is the forge's name and the repository's id."""
    forge, number = repository
    row = {"forge": forge, "repository": number, "number": seen.number, "review": seen.review, "at": seen.at}
    row |= {
        "state": seen.state.value,
        "reviewer": seen.reviewer,
        "sha": seen.sha,
        "patch": _patch(tx, forge, number, seen),
    }
    insert_new(tx, table, [row])


def of_change(tx: Tx, subject: Subject) -> tuple[Sighting, ...]:
    """The sightings of a change, oldest first; `patch` is what the head was known to add when it was given."""
    mine = select(table).where(rows_of_change(table, subject)).order_by(table.c.at, table.c.review, table.c.state)
    return tuple(
        Sighting(
            review=row.review,
            reviewer=AccountId(row.reviewer),
            state=ReviewState(row.state),
            sha=Sha(row.sha),
            at=row.at,
            patch=None if row.patch is None else PatchId(row.patch),
        )
        for row in tx.execute(mine)
    )


def _patch(tx: Tx, forge: str, repository: int, seen: ReviewSeen) -> str | None:
    """The patch of the head; one that equals no other where what is known of the head began only after the review."""
    subject = Subject.change(forge, repository, seen.number)
    known = select(heads_table.c.patch, heads_table.c.since).where(
        rows_of_change(heads_table, subject), heads_table.c.sha == seen.sha
    )
    row = tx.execute(known).first()
    if row is None:
        return None
    return UNTOLD if row.since is not None and seen.at < row.since else row.patch
