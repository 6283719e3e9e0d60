"""Access tokens, service accounts, and the bots of projects.

Who makes a service account: an administrator for the instance, an Owner for a top-level group, a Maintainer for a
project (18.11 and later). It is a member of nothing until somebody adds it.
"""

from typing import Any

from bot.sandbox.gitlab import access, identity, projects
from bot.sandbox.gitlab.errors import Refused, bad_request, forbidden, not_found, unauthorized
from bot.sandbox.gitlab.records import MAINTAINER, OWNER, Token, User
from bot.sandbox.gitlab.rest.call import Call, operation

FREE_ACCOUNTS = 100


def _shown(call: Call, token: Token, *, secret: bool = False, level: bool = False) -> Any:
    found = identity.view(call.world, token, secret=secret)
    if level:
        found["access_level"] = call.project.members.get(token.user_id, MAINTAINER)
    return found


def _issued(call: Call, user: User) -> Token:
    scopes = tuple(call.params["scopes"])
    return identity.issue(call.world, user, call.params["name"], scopes, call.params.get("expires_at"))


def _self(call: Call) -> Token:
    if call.actor.token is None:
        raise unauthorized() if call.actor.user is None else not_found("Token")
    return call.actor.token


def _own(call: Call) -> Token:
    found = call.world.store.get(Token, call.number("token_id"))
    if found is None or not (found.user_id == call.actor.person.id or call.actor.person.admin):
        raise not_found()
    return found


@operation("GET /personal_access_tokens", None)
def tokens(call: Call) -> Any:
    """One's own tokens; an administrator's view may name a user."""
    user_id = call.params.get("user_id", call.actor.person.id)
    if user_id != call.actor.person.id and not call.actor.person.admin:
        raise unauthorized()
    return call.paged(call.world.store.where(Token, user_id=user_id), lambda token: _shown(call, token))


@operation("GET /personal_access_tokens/self", None)
def self_token(call: Call) -> Any:
    """The token that asks."""
    return _shown(call, _self(call))


@operation("GET /personal_access_tokens/:token_id", None)
def token(call: Call) -> Any:
    """One of one's own."""
    return _shown(call, _own(call))


@operation("DELETE /personal_access_tokens/self", None)
def revoke_self(call: Call) -> Any:
    """No longer."""
    _self(call).revoked = True


@operation("DELETE /personal_access_tokens/:token_id", None)
def revoke(call: Call) -> Any:
    """Revoke one of one's own."""
    _own(call).revoked = True


@operation("POST /personal_access_tokens/self/rotate", None)
def rotate_self(call: Call) -> Any:
    """A new one for the one that asks, which is revoked at once."""
    return _shown(call, identity.rotate(call.world, _self(call), call.params.get("expires_at")), secret=True)


@operation("POST /personal_access_tokens/:token_id/rotate", None)
def rotate(call: Call) -> Any:
    """The same for another of one's own."""
    return _shown(call, identity.rotate(call.world, _own(call), call.params.get("expires_at")), secret=True)


@operation("POST /users/:user_id/personal_access_tokens", None)
def for_user(call: Call) -> Any:
    """A token for somebody, by an administrator."""
    if not call.actor.person.admin:
        raise forbidden()
    return _shown(call, _issued(call, call.user()), secret=True)


# Service accounts --------------------------------------------------------------------------------------------------


def _home(call: Call) -> tuple[str, int] | None:
    """Where the path's service accounts belong, if whoever asks may manage them."""
    kind = call.operation.name.split(" ")[1].split("/")[1]
    if kind == "groups":
        if access.group_level(call.world, call.actor.user, call.group) < OWNER:
            raise forbidden()
        if call.group.parent_id is not None and not call.world.since("18.10"):
            raise bad_request("Group must be a top-level group")
        return ("group", call.group.id)
    if kind == "projects":
        if not call.world.since("18.11"):
            raise Refused(404, "404 Not Found", error=True)
        access.require(call.world, call.actor, call.project, MAINTAINER)
        return ("project", call.project.id)
    if not call.actor.person.admin:
        raise forbidden()
    return None


def _accounts(call: Call) -> list[User]:
    home = _home(call)
    return [user for user in call.world.store.where(User, kind="service_account") if user.home == home]


def _account_view(user: User) -> dict[str, Any]:
    return {"id": user.id, "username": user.username, "name": user.name, "email": user.email}


@operation("GET /service_accounts", None)
@operation("GET /groups/:id/service_accounts", None)
@operation("GET /projects/:id/service_accounts", None)
def accounts(call: Call) -> Any:
    """The service accounts of the instance, the group or the project."""
    return call.paged(_accounts(call), _account_view)


@operation("POST /service_accounts", None)
@operation("POST /groups/:id/service_accounts", None)
@operation("POST /projects/:id/service_accounts", None)
def add_account(call: Call) -> Any:
    """A new one. Without a licence there can be a hundred."""
    home = _home(call)
    free = call.world.setting("tier") == "free"
    if free and len(call.world.store.where(User, kind="service_account")) >= FREE_ACCOUNTS:
        raise bad_request("No more seats are available to create Service Account User")
    text = (home and f"{home[0]}_{home[1]}_") or ""
    number = len(call.world.store.all(User)) + 1
    name = call.params.get("username") or f"service_account_{text}{number:04d}"
    if any(user.username == name for user in call.world.store.all(User)):
        raise bad_request("Username has already been taken")
    user = User(
        username=name, name=call.params.get("name", "Service account user"), kind="service_account", home=home,
        email=call.params.get("email", f"{name}@noreply.example.com"), created_at=call.world.clock.now(),
    )  # fmt: skip
    return _account_view(call.world.store.add(user))


def _account(call: Call) -> User:
    number = call.number("user_id")
    for user in _accounts(call):
        if user.id == number:
            return user
    raise not_found("User")


@operation("DELETE /groups/:id/service_accounts/:user_id", None)
@operation("DELETE /projects/:id/service_accounts/:user_id", None)
def delete_account(call: Call) -> Any:
    """Gone, with its tokens and memberships."""
    delete_user(call, _account(call))


def delete_user(call: Call, user: User) -> None:
    """Forget a user; what they wrote stays."""
    for row in call.world.store.where(Token, user_id=user.id):
        call.world.store.remove(row)
    projects.forget_member(call.world, user.id)
    call.world.store.remove(user)


SERVICE = "service_accounts/:user_id/personal_access_tokens"


@operation(f"GET /groups/:id/{SERVICE}", None)
@operation(f"GET /projects/:id/{SERVICE}", None)
def account_tokens(call: Call) -> Any:
    """The tokens of a service account."""
    found = call.world.store.where(Token, user_id=_account(call).id)
    return call.paged(found, lambda row: _shown(call, row))


@operation(f"POST /groups/:id/{SERVICE}", None)
@operation(f"POST /projects/:id/{SERVICE}", None)
def account_token(call: Call) -> Any:
    """A token for a service account."""
    return _shown(call, _issued(call, _account(call)), secret=True)


@operation(f"POST /groups/:id/{SERVICE}/:token_id/rotate", None)
@operation(f"POST /projects/:id/{SERVICE}/:token_id/rotate", None)
def rotate_account_token(call: Call) -> Any:
    """A new one for the old one."""
    found = identity.token_of(call.world, _account(call), call.number("token_id"))
    return _shown(call, identity.rotate(call.world, found, call.params.get("expires_at")), secret=True)


@operation(f"DELETE /groups/:id/{SERVICE}/:token_id", None)
@operation(f"DELETE /projects/:id/{SERVICE}/:token_id", None)
def revoke_account_token(call: Call) -> Any:
    """Revoke one."""
    identity.token_of(call.world, _account(call), call.number("token_id")).revoked = True


# Project access tokens ---------------------------------------------------------------------------------------------


def _bots(call: Call) -> list[Token]:
    access.require(call.world, call.actor, call.project, MAINTAINER)
    home = ("project", call.project.id)
    users = [user.id for user in call.world.store.where(User, kind="project_bot") if user.home == home]
    return [row for user_id in users for row in call.world.store.where(Token, user_id=user_id)]


@operation("GET /projects/:id/access_tokens", None)
def project_tokens(call: Call) -> Any:
    """The project's own tokens."""
    return call.paged(_bots(call), lambda row: _shown(call, row, level=True))


@operation("POST /projects/:id/access_tokens", None)
def project_token(call: Call) -> Any:
    """A token that comes with a bot, which is a member of the project."""
    number = len(_bots(call)) + 1
    level = call.params.get("access_level", MAINTAINER)
    if level > access.level(call.world, call.actor.user, call.project):
        raise bad_request("User does not have permission to create project access token")
    name = f"project_{call.project.id}_bot_{number:08x}"
    bot = call.world.store.add(
        User(
            username=name, name=call.params["name"], kind="project_bot", home=("project", call.project.id),
            email=f"{name}@noreply.example.com", created_at=call.world.clock.now(),
        )
    )  # fmt: skip
    projects.add_member(call.world, call.project, bot.id, level)
    return _shown(call, _issued(call, bot), secret=True, level=True)


def _project_token(call: Call) -> Token:
    for row in _bots(call):
        if row.id == call.number("token_id"):
            return row
    raise not_found()


@operation("POST /projects/:id/access_tokens/:token_id/rotate", None)
def rotate_project_token(call: Call) -> Any:
    """A new one for the old one."""
    found = identity.rotate(call.world, _project_token(call), call.params.get("expires_at"))
    return _shown(call, found, secret=True, level=True)


@operation("DELETE /projects/:id/access_tokens/:token_id", None)
def revoke_project_token(call: Call) -> Any:
    """Revoke one."""
    _project_token(call).revoked = True
