"""The findings of the watch as plain nouns, for a page, the command line, or anybody: each in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.ids import AccountId
from bot.model.roster import Roster
from bot.model.subject import Subject
from bot.service.context import Context
from bot.service.naming import Names, naming
from bot.store import Tx, findings, repositories
from bot.store.findings import Finding, FindingKind


@dataclass(frozen=True, slots=True)
class Listed:
    """A finding for people. `where` names the change or the repository, `change` is the key of the change's page.

    `text` says what happened, in a sentence; names in it may have been forgotten, then ids stand there. It is other
    people's text in part: escape it. `facts` is everything that is known, by account id.
    """

    id: int
    kind: str
    where: str
    text: str
    change: str | None
    sha: str | None
    found_at: datetime
    facts: Mapping[str, Any]
    closed_at: datetime | None
    closed_by: str | None
    reason: str | None


def listed(context: Context, *, closed: bool = False, after: int = 0, limit: int = 100) -> tuple[Listed, ...]:
    """Findings by number, the open ones or all; `after` is the number of the last one had."""
    roster = context.rulebook.current().roster
    with context.store.read() as tx:
        return told(tx, findings.page(tx, closed=closed, after=after, limit=limit), roster)


WORDS = {
    FindingKind.MERGED: "merged without sign-off",
    FindingKind.LATE: "evidence of AI after the merge",
    FindingKind.PUSHED: "pushed past the gate",
    FindingKind.ENFORCEMENT: "the gate can be passed",
    FindingKind.FORGED: "a mark that is not ours",
    FindingKind.LEDGER: "the record was altered",
    FindingKind.OVERRIDE: "override to be looked at",
}


def told(tx: Tx, found: Sequence[Finding], roster: Roster) -> tuple[Listed, ...]:
    """Findings in words, in their order; people by the roster's logins, else by the one last seen, else by number."""
    names, where = {}, {}
    for forge in {each.forge for each in found}:
        there = [each for each in found if each.forge == forge]
        accounts = {account for each in there for account in (_by(each), each.closed_by) if account}
        names[forge] = naming(tx, roster, forge, map(AccountId, accounts))
        where[forge] = repositories.names(tx, forge, (each.repository for each in there))
    return tuple(_told(each, where[each.forge].get(each.repository), names[each.forge]) for each in found)


def _told(found: Finding, repository: str | None, names: Names) -> Listed:
    name = repository or f"{found.forge}/{found.repository}"
    subject = None if found.number is None else Subject.change(found.forge, found.repository, found.number)
    return Listed(
        id=found.id,
        kind=found.kind.value,
        where=name if found.number is None else f"{name}#{found.number}",
        text=_text(found, names),
        change=None if subject is None else subject.key,
        sha=found.sha,
        found_at=found.found_at,
        facts=found.body,
        closed_at=found.closed_at,
        closed_by=names(found.closed_by) if found.closed_by else None,
        reason=found.reason,
    )


def _by(found: Finding) -> int | None:
    """The account that did it, by the finding's body."""
    return found.body.get("merged_by") or found.body.get("by")


def _text(found: Finding, names: Names) -> str:
    body, account = found.body, _by(found)
    by = "somebody unknown" if account is None else names(account)
    match found.kind:
        case FindingKind.MERGED:
            away = " while nobody was looking" if body["away"] else ""
            return f"{by} merged it into {body['base']} at {_at(body['merged_at'])}{away}; it was not allowed"
        case FindingKind.LATE:
            tools = ", ".join(body["tools"])
            return f"evidence of AI ({tools}) came after {by} merged it at {_at(body['merged_at'])}"
        case FindingKind.PUSHED:
            return _pushed(body, by)
        case FindingKind.ENFORCEMENT:
            return f"the gate is {body['grade']}: " + " ".join(fact["text"] for fact in body["facts"])
        case FindingKind.FORGED:
            if body.get("app"):
                return f"the App {body['app']} set a check with the name of ours ({body['state']}), which counts here"
            if body.get("altered"):
                merged = "it is merged: what was decided is in the ledger"
                now = merged if body.get("merged") else "it was written anew"
                return f"{by} altered what our check says there, at {_at(body['at'])}; {now}"
            return f"{by} set a status with the name of our check ({body['state']}) at {_at(body['at'])}"
        case FindingKind.LEDGER:
            return (
                f"its check carries the ledger hash {body['witness'][:12]}, which the ledger does not have: "
                "entries were taken away or rewritten, or an older copy of the database was put back"
            )
        case FindingKind.OVERRIDE:
            return f"{by} overrode it at {_at(body['at'])}: {body['reason']}"


def _pushed(body: Mapping[str, Any], by: str) -> str:
    count, tools, branch = len(body["commits"]), ", ".join(body["tools"]), body["branch"]
    if count:
        return f"{by} pushed AI-assisted commits ({count}, {tools}) to {branch}, through no allowed change"
    stood = f"the forge cannot compare it with where it stood ({body['from'][:7]})"
    return f"{by} rewrote {branch}: {stood}, so nobody can tell whether AI-assisted commits came with it"


def _at(moment: str) -> str:
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M} UTC"
