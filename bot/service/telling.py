"""An entry of the ledger in words: who, what, and why they said they did it. Names are put in when it is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model.ids import AccountId
from bot.service.found import WORDS
from bot.service.naming import Names
from bot.store.ledger import Entry

_DONE = {
    "override": "overrode the gate",
    "clearance": "cleared a finding",
    "notmine": "said that the commits which name them are not theirs",
    "closefollowup": "closed the follow-up of an override",
    "withdrawn": "took the success back: the change is open no more",
    "policy_push": "pushed to the branch that the rules come from",
    "downtime": "had not been looking for a while",
    "finding-closed": "closed a finding",
    "policy_first": "took the first version of rules and roster",
    "policy_in_force": "took a new version of rules and roster, which came through the gate",
    "policy_accepted": "accepted a version of rules and roster on the server",
}
_ANSWERS = {"ai": "said that AI took part", "no_ai": "said that no AI took part"}
_EVENTS = {"start": "began to work", "stop": "ended its work"}
_FOUND_BY_US = frozenset({"finding", "enforcement"})
"""Kinds whose `by` is whom it is about, not who says it."""
_VERDICTS = {"allow": "decided that it may merge", "hold": "decided that it waits", "unknown": "could not decide yet"}
THE_BOT = "the bot"


@dataclass(frozen=True, slots=True)
class Told:
    """An entry for people. `head` is the commit it is about, empty where it is about none."""

    entry: Entry
    who: str
    what: str
    why: str
    head: str


def told(entry: Entry, names: Names) -> Told:
    """One entry, told."""
    body = entry.body
    who = THE_BOT if entry.kind in _FOUND_BY_US else _named(body.get("by"), names) or THE_BOT
    head = body.get("head") or body.get("sha") or body.get("commit") or ""
    return Told(entry, who, _what(entry, names), _why(body), str(head))


def accounts(entry: Entry) -> set[AccountId]:
    """The accounts that an entry's telling names."""
    body = entry.body
    named = (*_counted(body), *(body.get("objections") or ()))
    found = {body.get("by"), body.get("merged_by"), *(one["account"] for one in named)}
    return {AccountId(each) for each in found if isinstance(each, int) and not isinstance(each, bool)}


def _what(entry: Entry, names: Names) -> str:
    body = entry.body
    if entry.kind == "decision":
        return _decision(body, names)
    if entry.kind == "declaration":
        return _ANSWERS.get(str(body.get("answer")), "gave an answer")
    if entry.kind == "group":
        failing = ", ".join(f"#{number}" for number in body.get("failing") or ())
        return f"failed a merge group because of {failing}" if failing else "let a merge group pass"
    if entry.kind == "enforcement":
        before = f", {body['from']} before" if body.get("from") else ""
        return f"found the gate {body.get('to')}{before}"
    if entry.kind == "service":
        return _EVENTS.get(str(body.get("event")), f"told of a process: {body.get('event')}")
    if entry.kind == "finding":
        return _finding(body, names)
    return _DONE.get(entry.kind, entry.kind.replace("_", " ").replace("-", " "))


def _named(by: Any, names: Names) -> str:
    """Who a body names: an account by its number, or a process or person of the server by a text."""
    return names(by) if isinstance(by, int) and not isinstance(by, bool) else str(by or "")


def _finding(body: Mapping[str, Any], names: Names) -> str:
    kinds = {each.value: text for each, text in WORDS.items()}
    kind = kinds.get(str(body.get("kind")), "what passed the gate, or may")
    by = _named(body.get("merged_by") or body.get("by"), names)
    return f"found: {kind}{f' (by {by})' * bool(by)}"


def _decision(body: Mapping[str, Any], names: Names) -> str:
    text = _VERDICTS.get(str(body.get("verdict")), "decided")
    if body.get("overridden_until"):
        return f"{text}, overridden until {datetime.fromisoformat(body['overridden_until']):%Y-%m-%d %H:%M} UTC"
    if body.get("verdict") == "unknown":  # who signed does not matter until it can be told
        return text
    signed, against = _names(_counted(body), names), _names(body.get("objections") or (), names)
    return text + f", signed by {signed}" * bool(signed) + f", changes requested by {against}" * bool(against)


def _names(rows: Iterable[Mapping[str, Any]], names: Names) -> str:
    return ", ".join(sorted({names(one["account"]) for one in rows if one["account"] is not None}))


def _counted(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for each in body.get("requirements") or () for one in each.get("counted") or ()]


def _why(body: Mapping[str, Any]) -> str:
    """What was given as the reason; of a decision, what is still asked for."""
    given = body.get("reason") or body.get("note") or body.get("why")
    if given:
        return str(given)
    if body.get("facts"):
        return " ".join(str(fact["text"]) for fact in body["facts"])
    missing = [each for each in body.get("requirements") or () if not each.get("met")]
    return "; ".join(f"{each['name']}: {each['missing']} missing" for each in missing)
