"""From a delivery to a due change, in one transaction: what is acknowledged is on disk.

Nothing slow happens here, nothing is decided, and of what the payload says only sightings are kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.forges.port import Forge
from bot.model.event import Event
from bot.model.subject import Repository, Subject, SubjectKind
from bot.service.doorbell import Doorbell
from bot.store import Store, Tx, changes, deliveries, due, repositories, sightings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes deliveries of any forge. `bell` is rung whenever something became due; `guarded` tells of a branch."""

    store: Store
    clock: Callable[[], datetime]
    bell: Doorbell = field(default_factory=Doorbell)
    guarded: Callable[[Repository, str], bool] = lambda _, __: False

    def take(self, forge: Forge, headers: Mapping[str, str], body: bytes) -> bool:
        """Verify and record a delivery. False for one that is ignored or was seen before; it is acknowledged too.

        Raises RefusedDeliveryError for one that is not taken, TryAgainError when it could not be stored.
        """
        with self.bell.answering():
            event = forge.receive(headers, body)
            if event is None:
                return False
            now = self.clock()
            with self.store.write() as tx:
                fresh = deliveries.record(tx, event.forge, event.delivery, event.kind, now)
                if fresh:
                    self._keep(tx, event, now)
        log.info("delivery", forge=event.forge, delivery=event.delivery, kind=event.kind, fresh=fresh)
        if fresh:
            self.bell.ring()
        return fresh

    def _keep(self, tx: Tx, event: Event, now: datetime) -> None:
        for repository in event.repositories:
            (repositories.introduce if event.hearsay else repositories.upsert)(tx, repository)
            if not repository.active:
                repositories.deactivate(tx, repository.forge, repository.id)
        if event.repositories:
            _keep_sightings(tx, event, event.repositories[0])
        subjects = [*event.due, *_by_head(tx, event), *self._pushed(tx, event)]
        due.mark(tx, subjects, now)

    def _pushed(self, tx: Tx, event: Event) -> list[Subject]:
        """A push to a guarded branch is looked at: it may have come through no change."""
        if event.push is None or event.push.after is None or not event.repositories:
            return []
        told, branch = event.repositories[0], event.push.branch
        repository = repositories.get(tx, told.forge, told.id) or told
        if not self.guarded(repository, branch):
            return []
        return [Subject(event.forge, repository.id, SubjectKind.WATCH, branch)]


def _keep_sightings(tx: Tx, event: Event, repository: Repository) -> None:
    if event.review is not None:
        sightings.review(tx, (event.forge, repository.id), event.review)
    if event.push is not None:
        sightings.push(tx, event.forge, repository.id, event.push)
    if event.head is not None:
        sightings.head(tx, event.forge, repository.id, event.head)


def _by_head(tx: Tx, event: Event) -> list[Subject]:
    """The open changes on the heads that the event named; where we know none there and should, a whole repository."""
    subjects = []
    for repository, sha in event.due_heads:
        known = [row.subject for row in changes.with_head(tx, event.forge, repository, sha)]
        if not known and event.seek:
            known = [Subject(event.forge, repository, SubjectKind.REPOSITORY)]
        subjects += known
    return subjects
