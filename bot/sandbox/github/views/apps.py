"""Apps, installations, tokens and webhook deliveries as JSON."""

import json
from typing import Any

from bot.sandbox.github.records import Account, App, Delivery, Installation, Repository, Token
from bot.sandbox.github.views.accounts import node_id, user
from bot.sandbox.github.views.repositories import repository
from bot.sandbox.github.world import World


def integration(world: World, app: App) -> dict[str, Any]:
    """The schema integration."""
    return {
        "id": app.id,
        "slug": app.slug,
        "node_id": node_id("A", app.id),
        "client_id": app.client_id,
        "owner": user(world, world.account_by_id(app.owner_id)),
        "name": app.name,
        "description": None,
        "external_url": world.base_url,
        "html_url": f"{world.base_url}/apps/{app.slug}",
        "created_at": app.created_at,
        "updated_at": app.created_at,
        "permissions": app.permissions,
        "events": list(app.events),
    }


def installation(world: World, found: Installation) -> dict[str, Any]:
    """The schema installation."""
    app = world.existing(App, found.app_id)
    account = world.existing(Account, found.account_id)
    return {
        "id": found.id,
        "account": user(world, account),
        "access_tokens_url": f"{world.api_url}/app/installations/{found.id}/access_tokens",
        "repositories_url": f"{world.api_url}/installation/repositories",
        "html_url": f"{world.base_url}/settings/installations/{found.id}",
        "app_id": app.id,
        "app_slug": app.slug,
        "target_id": account.id,
        "target_type": account.kind,
        "repository_selection": "all" if found.repo_ids is None else "selected",
        "permissions": found.permissions,
        "events": list(found.events),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": user(world, world.account_by_id(found.suspended_by_id)),
        "suspended_at": found.suspended_at,
    }


def token(world: World, found: Token) -> dict[str, Any]:
    """The schema installation-token."""
    view: dict[str, Any] = {
        "token": found.text,
        "expires_at": found.expires_at,
        "permissions": found.permissions,
        "repository_selection": "all" if found.repo_ids is None else "selected",
    }
    if found.repo_ids is not None:
        view["repositories"] = [repository(world, world.existing(Repository, repo_id)) for repo_id in found.repo_ids]
    return view


def delivery_item(found: Delivery) -> dict[str, Any]:
    """The schema hook-delivery-item."""
    return {
        "id": found.id,
        "guid": found.guid,
        "delivered_at": found.delivered_at,
        "redelivery": found.redelivery,
        "duration": round(found.duration, 3),
        "status": found.status,
        "status_code": found.status_code,
        "event": found.event,
        "action": found.action,
        "installation_id": found.installation_id,
        "repository_id": found.repository_id,
        "throttled_at": None,
    }


def delivery(found: Delivery) -> dict[str, Any]:
    """The schema hook-delivery, with what was sent and answered."""
    return delivery_item(found) | {
        "request": {"headers": found.headers, "payload": json.loads(found.body)},
        "response": {"headers": found.response_headers, "payload": found.response_body},
    }
