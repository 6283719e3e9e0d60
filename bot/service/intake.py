"""From a delivery to a due change, in one transaction: what is acknowledged is on disk.

Nothing slow happens here, nothing is decided, and of what the payload says only sightings are kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.forges.port import Forge
from bot.model.errors import RefusedDeliveryError
from bot.model.event import Event
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service import echoes, tips
from bot.service.doorbell import Doorbell
from bot.service.figures import DELIVERIES, WEBHOOK_LAG
from bot.store import Store, Tx, changes, deliveries, due, repositories, sightings

log = structlog.get_logger()

Guarded = Callable[[Repository, str], bool]
MOST_NAMED = 20
"""How many of the subjects that a delivery made due the log names."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes deliveries of any forge. `bell` is rung whenever something became due.

    `guards` gives a function that tells whether the rules in force guard a branch. It is called outside the
    transaction, since it may have to read the rules.
    """

    store: Store
    clock: Callable[[], datetime]
    bell: Doorbell = field(default_factory=Doorbell)
    guards: Callable[[], Guarded] = lambda: lambda _, __: False

    def take(self, forge: Forge, headers: Mapping[str, str], body: bytes) -> bool:
        """Verify and record a delivery. False for one that is ignored or was seen before; it is acknowledged too.

        Raises RefusedDeliveryError for one that is not taken, TryAgainError when it could not be stored.
        """
        outcome = "not_stored"
        try:
            with self.bell.answering():
                event = forge.receive(headers, body)
                outcome = "ignored" if event is None else self._take(event)
        except RefusedDeliveryError:
            outcome = "refused"
            raise
        finally:
            DELIVERIES.labels(forge.name, outcome).inc()
        if outcome == "taken":
            self.bell.ring()
        return outcome == "taken"

    def _take(self, event: Event) -> str:
        now, subjects = self.clock(), list[Subject]()
        guarded = self.guards() if event.push is not None else None
        with self.store.write() as tx:
            fresh = deliveries.record(tx, event.forge, event.delivery, event.kind, now)
            if fresh:
                subjects = self._keep(tx, event, guarded, now)
        named = [each.key for each in subjects[:MOST_NAMED]]
        log.info("delivery", forge=event.forge, delivery=event.delivery, kind=event.kind, fresh=fresh, due=named)
        if not fresh:
            return "repeated"
        if (at := _told_at(event)) is not None:
            WEBHOOK_LAG.labels(event.forge).observe(max(0.0, (now - at).total_seconds()))
        return "taken"

    def _keep(self, tx: Tx, event: Event, guarded: Guarded | None, now: datetime) -> list[Subject]:
        for repository in event.repositories:
            (repositories.introduce if event.hearsay else repositories.upsert)(tx, repository)
            if not repository.active:
                repositories.deactivate(tx, repository.forge, repository.id)
        if event.left is not None:
            repositories.leave(tx, event.forge, event.left)
        if event.repositories:
            _keep_sightings(tx, event, event.repositories[0], now)
        subjects = [*event.due, *_by_head(tx, event), *_pushed(tx, event, guarded)]
        for each in subjects:
            if each.kind is SubjectKind.INSTALLATION:  # granted, unlocked or made anew: what failed may work now
                due.revive(tx, f"{each.forge}/{each.item}", now)
        due.mark(tx, subjects, now)
        return subjects


def _pushed(tx: Tx, event: Event, guarded: Guarded | None) -> list[Subject]:
    """A push to a guarded branch is looked at: it may have come through no change."""
    if event.push is None or event.push.after is None or not event.repositories or guarded is None:
        return []
    told, branch = event.repositories[0], event.push.branch
    repository = repositories.get(tx, told.forge, told.id) or told
    return [Subject(event.forge, repository.id, SubjectKind.WATCH, branch)] if guarded(repository, branch) else []


def _told_at(event: Event) -> datetime | None:
    """When the thing happened that a delivery tells of; None where it does not say."""
    return max((each.at for each in (event.review, event.push, event.head) if each is not None), default=None)


def _keep_sightings(tx: Tx, event: Event, repository: Repository, now: datetime) -> None:
    echoes.told(tx, event, repository, now)
    if event.review is not None:
        sightings.review(tx, (event.forge, repository.id), event.review)
    if event.push is not None:
        sightings.push(tx, event.forge, repository.id, event.push)
    if event.head is not None:
        sightings.head(tx, event.forge, repository.id, event.head)
    if event.tip is not None:
        tips.told(tx, event.forge, repository.id, event.tip, now)


def _by_head(tx: Tx, event: Event) -> list[Subject]:
    """The open changes on the heads that the event named; where we know none there and should, a whole repository."""
    subjects = []
    for repository, sha in event.due_heads:
        known = [row.subject for row in changes.with_head(tx, event.forge, repository, sha)]
        if not known and event.seek:
            known = [Subject(event.forge, repository, SubjectKind.REPOSITORY)]
        subjects += known
    return subjects
