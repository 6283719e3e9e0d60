"""The queue: what waits, the most pressing first, for one person or for all."""

from flask import Blueprint, abort, render_template, request

from bot.model.roster import Roster
from bot.model.subject import Subject
from bot.service.context import Context
from bot.store import Tx, queue
from bot.web import viewer
from bot.web.naming import numbers_of
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


def _asked(tx: Tx, context: Context, roster: Roster, who: Viewer, person: str) -> dict[str, frozenset[str]] | None:
    """Whose queue it is, as `queue.page` takes it: somebody by login on whichever forge, else the one who looks;
    nobody's, where nobody logs in.
    """
    if person:
        accounts = numbers_of(tx, roster, context.forges, person)
    elif who.forge is not None and who.account is not None:
        accounts = {who.forge: who.account}
    else:
        return None
    return {forge: queue.of_account(tx, forge, account) for forge, account in accounts.items()}


def _subject(text: str | None) -> Subject | None:
    """The change that a page ends with; 400 for what is none, or has a number that no database takes."""
    try:
        found = Subject.parse(text) if text else None
        beyond = found is not None and max(found.number, found.repository) >= 2**63
    except ValueError:
        abort(400)
    return abort(400) if beyond else found
