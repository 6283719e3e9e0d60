"""Logging in with a forge (OAuth: state, PKCE), sessions that end, and what each may see.

The browser holds a signed cookie with a secret that names the session; the forge's token stays here, encrypted. What
somebody can read is asked with their own token and kept for a few minutes; if it cannot be asked, they see nothing.
Everything that is sent with POST must carry the session's own word and come from these pages.
"""

import hmac
import secrets
import threading
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import structlog
from cryptography.fernet import Fernet, InvalidToken
from flask import Blueprint, Flask, Request, Response, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as BaseResponse

from bot.forges.login import LogIn
from bot.model.errors import NeedsSomebodyError, SignoffError
from bot.model.ids import AccountId
from bot.service import signers
from bot.service.context import Context
from bot.store import repositories, sessions
from bot.store.sessions import SessionRow
from bot.web.viewer import Viewer

log = structlog.get_logger()

LIFE = timedelta(hours=8)
"""How long a log-in lasts. GitHub's tokens for people last as long where they expire."""
BEGUN = timedelta(minutes=10)
"""How long somebody may take to agree on the forge."""
FRESH = timedelta(minutes=2)
"""How long what somebody can read is kept."""
MOST = 2000
LONGEST = 1500
"""So long is the address that somebody returns to; with a longer one no browser would keep the cookie."""


@dataclass(frozen=True, slots=True)
class LogInSettings:
    """`ways` are the forges to log in with, `key` is secret, `public_url` where people reach the pages.

    `administrators` see everything: accounts by forge and number.
    """

    ways: Mapping[str, LogIn]
    key: str = field(repr=False)
    public_url: str
    administrators: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Read:
    until: datetime
    numbers: frozenset[int]


class LogInDoor:
    """Lets people in who logged in with a forge."""

    def __init__(self, context: Context, conf: LogInSettings) -> None:
        self._context = context
        self._conf = conf
        self._seal = Fernet(urlsafe_b64encode(_derived(conf.key, "tokens")))
        self._read: dict[str, _Read] = {}
        self._lock = threading.Lock()

    def install(self, app: Flask) -> None:
        """The routes of logging in and out, and the cookie's settings."""
        secure = self._conf.public_url.startswith("https://")
        app.secret_key = _derived(self._conf.key, "cookies")
        app.config |= {
            "SESSION_COOKIE_NAME": "__Host-signoff" if secure else "signoff",
            "SESSION_COOKIE_SECURE": secure,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "PERMANENT_SESSION_LIFETIME": LIFE,
        }
        app.register_blueprint(self._routes())

    def viewer(self, asked: Request) -> Viewer | Response:
        """Who asks; the page to log in at, or that they can see nothing now, if they may not look."""
        now = self._context.clock()
        secret = session.get("secret")
        if not isinstance(secret, str):
            return self._invited(asked)
        with self._context.store.read() as tx:
            row = sessions.get(tx, _digest(secret), now)
        if row is None or row.forge not in self._conf.ways:
            session.clear()
            return self._invited(asked)
        if asked.method not in {"GET", "HEAD"}:
            _own_form(asked)
        try:
            return self._seen(row, now)
        except NeedsSomebodyError:
            self._end(row.digest)
            return self._invited(asked)
        except SignoffError as error:
            log.warning("access_not_told", forge=row.forge, why=str(error))
            text = "The forge cannot say now what you may see, so nothing is shown. Please try again in a moment."
            return Response(render_template("message.html", heading="Not now", text=text, again=True), 503)

    def session(self) -> str | None:
        """See `Door`. The cookie is signed, so nobody can name a session that was not begun by logging in."""
        secret = session.get("secret")
        return _digest(secret) if isinstance(secret, str) else None

    def _seen(self, row: SessionRow, now: datetime) -> Viewer:
        """What somebody may see: everything for an administrator, else what they can read."""
        in_force = self._context.rulebook.current()
        who = (row.forge, int(row.account))
        administrator = who in self._conf.administrators
        lead = administrator or who in signers.leads(in_force.policy, in_force.roster, now.date())
        readable = self._readable(row, now)  # of administrators too: a log-in that the forge took back ends
        visible = None if administrator else {row.forge: readable}
        return Viewer(row.login, row.forge, row.account, visible, lead, session.get("csrf", ""))

    def _readable(self, row: SessionRow, now: datetime) -> frozenset[int]:
        kept = self._read.get(row.digest)
        if kept is not None and now < kept.until:
            return kept.numbers
        try:
            token = self._seal.decrypt(row.sealed.encode()).decode()
        except InvalidToken:
            raise NeedsSomebodyError("the session key was changed since; please log in again") from None
        with self._context.store.read() as tx:
            known = repositories.every(tx, forge=row.forge)
        numbers = self._conf.ways[row.forge].readable(token, known)
        with self._lock:
            if len(self._read) >= MOST:
                self._read.clear()
            self._read[row.digest] = _Read(now + FRESH, numbers)
        return numbers

    def _invited(self, asked: Request) -> Response:
        if asked.method not in {"GET", "HEAD"}:
            abort(403)
        ways = [(name, way.title) for name, way in self._conf.ways.items()]
        back = asked.full_path.rstrip("?")
        text = "You see here what you can read on the forge, so this page has to know who you are."
        return Response(render_template("message.html", heading="Log in", text=text, ways=ways, back=back), 401)

    def _end(self, digest: str) -> None:
        with self._context.store.write() as tx:
            sessions.end(tx, digest)
        self._read.pop(digest, None)
        session.clear()

    def _routes(self) -> Blueprint:
        routes = Blueprint("login", __name__)

        @routes.get("/login/<forge>")
        def begin(forge: str) -> BaseResponse:
            way = self._conf.ways.get(forge)
            if way is None:
                abort(404)
            begun = {"state": secrets.token_urlsafe(32), "verifier": secrets.token_urlsafe(48), "forge": forge}
            at = self._context.clock().isoformat()
            session["begun"] = {**begun, "back": _local(request.args.get("back", "/")), "at": at}
            return redirect(way.begin(self._back(forge), begun["state"], begun["verifier"]), 303)

        @routes.get("/login/<forge>/callback")
        def returned(forge: str) -> BaseResponse | tuple[str, int]:
            begun: Any = session.pop("begun", None)
            if not _fits(begun, forge, request.args.get("state", ""), self._context.clock()):
                return _not_in("This log-in was not begun here, or too long ago. Please begin again.")
            code = request.args.get("code", "")
            if not code:
                return _not_in("You did not agree on the forge, so nothing was done.")
            try:
                self._let_in(self._conf.ways[forge], code, begun["verifier"])
            except SignoffError as error:
                return _not_in(f"{error}.")
            return redirect(begun["back"], 303)

        @routes.post("/logout")
        def leave() -> BaseResponse:
            secret = session.get("secret")
            _own_form(request)
            if isinstance(secret, str):
                self._end(_digest(secret))
            return redirect(url_for("pages.queue_page"), 303)

        return routes

    def _let_in(self, way: LogIn, code: str, verifier: str) -> None:
        token = way.finish(self._back(way.name), code, verifier)
        account = way.account(token)
        secret, now = secrets.token_urlsafe(32), self._context.clock()
        sealed = self._seal.encrypt(token.encode()).decode()
        row = SessionRow(_digest(secret), way.name, AccountId(account.id or 0), account.login or "", sealed, now + LIFE)
        before = session.get("secret")
        if isinstance(before, str):
            self._end(_digest(before))
        with self._context.store.write() as tx:
            sessions.add(tx, row, now)
        session.clear()
        session.permanent = True
        session["secret"], session["csrf"] = secret, secrets.token_urlsafe(32)
        log.info("logged_in", forge=way.name, account=account.id)

    def _back(self, forge: str) -> str:
        return f"{self._conf.public_url}/login/{forge}/callback"


def _derived(key: str, purpose: str) -> bytes:
    return hmac.new(key.encode(), f"signoff-bot {purpose}".encode(), sha256).digest()


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _fits(begun: Any, forge: str, state: str, now: datetime) -> bool:
    """Whether somebody returns to the log-in that this browser began."""
    if not isinstance(begun, dict) or begun.get("forge") != forge:
        return False
    fresh = now - datetime.fromisoformat(begun["at"]) < BEGUN
    return fresh and hmac.compare_digest(state.encode(), begun["state"].encode())


def _local(back: str) -> str:
    """A path of these pages; anything else is the first page."""
    plain = back.isascii() and back.isprintable() and "\\" not in back and len(back) <= LONGEST
    return back if plain and back.startswith("/") and not back.startswith("//") else "/"


def _own_form(asked: Request) -> None:
    """403 unless a form was sent from one of these pages in this session."""
    word, given = session.get("csrf"), asked.form.get("csrf", "")
    site = asked.headers.get("Sec-Fetch-Site", "same-origin")
    if not isinstance(word, str) or not hmac.compare_digest(word.encode(), given.encode()) or site != "same-origin":
        abort(403)


def _not_in(text: str) -> tuple[str, int]:
    return render_template("message.html", heading="Not logged in", text=text, again=True), 400
