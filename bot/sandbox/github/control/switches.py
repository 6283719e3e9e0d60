"""Commands over the simulation itself: the clock, settings, deliveries, the request log, and starting anew."""

from typing import Any

from bot.sandbox.clock import seconds
from bot.sandbox.github import seed
from bot.sandbox.github.control.command import Bad, Body, command
from bot.sandbox.github.records import Delivery
from bot.sandbox.github.service import Service
from bot.sandbox.github.world import DEFAULTS

WAIT = 30.0


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


@command("clock", "advance", "fix", "strict")
def clock(service: Service, body: Body) -> Any:
    """Move on by seconds, stand still at an ISO time (null: run again), or allow equal times with strict false."""
    with service.world.lock:
        found = service.world.clock
        if "fix" in body:
            found.fix(seconds(body["fix"]) if body["fix"] is not None else None)
        if "advance" in body:
            found.advance(float(body["advance"]))
        if "strict" in body:
            found.strict = bool(body["strict"])
        return {"now": found.now()}


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


@command("courier", "pause", "lose", "double", "shuffle", "redeliver", "wait")
def courier(service: Service, body: Body) -> Any:
    """Pause; lose or double the next n; shuffle what waits (by a seed); redeliver an id; wait n seconds for idle."""
    if "pause" in body:
        service.courier.pause(paused=bool(body["pause"]))
    if "lose" in body:
        service.courier.lose(int(body["lose"]))
    if "double" in body:
        service.courier.double(int(body["double"]))
    waiting = service.courier.shuffle(int(body["shuffle"])) if "shuffle" in body else None
    again = None
    if "redeliver" in body:
        with service.act() as world:
            again = service.announcer.redeliver(world.existing(Delivery, int(body["redeliver"]))).id
    idle = service.courier.idle(min(float(body["wait"]), WAIT)) if "wait" in body else None
    return {"idle": idle, "waiting": waiting, "redelivered": again}


@command("log", "reset")
def log(service: Service, body: Body) -> Any:
    """Every API request since the last reset; with `reset` forget them after answering."""
    found = service.journal.requests()
    if body.get("reset"):
        service.journal.forget_requests()
    return {"requests": found, "count": len(found)}


@command("violations", "reset")
def violations(service: Service, body: Body) -> Any:
    """What broke a contract, on either side; with `reset` forget it after answering."""
    found = service.journal.violations()
    if body.get("reset"):
        service.journal.forget_violations()
    return {"violations": found}


@command("contracts", "answers")
def contracts(service: Service, body: Body) -> Any:
    """Whether answers are checked; measurements turn that off. Requests are always checked."""
    if not isinstance(body.get("answers"), bool):
        raise Bad("`answers` is true or false")
    service.check_answers = body["answers"]
    return {"answers": service.check_answers}
