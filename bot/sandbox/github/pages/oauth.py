"""GitHub's log-in for other sites: a page where a person agrees, a code, and a token for it (code, state, PKCE).

Only pages on this machine are sent back to. As GitHub does, a wrong code is answered with 200 and an error.
"""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from bot.sandbox.github.errors import Refused
from bot.sandbox.github.records import App
from bot.sandbox.github.world import World

CLIENT_ID = "Iv1.sandbox"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105  of a simulated forge on this machine
LIFE = 600
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Code:
    """What a code stands for until it is used."""

    login: str
    back: str
    challenge: str
    ends: float


class Authorizations:
    """The codes that were given out."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._codes: dict[str, Code] = {}

    def check(self, asked: Mapping[str, str]) -> None:
        """Whether a site may ask so; raises Refused with what is wrong."""
        app, back = self._app(asked), asked.get("redirect_uri", "")
        if app is None and asked.get("client_id") != CLIENT_ID:
            raise Refused(404, "There is no application with this client id")
        if urlsplit(back).hostname not in HERE or (app is not None and back not in app.callback_urls):
            raise Refused(400, "The redirect_uri is not associated with this application")
        if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
            raise Refused(400, "Only the code challenge method S256 is taken")

    def agreed(self, login: str, asked: Mapping[str, str]) -> str:
        """The person agrees: the address to go back to, with a code."""
        self.check(asked)
        code, back = secrets.token_hex(10), asked["redirect_uri"]
        ends = self._world.clock.seconds() + LIFE
        self._codes[code] = Code(login, back, asked.get("code_challenge", ""), ends)
        return f"{back}?{urlencode({'code': code, 'state': asked.get('state', '')})}"

    def token(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The token for a code, which is used up by it."""
        app = self._app(form)
        known = (CLIENT_ID, CLIENT_SECRET) if app is None else (app.client_id, app.client_secret)
        if (form.get("client_id"), form.get("client_secret")) != known:
            return {"error": "incorrect_client_credentials"}
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.ends < self._world.clock.seconds() or code.back != form.get("redirect_uri", code.back):
            return {"error": "bad_verification_code"}
        if code.challenge and code.challenge != _challenge(form.get("code_verifier", "")):
            return {"error": "bad_verification_code"}
        return {"access_token": f"sandbox-user-{code.login}", "token_type": "bearer", "scope": ""}

    def _app(self, asked: Mapping[str, str]) -> App | None:
        """The App that was made here with this client id, if it was."""
        return next((each for each in self._world.store.all(App) if each.client_id == asked.get("client_id")), None)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
