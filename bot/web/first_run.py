"""The first-run page: shows what is to be asked of a forge, sends the person there, and takes what comes back.

It listens on loopback for one person: a one-time code, printed on the terminal, opens it; five wrong ones close it for
good. It keeps nothing and shows no secret: what came back goes to whoever started it, once.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import TypeAlias
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bot.model.errors import SignoffError
from bot.web.access import is_local

Shown: TypeAlias = tuple[str, int]
COOKIE = "signoff_first_run"
TRIES = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person will see and send: a heading, rows of (what, how much, why), and a form for the forge."""

    heading: str
    rows: tuple[tuple[str, str, str], ...]
    address: str
    fields: Mapping[str, str]
    state: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Next:
    """What the person does next, once the forge answered."""

    text: str
    address: str


def create(asked: Asked, code: str, take: Callable[[str], Next], shut: Callable[[], None]) -> Flask:
    """The page. `code` opens it; `take` gets the forge's own code, at most once, and says what is next; `shut` is told
    when too many wrong codes closed it.
    """
    app, door = Flask(__name__), _Door(code, shut)

    @app.before_request
    def only_here() -> Shown | None:
        if is_local(request):
            return None
        return _told("Not from here", "This page is shown on the machine itself only.", 403)

    @app.get("/")
    def begin() -> str:
        return render_template("first_run.html", asked=asked if door.known() else None, wrong=False, left=TRIES)

    app.post("/")(door.enter)

    @app.get("/made")
    def made() -> Shown | str:
        return _made(door, asked, take)

    @app.after_request
    def harden(response: Response) -> Response:
        forge = "{0.scheme}://{0.netloc}".format(urlsplit(asked.address))
        response.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'self'; form-action 'self' {forge}; frame-ancestors 'none'; base-uri 'none'"
        )
        for name, value in (("Referrer-Policy", "origin"), ("Cache-Control", "no-store")):
            response.headers[name] = value
        return response

    return app


class _Door:
    """Lets in the one person who has the code, and nobody after too many wrong ones."""

    def __init__(self, code: str, shut: Callable[[], None]) -> None:
        self._code = code.encode()
        self._shut = shut
        self._visitor = secrets.token_urlsafe(24)
        self._left = TRIES
        self.used = False

    def known(self) -> bool:
        """Whether the request is that person's."""
        return compare_digest(request.cookies.get(COOKIE, "").encode(), self._visitor.encode())

    def enter(self) -> BaseResponse | Shown:
        """The form with the code."""
        given = "".join(request.form.get("code", "").split())
        wrong = self._left > 0 and not compare_digest(given.encode(), self._code)
        self._left -= wrong
        if self._left <= 0:
            self._shut()
            return _told("Closed", "Too many wrong codes. Start the command again.", 403)
        if wrong:
            return render_template("first_run.html", asked=None, wrong=True, left=self._left), 403
        answer = make_response(redirect("/", 303))
        answer.set_cookie(COOKIE, self._visitor, httponly=True, samesite="Lax")  # Lax: the way back is a link elsewhere
        return answer


def _made(door: _Door, asked: Asked, take: Callable[[str], Next]) -> Shown | str:
    """The person is back from the forge."""
    if not door.known() or not compare_digest(request.args.get("state", "").encode(), asked.state.encode()):
        text = "This is not the answer to what was asked from here. Nothing was done. Begin where the terminal said."
        return _told("Not ours", text, 403)
    if door.used:
        return _told("Done already", "Go on at the terminal.", 400)
    if not request.args.get("code"):
        return _told("No code came back", "Nothing was done. Go back and confirm it at the forge.", 400)
    door.used = True
    try:
        return render_template("first_run.html", next=take(request.args["code"]))
    except SignoffError as error:
        return _told("That did not work", f"{error}. Start the command again.", 502)


def _told(heading: str, text: str, status: int) -> Shown:
    return render_template("first_run.html", heading=heading, text=text), status
