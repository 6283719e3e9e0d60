"""The queue: what waits, the most pressing first, for one person or for all."""

from collections.abc import Mapping

from flask import Blueprint, abort, render_template, request

from bot.model.roster import Roster
from bot.model.subject import Subject
from bot.service.context import Context
from bot.store import Tx, queue
from bot.web import viewer
from bot.web.naming import number_of
from bot.web.viewer import Viewer

PAGE = 50
VIEWS = ("mine", "waiting", "open")


def register(routes: Blueprint, context: Context) -> None:
    """Its route."""

    @routes.get("/")
    def queue_page() -> str:
        who = viewer.current()
        order, person = request.args.get("order", "risk"), request.args.get("for", "").strip()
        mine = who.account is not None and not person
        shown = request.args.get("show") or ("mine" if mine else "waiting")
        if shown not in VIEWS or order not in {"risk", "age"}:
            abort(400)
        in_force = context.rulebook.current()
        with context.store.read() as tx:
            asked = _asked(tx, context, in_force.roster, who, person) if person or shown == "mine" else None
            rows = queue.page(
                tx,
                visible=who.visible,
                who=asked,
                waiting=shown != "open",
                oldest_first=order == "age",
                after=_subject(request.args.get("after")),
                limit=PAGE + 1,
            )
        people = in_force.roster.people if who.sees_something else ()
        return render_template(
            "queue.html",
            rows=rows[:PAGE],
            more=len(rows) > PAGE,
            fault=in_force.fault if who.lead else in_force.fault and "Whoever keeps them can read why on this page.",
            shown=shown,
            order=order,
            person=person,
            known=asked is None or bool(asked),
            names=[each.login for one in people for each in one.accounts[:1]],
            continued="after" in request.args,
        )


def _asked(tx: Tx, context: Context, roster: Roster, who: Viewer, person: str) -> Mapping[str, frozenset[str]] | None:
    """Whose queue it is, by forge: somebody's by login, else of the one who looks; nobody's, where nobody logs in."""
    if person:
        forges = [who.forge] if who.forge else list(context.forges)
        found = {forge: number_of(tx, roster, [forge], person) for forge in forges}
    else:
        found = {who.forge: who.account} if who.forge else {}
    known = {forge: queue.of_account(tx, forge, number) for forge, number in found.items() if number is not None}
    return known if known or person else None


def _subject(text: str | None) -> Subject | None:
    try:
        found = Subject.parse(text) if text else None
        if found is not None:
            _ = found.number
    except ValueError:
        abort(400)
    return found
