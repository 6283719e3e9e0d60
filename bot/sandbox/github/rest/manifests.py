"""The last step of making an App from a manifest: a code becomes the App, its key and its webhook secret, once."""

import json
import secrets
from typing import Any

from bot.sandbox.github import installing
from bot.sandbox.github.errors import not_found
from bot.sandbox.github.keys import new_key
from bot.sandbox.github.records import Account, App, Manifest
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import apps as views

LIVES = 3600
"""GitHub's documentation: the three steps must be done within an hour."""


@operation("apps/create-from-manifest")
def convert(call: Call) -> Any:
    """Whoever has the code gets the App; the secrets are told here and nowhere else."""
    world = call.world
    found = next(iter(world.store.where(Manifest, code=call.params["code"])), None)
    if found is None or world.clock.seconds() > found.at + LIVES:
        raise not_found()
    world.store.remove(found)
    wanted = json.loads(found.body)
    private, public = new_key()
    slug = installing.slug(wanted["name"])
    bot = world.store.add(Account(login=f"{slug}[bot]", kind="Bot", created_at=world.clock.now()))
    made = world.store.add(
        App(
            slug=slug, name=wanted["name"], owner_id=found.owner_id, bot_id=bot.id, public_key=public,
            permissions={"metadata": "read"} | wanted.get("default_permissions", {}),
            events=tuple(wanted.get("default_events", ())), webhook_url=wanted["hook_attributes"]["url"],
            webhook_secret=secrets.token_hex(20), client_secret=secrets.token_hex(20),
            callback_urls=tuple(wanted.get("callback_urls", ())), created_at=world.clock.now(),
        )
    )  # fmt: skip
    return views.integration(world, made) | {
        "client_id": made.client_id,
        "client_secret": made.client_secret,
        "webhook_secret": made.webhook_secret,
        "pem": private,
    }
