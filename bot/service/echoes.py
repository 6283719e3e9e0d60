"""What a delivery told of and a reading does not show yet: a forge's answers may lag behind its own webhooks.

Such a change is read again, soon and a few times, since no further delivery will come. What is not shown after that was
taken back (a deleted comment, an approval withdrawn at once), or is left to the sweep.
"""

from datetime import datetime, timedelta

from bot.forges.port import Reading
from bot.model.event import Event
from bot.model.subject import Repository, Subject
from bot.service.context import Context
from bot.store import Tx, records, sightings

SOONEST = timedelta(seconds=2)
"""After this a change is read again; then after twice as long, and so on."""
LONGEST = timedelta(minutes=1)
"""For how long after it was told the change is read again for something that no reading shows."""
SOON, LATE = timedelta(minutes=1), timedelta(hours=1)
"""The shortest and the longest wait before a change is read again of which the forge did not show all."""


def told(tx: Tx, event: Event, repository: Repository, now: datetime) -> None:
    """Keep which review or comment a delivery told of, until a reading shows it. Heads are among the sightings."""
    about, at = (event.forge, repository.id), now.isoformat()
    if event.review is not None:
        name = _name(Subject.change(*about, event.review.number), "review")
        records.put(tx, name, {"id": event.review.review, "at": at}, now)
    if event.comment is not None:
        name = _name(Subject.change(*about, event.comment.number), "comment")
        records.put(tx, name, {"id": event.comment.comment, "at": at}, now)


def look_again(context: Context, subject: Subject, reading: Reading) -> datetime | None:
    """When to read the change again; None if the reading shows all that was told, or it was waited for long enough."""
    now, change = context.clock(), reading.change
    shown = {
        "review": {review.id for review in change.reviews},
        "comment": {comment.id for comment in reading.comments},
    }
    with context.store.read() as tx:
        kept = {kind: records.get(tx, _name(subject, kind)) for kind in shown}
        missed = [sightings.left_at(tx, subject, change.head.sha)]
    arrived = [kind for kind, entry in kept.items() if entry is not None and entry["id"] in shown[kind]]
    if arrived:
        with context.store.write(durable=False) as tx:
            for kind in arrived:
                records.drop(tx, _name(subject, kind), kept[kind])
    missed += [
        datetime.fromisoformat(entry["at"]) for kind, entry in kept.items() if entry is not None and kind not in arrived
    ]
    waits = [now + max(SOONEST, now - at) for at in missed if at is not None and abs(now - at) < LONGEST]
    return min(waits, default=None)


def whole_at(now: datetime, reading: Reading) -> datetime | None:
    """When to read a change again of which the forge did not show all: the longer it has not moved, the later."""
    if reading.change.complete:
        return None
    return now + min(max(now - (reading.updated_at or now), SOON), LATE)


def doubt_ends(reading: Reading, *, passes: bool) -> datetime | None:
    """When to read a change again whose check rests on remembered settings of its repository: where it passes, or where
    what stood there before was not as we wrote it. A first check that only waits holds the change anyway.
    """
    stands = reading.published is None or reading.published.intact
    return reading.doubted_until if passes or not stands else None


def _name(subject: Subject, kind: str) -> str:
    return f"told/{kind}/{subject.key}"
