"""What the forge witnesses of the ledger: each check that we published carries the hash which was its newest then.

Each reading of a change brings one back, and it is held against the ledger at once; whoever verifies the ledger can
ask for all of them. Nothing is decided by it.
"""

from collections.abc import Iterable, Iterator

import structlog

from bot.forges.port import Forge, Published
from bot.model.errors import GoneError
from bot.model.subject import Subject
from bot.service import watch
from bot.service.context import Context
from bot.store import findings, ledger, records
from bot.store.findings import FindingKind, NewFinding
from bot.store.ledger import GENESIS

log = structlog.get_logger()

UNKNOWN = "ledger/unknown/"


def held(context: Context, subject: Subject, published: Published | None) -> None:
    """Hold the hash that a published check carries against the ledger. One that it does not have is a finding, one for
    all that were put back together: the other checks of that time carry unknown hashes too.
    """
    digest = None if published is None else published.witness
    if digest is None or digest == GENESIS:
        return
    name = f"{UNKNOWN}{digest}"
    with context.store.read() as tx:
        if ledger.holds(tx, digest) or records.get(tx, name) is not None:
            return
    new = NewFinding(subject.forge, subject.repository, FindingKind.LEDGER, digest, {"witness": digest}, subject.number)
    with context.store.write() as tx:
        records.put(tx, name, subject.key)
        log.error("ledger_lacks_a_published_hash", hash=digest)
        if not findings.page(tx, kind=FindingKind.LEDGER, limit=1):
            watch.found(tx, new, context.clock())


def carried(forges: Iterable[Forge]) -> Iterator[tuple[str, str | None]]:
    """Each open change, and the hash that our check on it carries, None where there is none. A reading for each."""
    for forge in forges:
        for repository in forge.repositories():
            for each in forge.open_changes(repository):
                try:
                    published = forge.fetch_change(repository, each.number).published
                except GoneError:
                    continue
                yield f"{repository.name}#{each.number}", None if published is None else published.witness
