"""Pages for people: the queue, a change, repositories, rules and roster, the record, figures.

Reading them writes nothing anywhere. They work without JavaScript, load nothing from elsewhere, and show everything
that others wrote as text.
"""

import re
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from bot.gate.escape import plain
from bot.model.errors import SignoffError
from bot.service.context import Context
from bot.store import ChangeRow
from bot.web import viewer
from bot.web.pages import change, figures, policy, queue, record, repositories
from bot.web.viewer import Door

_SAID = {
    400: ("This request cannot be answered", "The address or the form has something in it that does not belong there."),
    403: ("Not for you", "You may not see this page, or the form was not sent from here."),
    404: ("Not found", "There is no such page, or the bot knows no such change that you may see."),
    405: ("This request cannot be answered", "This address cannot be opened like this. Nothing was done."),
    413: ("Too large", "What was sent is larger than this service takes."),
    429: ("Too many requests", "Please try again in a minute."),
    500: ("Something went wrong here", "It is in the log of whoever runs the bot. Nothing was lost; please try again."),
}
_CODE = re.compile(r"(?<!`)(`+)(?!`) ?(.+?) ?(?<!`)\1(?!`)")
_FOR_PEOPLE = frozenset({None, "pages", "login"})
"""The parts of the site that people look at; the others are answered as machines expect it."""


def blueprint(context: Context, door: Door) -> Blueprint:
    """The routes of the pages."""
    routes = Blueprint("pages", __name__)
    routes.before_request(lambda: viewer.admit(door))
    routes.before_request(_answerable)
    for page in (queue, change, repositories, policy, record, figures):
        page.register(routes, context)

    @routes.app_errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response | HTTPException:
        code = error.code or 500
        if code not in _SAID or request.blueprint not in _FOR_PEOPLE:
            return error
        heading, text = _SAID[code]
        page = render_template("message.html", heading=heading, text=text, again=True)
        headers = {"Retry-After": "60"} if code == TooManyRequests.code else {}
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return Response(page, code, headers)

    @routes.errorhandler(SignoffError)
    def unable(error: SignoffError) -> tuple[str, int]:
        text = f"{error}. Please try again in a moment."
        return render_template("message.html", heading="Not now", text=text, again=True), 503

    @routes.get("/favicon.ico")
    def no_icon() -> Response:
        return Response(status=204)

    @routes.app_context_processor
    def everywhere() -> dict[str, Any]:
        return {"viewer": g.get("viewer"), "now": context.clock()}

    for function in (moment, when, day, ago, duration, within, size, shown, marked):
        routes.add_app_template_filter(function)
    return routes


def _answerable() -> None:
    """400 for a character that no database looks for: PostgreSQL takes it in no text."""
    if "\0" in request.path or any("\0" in text for _, text in request.args.items(multi=True)):
        abort(400)


def shown(text: str | None) -> str:
    """One line of other people's text, with what cannot be seen spelled out, as the check shows it."""
    return plain(text or "", 300)


def marked(text: str) -> Markup:
    """Text of ours in which commands and names stand between backticks, as code; whom it is for goes first, bold."""
    lead, _, rest = text[2:].partition("**") if text.startswith("**") else ("", "", text)
    return Markup("<b>{}</b>{}").format(_coded(lead), _coded(rest)) if lead else _coded(rest)


def _coded(text: str) -> Markup:
    """With what stands between equally many backticks as code, as `gate.escape.code` writes it."""
    return Markup(_CODE.sub(r"<code>\2</code>", str(escape(text))))  # noqa: S704  escaped, and no tag comes from the text


def size(row: ChangeRow) -> str:
    """How large a change is, in files and lines."""
    if row.files is None:
        return "not known yet"
    return f"{row.files:,} file{'s' * (row.files != 1)}, +{row.additions or 0:,} \u2212{row.deletions or 0:,} lines"


def moment(value: datetime | None) -> str:
    """A time to the second."""
    return value.strftime("%Y-%m-%d %H:%M:%S UTC") if value else "never"


def when(value: datetime) -> Markup:
    """A time for a narrow column: it breaks between day and time only."""
    parts = (Markup('<span class="nowrap">{}</span>').format(part) for part in moment(value).split(" ", 1))
    return Markup('<time datetime="{}">{}</time>').format(value.strftime("%Y-%m-%dT%H:%M:%SZ"), Markup(" ").join(parts))


def day(value: datetime | None) -> str:
    """A day."""
    return value.strftime("%Y-%m-%d") if value else "never"


def ago(value: datetime | None, now: datetime) -> str:
    """How long something has lasted, in its largest unit."""
    return "" if value is None else duration((now - value).total_seconds())


def duration(seconds: float | None) -> str:
    """A time span in words: 40 seconds, 5 minutes, 3 hours, 12 days."""
    if seconds is None:
        return "none yet"
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'s' * (number != 1)}"
    number = max(0, int(seconds))
    return f"{number} second{'s' * (number != 1)}"


def within(seconds: float | None) -> str:
    """In how much time something was done, never less than it took: 12 minutes, 1 hour 59 minutes, 2 days 3 hours."""
    if seconds is None:
        return "none yet"
    step = 3600 if seconds > 86_400 else 60  # noqa: PLR2004  a day
    whole = -int(-seconds // step) * step
    parts = [duration(whole)]
    rest = whole % (86_400 if whole >= 86_400 else 3600)  # noqa: PLR2004
    return " ".join([*parts, duration(rest)] if rest and rest != whole else parts)
