"""The pages of the simulated GitLab, for people: look at a merge request, act as one of the people, watch the check.

Every button makes the request to the REST API that the person would make, with the same rights, checks and webhooks;
only pushing goes to the control plane, since there is no git here. Pages need no script and load nothing from
elsewhere.
"""

import secrets
from typing import Any
from urllib.parse import urlsplit

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

from bot.sandbox.gitlab.errors import Refused
from bot.sandbox.gitlab.pages import act, show
from bot.sandbox.gitlab.records import Project
from bot.sandbox.gitlab.seed import AI_TRAILER
from bot.sandbox.gitlab.service import Service
from bot.sandbox.markup import moment

COOKIE = "gitlab_act_as"
REQUEST = "/<path:project>/-/merge_requests/<int:iid>"


def blueprint(service: Service) -> Blueprint:  # noqa: C901 - a flat table of cases
    """The pages over one service."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    world = service.world

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

    def acting() -> str:
        """Who sits at the browser: the cookie's person, else the first there is."""
        names = [person["login"] for person in show.people(world)]
        chosen = request.cookies.get(COOKIE, "")
        return chosen if chosen in names else (names[0] if names else "")

    def page(template: str, **values: Any) -> str:
        shared = {"me": acting(), "people": show.people(world), "messages": get_flashed_messages()}
        return render_template(template, **shared, **values)

    @pages.get("/")
    def home() -> str:
        with world.lock:
            every = [show.project(world, project) for project in world.store.all(Project)]
            return page("projects.html", projects=every, title="Simulated GitLab")

    @pages.post("/sandbox/act-as")
    def switch() -> BaseResponse:
        back = request.form.get("back", "/")
        safe = back if back.startswith("/") and not back.startswith("//") else "/"
        response = make_response(redirect(safe, 303))
        response.set_cookie(COOKIE, request.form.get("login", ""), samesite="Strict", httponly=True)
        return response

    @pages.get(REQUEST)
    def one(project: str, iid: int) -> str:
        with world.lock:
            mr = world.merge_request(world.project(project), iid)
            found = show.request(world, mr, world.user(acting()))
            return page("request.html", mr=found, trailer=AI_TRAILER, title=f"{found['title']} · !{iid}")

    @pages.post(REQUEST + "/<action>")
    def button(project: str, iid: int, action: str) -> BaseResponse:
        flash(act.press(service, acting(), project, iid, action, request.form))
        return redirect(f"/{project}/-/merge_requests/{iid}", 303)

    @pages.route("/<path:project>/-/new", methods=["GET", "POST"])
    def new(project: str) -> BaseResponse | str:
        if request.method == "POST":
            iid, message = act.open_request(service, acting(), project, request.form)
            flash(message)
            return redirect(f"/{project}/-/" + (f"merge_requests/{iid}" if iid else "new"), 303)
        with world.lock:
            found = show.project(world, world.project(project))
            return page("new.html", repo=found, trailer=AI_TRAILER, title=f"New merge request in {project}")

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
