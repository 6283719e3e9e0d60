"""Pages for people: the open changes, and one change with its whole decision. Reading them writes nothing anywhere.

Without a configured log-in they answer this machine only.
"""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from bot.model.subject import Subject
from bot.service.context import Context
from bot.store import ChangeRow, changes, ledger
from bot.web.access import is_local

PAGE = 50
HISTORY = 50


def blueprint(context: Context) -> Blueprint:
    """The routes of the pages."""
    routes = Blueprint("pages", __name__)

    @routes.before_request
    def only_here() -> tuple[str, int] | None:
        if is_local(request):
            return None
        text = "No log-in is configured, so these pages are shown on the machine itself only."
        return render_template("message.html", heading="Not from here", text=text), 403

    @routes.get("/")
    def queue() -> str:
        after = _subject(request.args.get("after"))
        with context.store.read() as tx:
            rows = changes.page(tx, after=after, limit=PAGE + 1)
        fault = context.rulebook.current().fault
        return render_template("queue.html", rows=rows[:PAGE], more=len(rows) > PAGE, fault=fault)

    @routes.get("/changes/<forge>/<int:repository>/change/<int:number>")
    def change(forge: str, repository: int, number: int) -> str:
        subject = Subject.change(forge, repository, number)
        with context.store.read() as tx:
            row = changes.get(tx, subject)
            if row is None:
                abort(404)
            history = ledger.entries(tx, subject=subject.key, limit=HISTORY, newest_first=True)
        return render_template("change.html", row=row, decision=row.decision or {}, history=history, tone=_tone(row))

    @routes.app_errorhandler(404)
    def missing(error: Exception) -> tuple[str, int]:
        del error
        text = "There is no such page, or the bot knows no such change."
        return render_template("message.html", heading="Not found", text=text), 404

    @routes.get("/favicon.ico")
    def no_icon() -> Response:
        return Response(status=204)

    routes.add_app_template_filter(_moment, "moment")
    return routes


def _subject(text: str | None) -> Subject | None:
    try:
        return Subject.parse(text) if text else None
    except ValueError:
        abort(400)


def _tone(row: ChangeRow) -> str:
    if row.verdict == "allow":
        return "passed"
    return "refused" if row.decision and row.decision.get("objections") else "waiting"


def _moment(value: Any) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S UTC") if value else "never"
