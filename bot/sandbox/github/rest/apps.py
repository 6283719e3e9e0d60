"""The operations of an App about itself: its installations, their tokens, its webhook deliveries."""

from typing import Any

from bot.sandbox.github import installing
from bot.sandbox.github.errors import Refused, invalid, not_found
from bot.sandbox.github.identity import give_token
from bot.sandbox.github.permissions import LEVELS
from bot.sandbox.github.records import Account, Delivery, Installation, Repository, Token
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import apps as views
from bot.sandbox.github.views.repositories import repository
from bot.sandbox.serving import Answer


@operation("apps/get-authenticated")
def get_app(call: Call) -> Any:
    """The App itself."""
    count = len(call.world.store.where(Installation, app_id=call.app.id))
    return views.integration(call.world, call.app) | {"installations_count": count}


@operation("apps/list-installations")
def list_installations(call: Call) -> Any:
    """Where it is installed."""
    found = call.world.store.where(Installation, app_id=call.app.id)
    return call.paged(found, lambda item: views.installation(call.world, item))


def _installation(call: Call) -> Installation:
    found = call.world.existing(Installation, call.number("installation_id"))
    if found.app_id != call.app.id:
        raise not_found()
    return found


@operation("apps/get-installation")
def get_installation(call: Call) -> Any:
    """One installation."""
    return views.installation(call.world, _installation(call))


def _installed_in(call: Call, account: Account, repo: Repository | None = None) -> Any:
    found = call.world.installation(call.app, account.id)
    if found is None or (repo is not None and not call.world.covers(found, repo)):
        raise not_found()
    return views.installation(call.world, found)


@operation("apps/get-repo-installation")
def get_repo_installation(call: Call) -> Any:
    """The installation that covers a repository."""
    repo = call.world.repository(call.params["owner"], call.params["repo"])
    return _installed_in(call, call.world.owner(repo), repo)


@operation("apps/get-org-installation")
def get_org_installation(call: Call) -> Any:
    """The installation in an organisation."""
    return _installed_in(call, call.org)


@operation("apps/get-user-installation")
def get_user_installation(call: Call) -> Any:
    """The installation in an account."""
    return _installed_in(call, call.world.account(call.params["username"]))


@operation("apps/create-installation-access-token")
def create_token(call: Call) -> Any:
    """A token for an installation, with no more than the installation has."""
    found = _installation(call)
    if found.suspended_at:
        raise Refused(403, "This installation has been suspended")
    wanted: dict[str, str] = call.body.get("permissions") or found.permissions
    for name, level in wanted.items():
        if LEVELS.index(level) > LEVELS.index(found.permissions.get(name, "none")):
            raise invalid("The permissions requested are not granted to this installation.")
    return views.token(call.world, give_token(call.world, found, wanted, _chosen(call, found)))


def _chosen(call: Call, found: Installation) -> tuple[int, ...] | None:
    names, ids = call.body.get("repositories"), call.body.get("repository_ids")
    if names is None and ids is None:
        return found.repo_ids
    reached = [repo for repo in call.world.store.all(Repository) if call.world.covers(found, repo)]
    chosen = tuple(repo.id for repo in reached if repo.name in (names or ()) or repo.id in (ids or ()))
    if len(chosen) != len(set(names or ())) + len(set(ids or ())):
        raise invalid(
            "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return chosen


@operation("apps/revoke-installation-access-token")
def revoke_token(call: Call) -> Any:
    """Give the token back."""
    text = call.headers.get("sandbox-token", "")
    for token in call.world.store.where(Token, text=text):
        call.world.store.remove(token)
    return None


@operation("apps/suspend-installation")
def suspend(call: Call) -> Any:
    """Suspend an installation."""
    installing.suspend(call.world, call.actor, _installation(call))


@operation("apps/unsuspend-installation")
def unsuspend(call: Call) -> Any:
    """Let it work again."""
    installing.unsuspend(call.world, call.actor, _installation(call))


@operation("apps/delete-installation")
def delete(call: Call) -> Any:
    """Take the App out of an account."""
    installing.remove(call.world, call.actor, _installation(call))


@operation("apps/list-repos-accessible-to-installation")
def list_accessible(call: Call) -> Any:
    """What the token reaches."""
    found = call.actor.installation
    if found is None:
        message = "You must authenticate with an installation access token in order to list repositories for an"
        raise Refused(403, f"{message} installation.")
    chosen = call.actor.repo_ids
    repos = [
        repo
        for repo in call.world.store.all(Repository)
        if call.world.covers(found, repo) and (chosen is None or repo.id in chosen)
    ]
    return {
        "total_count": len(repos),
        "repository_selection": "all" if chosen is None else "selected",
        "repositories": call.paged(repos, lambda repo: repository(call.world, repo)),
    }


@operation("apps/get-webhook-config-for-app")
def webhook_config(call: Call) -> Any:
    """Where webhooks go."""
    secret = {"secret": "********"} if call.app.webhook_secret else {}
    return {"content_type": "json", "insecure_ssl": "0", "url": call.app.webhook_url or ""} | secret


@operation("apps/list-webhook-deliveries")
def list_deliveries(call: Call) -> Any:
    """What was delivered, the newest first. The cursor is the id before which to go on."""
    size = min(max(int(call.query.get("per_page", 30)), 1), 100)
    before = call.query.get("cursor", "v1_").removeprefix("v1_")
    found = [
        delivery
        for delivery in reversed(call.world.store.where(Delivery, app_id=call.app.id))
        if delivery.status != "PENDING" and (not before or delivery.id < int(before))
    ]
    wanted = call.query.get("status")
    if wanted == "failure":
        found = [delivery for delivery in found if 400 <= delivery.status_code <= 599]  # noqa: PLR2004 - as GitHub defines it
    elif wanted == "success":
        found = [delivery for delivery in found if 200 <= delivery.status_code < 400]  # noqa: PLR2004
    if len(found) > size:
        call.headers["Link"] = f'<{call.link(cursor=f"v1_{found[size - 1].id}")}>; rel="next"'
    return [views.delivery_item(delivery) for delivery in found[:size]]


def _delivery(call: Call) -> Delivery:
    found = call.world.existing(Delivery, call.number("delivery_id"))
    if found.app_id != call.app.id:
        raise not_found()
    return found


@operation("apps/get-webhook-delivery")
def get_delivery(call: Call) -> Any:
    """One delivery, with headers and payload."""
    return views.delivery(_delivery(call))


@operation("apps/redeliver-webhook-delivery")
def redeliver(call: Call) -> Any:
    """Send it again."""
    call.announcer.redeliver(_delivery(call))
    return Answer(202, {})
