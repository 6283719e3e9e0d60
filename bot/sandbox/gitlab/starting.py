"""Starts a simulated GitLab in a process: its world, its seed, its application, and what the ready line says of it."""

import base64
import secrets
from pathlib import Path
from typing import Any

from bot.sandbox.gitlab import application, seed
from bot.sandbox.gitlab.service import Service
from bot.sandbox.server import Server


def start(
    server: Server, kind: str, database: Path | None, webhook_url: str | None, signing_token: str | None
) -> tuple[Service, dict[str, Any]]:
    """A GitLab behind a server that listens already. A world that was kept goes on with the token it had."""
    service = Service(database)
    service.world.base_url = server.url
    signing = signing_token or new_signing_token()
    with service.act() as world:
        token = seed.known_token(world)
        if token is None and kind == "demo":
            token = seed.demonstrate(world, webhook_url, signing)
        elif kind == "people":
            seed.invite(world)
        elif token is not None and webhook_url:
            seed.redirect(world, webhook_url, signing)
    server.application = application.build(service)
    ready = {
        "url": server.url,
        "api_url": f"{server.url}{application.REST_ROOT}",
        "token": token.text if token else None,
        "signing_token": signing,
    }
    return service, ready


def new_signing_token() -> str:
    """A key as GitLab wants it: whsec_ and 32 bytes in base64."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
