"""Telling people on the forge what the watch found: once each, where it happened, and without pinging anybody.

A change gets a comment; a commit that came through no change gets our check on it, as refused. What is about a
repository as a whole has no place there: it is in the log, the metrics and the list.
"""

from datetime import timedelta
from hashlib import sha256

import structlog

from bot.forges.port import Check, CheckState, Forge
from bot.gate.escape import code
from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.ids import Sha
from bot.model.subject import Repository
from bot.service.context import Context
from bot.service.publish import lease_name
from bot.store import changes, findings, leases
from bot.store.findings import Finding, FindingKind

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
CLOSE = "It stays listed until somebody closes it with a reason (finding {id}, `signoff watch` on the bot's host)."
TEXTS = {
    FindingKind.MERGED: "**Merged without sign-off.** This change was merged while it was not allowed. "
    "It is on the record, with when and by whom.",
    FindingKind.LATE: "**Evidence of AI after the merge.** With what this change discloses now, it would have waited "
    "for a sign-off. It is on the record.",
    FindingKind.FORGED: "**A mark that is not ours.** Somebody else set a status or a check with the name of this "
    "bot's check on the head of this change, or altered what ours says. That says nothing about a sign-off, and is on "
    "the record.",
}


def everything(context: Context, repository: Repository) -> None:
    """Tell what was not told yet in a repository; by one process at a time, so that nothing is told twice."""
    with context.store.read() as tx:
        waiting = findings.unannounced(tx, repository.forge, repository.id)
    if not waiting:
        return
    name, owner = f"announce/{repository.forge}/{repository.id}", f"{id(waiting)}/{context.clock().isoformat()}"
    with context.store.write() as tx:
        if not leases.hold(tx, name, owner, context.clock(), LEASE):
            return
        waiting = findings.unannounced(tx, repository.forge, repository.id)
    forge = context.forges[repository.forge]
    for each in waiting:
        try:
            _tell(context, forge, repository, each)
        except (GoneError, NeedsSomebodyError) as error:  # it is listed all the same
            log.warning("not_announced", finding=each.id, why=str(error))
        with context.store.write() as tx:
            findings.announced(tx, each.id, context.clock())
    with context.store.write() as tx:
        leases.release(tx, name, owner)


def _tell(context: Context, forge: Forge, repository: Repository, found: Finding) -> None:
    close = CLOSE.format(id=found.id)
    if found.number is not None and found.kind in TEXTS:
        forge.comment(repository, found.number, f"{TEXTS[found.kind]}\n\n{close}")
    elif found.kind is FindingKind.PUSHED and found.sha is not None:
        branch = code(str(found.body["branch"]))
        what = f"AI-assisted commits came to {branch} through no change that was allowed."
        if not found.body["commits"]:
            what = f"{branch} was rewritten, and cannot be compared with where it stood: look at what came with it."
        text = f"{what}\n\n{close}"
        digest = sha256(text.encode()).hexdigest()[:40]
        check = Check(CheckState.REFUSED, "Pushed past the sign-off", text, digest)
        _mark(context, repository, found.sha, check)


def _mark(context: Context, repository: Repository, sha: Sha, check: Check) -> None:
    """Put a check on a commit that no open change stands on: there, the change's own check says how it stands."""
    forge = context.forges[repository.forge]
    name, owner = lease_name(repository.forge, repository.id, sha), f"announce {sha}"
    with context.store.write() as tx:
        if changes.with_head(tx, repository.forge, repository.id, sha):
            return
        if not leases.hold(tx, name, owner, context.clock(), LEASE):
            return
    try:
        if forge.newest_check(repository, sha) is None:
            forge.publish(repository, sha, check, None)
    finally:
        with context.store.write() as tx:
            leases.release(tx, name, owner)
