"""Who is asking: a person, an App by its signed token, or an App's installation by a token it was given.

People's tokens are `sandbox-user-<login>`; a third-party App's are `sandbox-app-<slug>`, which stands for its
installation in the owner of whatever is asked for. An App that has a key uses the published way: JWT, then
installation tokens.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

import jwt

from bot.sandbox.clock import iso, seconds
from bot.sandbox.github.errors import Refused
from bot.sandbox.github.records import Account, App, Installation, Token
from bot.sandbox.github.world import World

LONGEST_JWT = 600
SKEW = 60


@dataclass(frozen=True)
class Actor:
    """Who acts. `permissions` is None for people, whose rights come from their role in each repository."""

    account: Account | None = None
    app: App | None = None
    installation: Installation | None = None
    permissions: dict[str, str] | None = None
    repo_ids: tuple[int, ...] | None = None

    @property
    def login(self) -> str:
        """For logs: who it was."""
        if self.app and not self.installation:
            return f"app:{self.app.slug}"
        return self.account.login if self.account else "anonymous"

    @property
    def person(self) -> Account:
        """The account that acts. An App by its JWT alone, and nobody, cannot."""
        if self.account is None:
            raise Refused(401, "Requires authentication")
        return self.account


ANONYMOUS = Actor()


def authenticate(world: World, header: str) -> Actor:
    """The actor of an Authorization header. Raises 401 with GitHub's words."""
    scheme, _, credential = header.partition(" ")
    credential = credential.strip()
    if not header:
        return ANONYMOUS
    if scheme.lower() not in {"bearer", "token"}:
        raise Refused(401, "Bad credentials")
    if credential.count(".") == 2:  # noqa: PLR2004 - the shape of a JWT
        return _by_jwt(world, credential)
    if credential.startswith("sandbox-user-"):
        return person(world, credential.removeprefix("sandbox-user-"))
    if credential.startswith("sandbox-app-"):
        return as_app(world, credential.removeprefix("sandbox-app-"))
    return _by_installation_token(world, credential)


def person(world: World, login: str) -> Actor:
    """A person or bot account acting for itself."""
    try:
        account = world.account(login)
    except Refused:
        raise Refused(401, "Bad credentials") from None
    return Actor(account=account)


def as_app(world: World, slug: str) -> Actor:
    """A third-party App acting through its (first) installation, with all the permissions that one has."""
    app = next((found for found in world.store.all(App) if found.slug == slug), None)
    installed = world.store.where(Installation, app_id=app.id) if app else []
    if app is None or not installed:
        raise Refused(401, "Bad credentials")
    return _installed(world, app, installed[0], installed[0].permissions, installed[0].repo_ids)


def _installed(
    world: World, app: App, installation: Installation, permissions: dict[str, str], repo_ids: tuple[int, ...] | None
) -> Actor:
    if installation.suspended_at:
        raise Refused(403, "This installation has been suspended")
    return Actor(world.account_by_id(app.bot_id), app, installation, dict(permissions), repo_ids)


def _by_installation_token(world: World, text: str) -> Actor:
    found = world.store.where(Token, text=text)
    installation = world.store.get(Installation, found[0].installation_id) if found else None
    if installation is None or seconds(found[0].expires_at) <= world.clock.seconds():
        raise Refused(401, "Bad credentials")
    app = world.existing(App, installation.app_id)
    return _installed(world, app, installation, found[0].permissions, found[0].repo_ids)


def _by_jwt(world: World, text: str) -> Actor:
    """Judged by real time: the App signs with its own clock, which the sandbox's clock does not move."""
    try:
        claims: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
        issuer = int(claims["iss"])
    except (jwt.PyJWTError, KeyError, TypeError, ValueError):
        raise Refused(401, "A JSON web token could not be decoded") from None
    app = world.store.get(App, issuer)
    if app is None or app.public_key is None:
        raise Refused(404, "Integration not found")
    try:
        options: Any = {"verify_iat": False, "verify_exp": False, "require": ["exp", "iat", "iss"], "verify_iss": False}
        claims = jwt.decode(text, app.public_key, algorithms=["RS256"], options=options)
        expires, issued = float(claims["exp"]), float(claims["iat"])
    except (jwt.PyJWTError, TypeError, ValueError):
        raise Refused(401, "A JSON web token could not be decoded") from None
    now = time.time()
    if expires < now:
        raise Refused(401, "'Expiration time' claim ('exp') must be a numeric value representing the future time at"
                      " which the assertion expires")  # fmt: skip
    if expires > now + LONGEST_JWT + SKEW or expires - issued > LONGEST_JWT + SKEW:
        raise Refused(401, "'Expiration time' claim ('exp') is too far in the future")
    if issued > now + SKEW:
        raise Refused(401, "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was"
                      " issued")  # fmt: skip
    return Actor(app=app)


def give_token(
    world: World, installation: Installation, permissions: dict[str, str], repo_ids: tuple[int, ...] | None
) -> Token:
    """A new installation token. It lives as long as the setting `token_seconds` says."""
    expires = iso(world.clock.seconds() + world.setting("token_seconds"))
    return world.store.add(
        Token(
            text=f"sandbox-installation-{secrets.token_hex(18)}",
            installation_id=installation.id,
            permissions=permissions,
            repo_ids=repo_ids,
            expires_at=expires,
        )
    )
