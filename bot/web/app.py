"""The Flask application: takes deliveries, tells how it is, shows pages."""

from functools import partial

from flask import Flask, Response, request

from bot.service.context import Context
from bot.service.intake import Intake
from bot.web import health, pages, webhooks
from bot.web.limits import Limiter
from bot.web.viewer import Door, LocalDoor

MOST_PAGES = 600
"""So many pages a minute are shown to one address."""

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
    app.before_request(partial(_limit, context, Limiter(MOST_PAGES)))
    app.register_blueprint(pages.blueprint(context, door))
    door.install(app)
    app.after_request(_harden)
    return app


def _limit(context: Context, limiter: Limiter) -> Response | None:
    """Pages cost the database something; what machines ask for (webhooks, health, metrics) has its own measure."""
    if (request.blueprint or "").partition(".")[0] != "pages" or limiter.allows(
        request.remote_addr or "", context.clock().timestamp()
    ):
        return None
    text = "Too many requests from one address; try again in a minute.\n"
    return Response(text, status=429, mimetype="text/plain", headers={"Retry-After": "60"})


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
