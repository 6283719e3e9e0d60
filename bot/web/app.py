"""The Flask application: takes deliveries, tells how it is, shows pages."""

from functools import partial

from flask import Flask, Response, request
from werkzeug.exceptions import TooManyRequests

from bot.service.context import Context
from bot.service.intake import Intake
from bot.web import health, pages, webhooks
from bot.web.limits import Limiter
from bot.web.viewer import Door, LocalDoor

MOST_PAGES = 600
"""How many pages a minute one session may ask for, and likewise one address that is not logged in."""
MOST_LOG_INS = 300
"""How many requests for logging in one address may make in a minute."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def create_app(context: Context, intake: Intake, *, body_limit: int, door: Door | None = None) -> Flask:
    """The application. `body_limit`: the largest webhook body taken, in bytes. `door` lets people in to the pages;
    without one, only whoever sits at this machine.
    """
    door = door or LocalDoor()
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["MAX_CONTENT_LENGTH"] = body_limit
    app.register_blueprint(webhooks.blueprint(context, intake))
    app.register_blueprint(health.blueprint(context))
    app.before_request(partial(_limit, context, door, _Budgets()))
    app.register_blueprint(pages.blueprint(context, door))
    door.install(app)
    app.after_request(_harden)
    return app


class _Budgets:
    """Three budgets: strangers, who all have one address behind a proxy, use up nothing of people who are logged in."""

    def __init__(self) -> None:
        self._people = Limiter(MOST_PAGES)
        self._strangers = {"pages": Limiter(MOST_PAGES), "login": Limiter(MOST_LOG_INS)}

    def allow(self, part: str, session: str | None, address: str, now: float) -> bool:
        """Whether a request for one part of the site may be answered; what machines ask for has its own measure."""
        limiter = self._strangers.get(part)
        if limiter is None:
            return True
        return limiter.allows(address, now) if session is None else self._people.allows(session, now)


def _limit(context: Context, door: Door, budgets: _Budgets) -> None:
    """Pages cost the database something, and logging in costs the forge something."""
    part, now = (request.blueprint or "").partition(".")[0], context.clock().timestamp()
    if budgets.allow(part, door.session(), request.remote_addr or "", now):
        return
    raise TooManyRequests(retry_after=60)


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
