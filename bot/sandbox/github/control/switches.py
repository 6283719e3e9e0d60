"""Commands over the simulation itself: settings, what was delivered, and starting anew."""

from typing import Any

from bot.sandbox.control import Body
from bot.sandbox.github import seed
from bot.sandbox.github.control.command import command
from bot.sandbox.github.records import Delivery
from bot.sandbox.github.service import Service
from bot.sandbox.github.world import DEFAULTS


@command("reset_world", "seed")
def reset_world(service: Service, body: Body) -> Any:
    """Forget everything. `seed` is empty (the default) or demo. Apps have to be made anew."""
    with service.world.lock:
        service.courier.forget()
        service.world.forget()
        service.faults.clear()
        service.limits.clear()
        service.journal.forget_requests()
        service.journal.forget_violations()
    with service.act() as world:
        seed.plant(world, body.get("seed", "empty"))
    return {}


@command("settings", *DEFAULTS)
def settings(service: Service, body: Body) -> Any:
    """Turn switches; answers all of them."""
    with service.act() as world:
        for name, value in body.items():
            world.set(name, value)
        return {name: world.setting(name) for name in DEFAULTS}


def _delivery(found: Delivery) -> dict[str, Any]:
    names = ("id", "guid", "event", "action", "installation_id", "repository_id", "redelivery", "delivered_at",
             "duration",
             "status", "status_code", "headers", "body", "response_body")  # fmt: skip
    return {name: getattr(found, name) for name in names} | {"app_id": found.app_id}


@command("deliveries", "event", "since")
def deliveries(service: Service, body: Body) -> Any:
    """Every webhook, oldest first, with what was sent and answered. `since` is the id after which to start."""
    with service.world.lock:
        found = [
            _delivery(row)
            for row in service.world.store.all(Delivery)
            if row.id > int(body.get("since", 0)) and body.get("event") in {None, row.event}
        ]
        return {"deliveries": found}
