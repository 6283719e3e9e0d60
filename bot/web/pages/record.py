"""The record: searched along its indexes, the newest first, a page at a time, and written out to be proven."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from bot.model.subject import Subject
from bot.service import export, telling
from bot.service.context import Context
from bot.service.naming import naming
from bot.store import Store, Tx, ledger, repositories, visible
from bot.store.ledger import Entry, Search
from bot.web import viewer
from bot.web.naming import numbers_of

PAGE = 50
CHUNK = 1000
_HEX = frozenset("0123456789abcdef")
_SHORTEST, _SHA, _HASH = 7, 40, 64
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def register(routes: Blueprint, context: Context) -> None:
    """Its routes."""

    @routes.get("/record")
    def record_page() -> str:
        after = _number(request.args.get("after"))
        roster = context.rulebook.current().roster
        with context.store.read() as tx:
            wanted = _search(tx, context)
            found = ledger.search(tx, wanted, after=after, limit=PAGE + 1) if wanted else ()
            names = {
                forge: naming(tx, roster, forge, (each for entry in found for each in telling.accounts(entry)))
                for forge in {_forge(entry) for entry in found}
            }
            about = _about(tx, found)
            kinds, head = (ledger.kinds(tx), ledger.head(tx)) if viewer.current().sees_something else ((), None)
        told = [telling.told(entry, names[_forge(entry)]) for entry in found[:PAGE]]
        return render_template(
            "record.html", told=told, more=len(found) > PAGE, kinds=kinds, head=head, about=about, asked=_given()
        )

    @routes.get("/record.<any(jsonl, csv):form>")
    def record_file(form: str) -> Response:
        with context.store.read() as tx:
            wanted = _search(tx, context)
        entries = _all(context.store, wanted) if wanted else iter(())
        lines = export.partial(entries) if form == "jsonl" else export.table(entry for entry, _ in entries)
        kind = "application/jsonl" if form == "jsonl" else "text/csv"
        name = f"attachment; filename=signoff-record.{form}"
        return Response(lines, content_type=f"{kind}; charset=utf-8", headers={"Content-Disposition": name})


def _all(store: Store, wanted: Search) -> Iterator[tuple[Entry, str | None]]:
    """Everything that fits, oldest first, in short transactions; after a gap with the hash of the entry before it."""
    after = 0
    while True:
        with store.read() as tx:
            some = ledger.search(tx, wanted, after=after, limit=CHUNK, oldest_first=True)
            last = (after, *(each.seq for each in some))
            gaps = [each.seq - 1 for each, before in zip(some, last, strict=False) if each.seq != before + 1]
            hashes = ledger.hashes(tx, gaps) if gaps else {}
        yield from ((each, hashes.get(each.seq - 1)) for each in some)
        if len(some) < CHUNK:
            return
        after = some[-1].seq


def _given() -> dict[str, str]:
    """What the form was filled in with."""
    return {
        name: text for name in ("q", "kind", "by", "since", "until") if (text := request.args.get(name, "").strip())
    }


def _search(tx: Tx, context: Context) -> Search | None:
    """What is looked for, None for something that cannot be there."""
    given, seen = _given(), visible.scopes(viewer.current().visible)
    wanted: dict[str, Any] = {"scopes": None if seen is None else tuple(seen), "kind": given.get("kind")}
    until = _day(given.get("until"))
    wanted |= {"since": _day(given.get("since")), "until": until and until + timedelta(days=1)}
    if "by" in given:
        named = numbers_of(tx, context.rulebook.current().roster, context.forges, given["by"])
        if not named:
            return None
        wanted["by"] = tuple(named.items())
    if "q" in given:
        found = _named(tx, context, given["q"])
        if not found:
            return None
        wanted |= found
    return Search(**wanted)


def _named(tx: Tx, context: Context, text: str) -> dict[str, Any]:
    """What a text names: acme/payments#7, acme/payments, on whichever forge, a commit, or the start of an entry's
    hash.
    """
    name, mark, number = text.partition("#")
    if mark and not number.isdecimal():
        return {}
    digits = text.casefold()
    if not mark and set(digits) <= _HEX and _SHORTEST <= len(digits) <= _HASH:
        subjects = ledger.with_commit(tx, digits) if len(digits) <= _SHA else ()
        return {"subjects": subjects} if subjects else {"hash": digits}
    named = [(forge, repositories.by_name(tx, forge, name.strip())) for forge in context.forges]
    seen = viewer.current().visible
    here = [(forge, each.id) for forge, each in named if each is not None and visible.sees(seen, forge, each.id)]
    if not here:
        return {}
    if mark:
        return {"subjects": tuple(Subject.change(*each, int(number)).key for each in here)}
    return {"scopes": tuple(f"{forge}/{repository}" for forge, repository in here)}


def _about(tx: Tx, found: tuple[Entry, ...]) -> dict[str, tuple[str, str]]:
    """Of each subject, how people call it, and the address of its page where there is one."""
    subjects = {key: Subject.parse(key) for key in {entry.subject for entry in found if entry.subject}}
    names = {
        forge: repositories.names(tx, forge, {each.repository for each in subjects.values() if each.forge == forge})
        for forge in {each.forge for each in subjects.values()}
    }
    told: dict[str, tuple[str, str]] = {}
    for key, subject in subjects.items():
        name = names[subject.forge].get(subject.repository) or f"{subject.forge} {subject.repository}"
        is_change = subject.kind.value == "change"
        told[key] = (f"{name}#{subject.item}", f"/changes/{key}") if is_change else (name, "")
    return told


def _forge(entry: Entry) -> str:
    return (entry.subject or "").partition("/")[0]


def _day(text: str | None) -> datetime | None:
    """A day in UTC; one that a half-typed year makes is taken for the nearest that can be reckoned with."""
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        abort(400)
    return found and min(max(found, _FIRST), _LAST)


def _number(text: str | None) -> int:
    if text and not (text.isascii() and text.isdecimal() and len(text) < len(str(2**62))):
        abort(400)
    return int(text or 0)
