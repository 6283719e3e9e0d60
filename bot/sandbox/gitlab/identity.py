"""Who is asking: a user by a token in PRIVATE-TOKEN or as a bearer; and how tokens are made, rotated and revoked.

`sandbox-user-<username>` stands for a user's token with the scope api. Others are issued by the API or the control
plane; they have scopes, they expire, and rotating a revoked one kills its whole family.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from bot.sandbox.clock import iso, seconds
from bot.sandbox.gitlab.errors import Refused, bad_request, not_found, unauthorized
from bot.sandbox.gitlab.records import Token, User
from bot.sandbox.gitlab.world import World

SHORTCUT = "sandbox-user-"
DAY = 86_400
SCOPES = ("api", "read_api", "read_user", "read_repository", "write_repository", "self_rotate", "sudo", "admin_mode")
READING = {"read_api", "api"}


@dataclass(frozen=True)
class Actor:
    """Who acts. Without a `token` it is the shortcut, or a person at the pages."""

    user: User | None = None
    token: Token | None = None
    scopes: tuple[str, ...] = ("api",)

    @property
    def username(self) -> str:
        """For logs: who it was."""
        return self.user.username if self.user else "anonymous"

    @property
    def person(self) -> User:
        """The user that acts. Nobody cannot."""
        if self.user is None:
            raise unauthorized()
        return self.user


ANONYMOUS = Actor()


def authenticate(world: World, headers: dict[str, str]) -> Actor:
    """The actor of a request. Raises 401 or 403 with GitLab's words."""
    text = headers.get("Private-Token", "")
    scheme, _, credential = headers.get("Authorization", "").partition(" ")
    if not text and scheme.lower() == "bearer":
        text = credential.strip()
    if not text:
        return ANONYMOUS
    if text.startswith(SHORTCUT):
        return person(world, text.removeprefix(SHORTCUT))
    found = world.store.where(Token, text=text)
    user = world.store.get(User, found[0].user_id) if found else None
    if not found or user is None:
        raise unauthorized()
    token = found[0]
    if token.revoked:
        raise _invalid("Token was revoked. You have to re-authorize from the user.")
    if token.expires_at is not None and seconds(token.expires_at) <= world.clock.seconds():
        raise _invalid("Token is expired. You can either do re-authorization or token refresh.")
    _active(user)
    token.last_used_at = world.clock.now()
    return Actor(user, token, token.scopes)


def _invalid(why: str) -> Refused:
    return Refused(401, {"error": "invalid_token", "error_description": why}, error=True)


def _active(user: User) -> None:
    if user.state != "active":
        raise Refused(403, f"403 Forbidden - Your account has been {user.state}.")


def person(world: World, username: str) -> Actor:
    """A user acting for themselves."""
    try:
        user = world.user(username)
    except Refused:
        raise unauthorized() from None
    _active(user)
    return Actor(user)


def allow(actor: Actor, method: str, path: str) -> None:
    """Whether the token's scopes reach so far. Raises 403 insufficient_scope."""
    scopes = set(actor.scopes)
    reading = method == "GET"
    if "api" in scopes or actor.user is None or (reading and scopes & READING):
        return
    if "read_user" in scopes and reading and path.startswith("/user"):
        return
    if "self_rotate" in scopes and path.startswith("/personal_access_tokens/self"):
        return
    if "read_repository" in scopes and reading and "/repository/files/" in path:
        return
    body = {
        "error": "insufficient_scope",
        "error_description": "The request requires higher privileges than provided by the access token.",
        "scope": "api read_api" if reading else "api",
    }
    raise Refused(403, body, error=True)


def issue(  # noqa: PLR0913, PLR0917 - a token has these parts
    world: World, user: User, name: str, scopes: tuple[str, ...], expires_at: str | None, family: int = 0
) -> Token:
    """A new token. GitLab wants an end within the longest life that the instance allows; without one it is that."""
    unknown = set(scopes) - set(SCOPES)
    if unknown or not scopes:
        raise bad_request("scopes does not have a valid value")
    longest = world.clock.seconds() + world.setting("token_days") * DAY
    if expires_at is None:
        expires_at = iso(longest)[:10]
    if seconds(expires_at) > longest + DAY:
        raise bad_request({"expires_at": ["must be before " + iso(longest)[:10]]})
    text = f"glpat-sandbox-{secrets.token_hex(16)}"
    now = world.clock.now()
    token = Token(text=text, name=name, user_id=user.id, scopes=scopes, expires_at=expires_at, created_at=now)
    world.store.add(token)
    token.family = family or token.id
    return token


def rotate(world: World, token: Token, expires_at: str | None) -> Token:
    """Replace a token: the old one is revoked at once. Rotating a revoked one revokes all that came of it."""
    if token.revoked:
        for other in world.store.where(Token, user_id=token.user_id):
            if other.family == token.family:
                other.revoked = True
        raise unauthorized()
    token.revoked = True
    week = iso(world.clock.seconds() + 7 * DAY)[:10]
    user = world.existing(User, token.user_id)
    return issue(world, user, token.name, token.scopes, expires_at or week, token.family)


def token_of(world: World, user: User, token_id: int) -> Token:
    """One of a user's tokens by id."""
    found = world.existing(Token, token_id)
    if found.user_id != user.id:
        raise not_found()
    return found


def view(world: World, token: Token, *, secret: bool = False) -> dict[str, Any]:
    """A token as the API shows it; its text only when it was just made."""
    ended = token.expires_at is not None and seconds(token.expires_at) <= world.clock.seconds()
    found = {
        "id": token.id,
        "name": token.name,
        "revoked": token.revoked,
        "created_at": token.created_at,
        "description": None,
        "scopes": list(token.scopes),
        "user_id": token.user_id,
        "last_used_at": token.last_used_at,
        "active": not token.revoked and not ended,
        "expires_at": token.expires_at,
    }
    return found | ({"token": token.text} if secret else {})
