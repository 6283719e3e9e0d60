"""When other rules or another roster take force: which open changes must be decided again, and only these.

An edit of one person in a large organisation must not have ten thousand changes evaluated. With other rules, all of
them are; with another roster, those whose recorded decision the edit can touch. In doubt a change is marked.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import structlog

from bot import gate
from bot import rules as rules_floor
from bot.model.errors import BadInputError
from bot.model.roster import Roster
from bot.model.subject import Subject
from bot.service.context import Context
from bot.service.rulebook import Rules, loaded
from bot.store import Store, changes, due, records

log = structlog.get_logger()

IN_FORCE = "rules/in-force"
"""The version that all open changes were decided by, or are due for: its digests, and what it was read from."""


def rules_moved(context: Context) -> bool:
    """Mark the open changes that rules or a roster other than before can touch; whether there was anything new."""
    now = context.rulebook.current()
    with context.store.read() as tx:
        before = records.get(tx, IN_FORCE)
        if isinstance(before, Mapping) and before["version"] == now.version:
            return False
        touched = list(_touched(changes.decisions(tx), before, now))
    with context.store.write() as tx:
        records.put(tx, IN_FORCE, _record(now))
        due.mark(tx, touched, context.clock(), background=True)
        due.probe(tx, context.clock(), context.clock())
    log.info("rules_moved", version=now.version, marked=len(touched))
    return True


def last_in_force(store: Store) -> Rules | None:
    """The version that was in force last, read from what was kept of its files; None where that does not give it."""
    with store.read() as tx:
        kept = records.get(tx, IN_FORCE)
    if not isinstance(kept, Mapping):
        return None
    read = kept.get("rules")
    try:
        found = loaded(None if read is None else b64decode(read), "rules.yaml as last in force", _files(kept) or None)
    except BadInputError:
        return None
    return found if found.version == kept["version"] else None


def told(context: Context, by: Rules) -> None:
    """Mark the others where a change was decided by rules for which nobody is marked yet. These may be taken back
    before anybody looks, and then nothing would tell that there are decisions by them.
    """
    with context.store.read() as tx:
        marked = records.get(tx, IN_FORCE)
    if isinstance(marked, Mapping) and marked["version"] != by.version:
        rules_moved(context)


Decided = Iterable[tuple[Subject, Mapping[str, Any] | None]]


def _touched(decided: Decided, before: Any, now: Rules) -> Iterator[Subject]:
    roster = _roster(before, now)
    for subject, decision in decided:
        if roster is None or decision is None or _affected(decision, subject.forge, roster, now):
            yield subject


def _affected(decision: Mapping[str, Any], forge: str, before: Roster, now: Rules) -> bool:
    try:
        return gate.affected(decision, forge, now.policy, before, now.roster)
    except KeyError:  # a record of an earlier version of this program
        return True


def _roster(before: Any, now: Rules) -> Roster | None:
    """The roster before, if it alone is another one and can be told; else None: everything is marked."""
    if not isinstance(before, Mapping) or before["policy"] != now.policy.digest or not before["roster"]:
        return None
    try:
        return rules_floor.load_roster(_files(before))
    except BadInputError:
        return None


def _files(kept: Mapping[str, Any]) -> dict[str, bytes]:
    """What the roster of a recorded version was read from."""
    return {name: b64decode(data) for name, data in kept["roster"].items()}


def _record(now: Rules) -> dict[str, Any]:
    files = {name: b64encode(data).decode() for name, data in now.roster_files.items()}
    read = None if now.rules_file is None else b64encode(now.rules_file).decode()
    return {"version": now.version, "policy": now.policy.digest, "roster": files, "rules": read}
