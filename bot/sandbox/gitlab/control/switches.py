"""Commands over the simulation itself: settings, rate limits, what was delivered, and starting anew."""

from typing import Any

from bot.sandbox.control import Bad, Body
from bot.sandbox.gitlab import seed
from bot.sandbox.gitlab.control.command import command
from bot.sandbox.gitlab.records import Delivery, Hook, Project
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.world import DEFAULTS


@command("reset_world", "seed")
def reset_world(service: Service, body: Body) -> Any:
    """Forget everything. `seed` is empty (the default) or demo, which answers the token of the product's bot."""
    if body.get("seed", "empty") not in {"empty", "demo"}:
        raise Bad(f"unknown seed {body['seed']!r}; there are demo and empty")
    with service.world.lock:
        service.courier.forget()
        service.world.forget()
        service.faults.clear()
        service.limits.clear()
        service.journal.forget_requests()
        service.journal.forget_violations()
    if body.get("seed", "empty") == "empty":
        return {"token": None}
    with service.act() as world:
        return {"token": seed.demonstrate(world, None, "").text}


@command("settings", *DEFAULTS)
def settings(service: Service, body: Body) -> Any:
    """Turn switches; answers all of them. What each means is told in world.py."""
    with service.act() as world:
        for name, value in body.items():
            world.set(name, value)
        return {name: world.setting(name) for name in DEFAULTS}


@command("deliveries", "event", "since", "project")
def deliveries(service: Service, body: Body) -> Any:
    """Every webhook, oldest first, with what was sent and answered. `since` is the id after which to start."""
    wanted = service.world.project(body["project"]).id if "project" in body else None
    found = []
    with service.world.lock:
        for row in service.world.store.all(Delivery):
            hook = service.world.store.get(Hook, row.hook_id)
            home = service.world.store.get(Project, hook.project_id if hook else None)
            number = home.id if home else None
            asked = row.id > int(body.get("since", 0)) and body.get("event") in {None, row.event}
            if asked and wanted in {None, number}:
                found.append(row.model_dump() | {"project_id": number})
    return {"deliveries": found}


@command("rate_limit", "remaining", "reset_in", "user", "kind", "next", "retry_after", "clear")
def rate_limit(service: Service, body: Body) -> Any:
    """Set what is left of the budgets used so far (`kind` requests or notes), or refuse the `next` n requests.

    `retry_after` null leaves the header out.
    """
    if body.get("clear"):
        service.limits.clear()
    if "remaining" in body:
        left, wait = int(body["remaining"]), int(body.get("reset_in", 60))
        service.limits.set(left, wait, body.get("user"), body.get("kind", "requests"))
    if "next" in body:
        service.limits.ordered = int(body["next"])
        service.limits.retry_after = body.get("retry_after", 60)
    return {}
