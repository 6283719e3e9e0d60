"""The Flask application: takes deliveries, tells how it is, shows pages."""

from flask import Flask, Response

from bot.service.context import Context
from bot.service.intake import Intake
from bot.web import health, pages, webhooks
from bot.web.viewer import Door, LocalDoor

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
    app.register_blueprint(pages.blueprint(context, door))
    door.install(app)
    app.after_request(_harden)
    return app


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
