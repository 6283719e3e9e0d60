"""The pages of the simulated forge, for people: look at a change, act as one of the five, watch the check.

Every button makes the request to the REST API that the person would make, with the same rights, checks and webhooks;
only pushing goes to the control plane, since there is no git here. Pages need no script and load nothing from
elsewhere.
"""

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
)
from werkzeug.wrappers import Response as BaseResponse

from bot.sandbox.github.errors import Refused
from bot.sandbox.github.identity import person
from bot.sandbox.github.pages import act, oauth, show
from bot.sandbox.github.pages.acting import COOKIE, acting
from bot.sandbox.github.pages.making import blueprint as making
from bot.sandbox.github.seed import AI_TRAILER
from bot.sandbox.github.service import Service
from bot.sandbox.markup import moment

__all__ = ["blueprint", "making"]


def blueprint(service: Service) -> Blueprint:  # noqa: C901 - a flat table of cases
    """The pages over one service."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    world = service.world
    given = oauth.Authorizations(world)

    @pages.record_once
    def prepare(state: Any) -> None:
        state.app.secret_key = secrets.token_hex(16)
        state.app.jinja_env.trim_blocks = state.app.jinja_env.lstrip_blocks = True
        state.app.jinja_env.filters["moment"] = moment

    @pages.before_request
    def same_site() -> None:
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin and urlsplit(origin).netloc != request.host:
            abort(403)

    def page(template: str, **values: Any) -> str:
        shared = {"me": acting(world), "people": show.people(world), "messages": get_flashed_messages()}
        return render_template(template, **shared, **values)

    @pages.get("/")
    def home() -> str:
        with world.lock:
            return page("home.html", repositories=show.repositories(world), title="Simulated forge")

    @pages.post("/sandbox/act-as")
    def switch() -> BaseResponse:
        back = request.form.get("back", "/")
        safe = back if back.startswith("/") and not back.startswith("//") else "/"
        response = make_response(redirect(safe, 303))
        response.set_cookie(COOKIE, request.form.get("login", ""), samesite="Strict", httponly=True)
        return response

    @pages.get("/<owner>/<name>")
    def repository(owner: str, name: str) -> str:
        with world.lock:
            return page("repository.html", repo=show.repository(world, owner, name), title=f"{owner}/{name}")

    @pages.get("/<owner>/<name>/pull/<int:number>")
    def change(owner: str, name: str, number: int) -> str:
        with world.lock:
            pull = world.pull(world.repository(owner, name), number)
            found = show.change(world, pull, person(world, acting(world)))
            return page("change.html", change=found, trailer=AI_TRAILER, title=f"{found['title']} · #{number}")

    @pages.post("/<owner>/<name>/pull/<int:number>/<action>")
    def button(owner: str, name: str, number: int, action: str) -> BaseResponse:
        flash(act.press(service, acting(world), f"{owner}/{name}", number, action, request.form))
        return redirect(f"/{owner}/{name}/pull/{number}", 303)

    @pages.route("/<owner>/<name>/new", methods=["GET", "POST"])
    def new(owner: str, name: str) -> BaseResponse | str:
        if request.method == "POST":
            number, message = act.open_change(service, acting(world), f"{owner}/{name}", request.form)
            flash(message)
            where = f"pull/{number}" if number else "new"
            return redirect(f"/{owner}/{name}/{where}", 303)
        with world.lock:
            found = show.repository(world, owner, name)
            return page("new.html", repo=found, trailer=AI_TRAILER, title=f"New change in {owner}/{name}")

    @pages.get("/<owner>/<name>/runs/<int:number>")
    def run(owner: str, name: str, number: int) -> str:
        with world.lock:
            return page("run.html", run=show.run(world, owner, name, number), title="Check")

    @pages.get("/login/oauth/authorize")
    def authorize() -> BaseResponse | str:
        asked = {key: value for key, value in request.args.items() if key != "agree"}
        if request.args.get("agree"):
            return redirect(given.agreed(acting(world), asked), 303)
        given.check(asked)
        agree = f"/login/oauth/authorize?{urlencode(asked | {'agree': '1'})}"
        host = urlsplit(asked["redirect_uri"]).netloc
        return page("authorize.html", agree=agree, host=host, title="Log in")

    @pages.post("/login/oauth/access_token")
    def access_token() -> dict[str, Any]:
        return given.token(request.form)

    @pages.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return page("message.html", message=error.message, title=error.message), error.status

    @pages.after_request
    def guard(response: Response) -> Response:
        policy = (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        response.headers["Content-Security-Policy"] = policy
        return response

    return pages
