"""Starts a simulated GitHub in a process: its world, its App and seed, and what the ready line says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox import application
from bot.sandbox.github import seed
from bot.sandbox.github.keys import new_key
from bot.sandbox.github.pages.oauth import CLIENT_ID, CLIENT_SECRET
from bot.sandbox.github.records import Account, App
from bot.sandbox.github.service import Service
from bot.sandbox.server import Server

AGE = 3600


@dataclass(frozen=True)
class Registered:
    """The demonstration's App: its id, the file with its key, where its webhooks go and what they are signed with."""

    id: int
    key_file: Path
    webhook_url: str | None
    webhook_secret: str


def start(server: Server, kind: str, database: Path | None, app: Registered) -> tuple[Service, dict[str, Any]]:
    """A GitHub behind a server that listens already."""
    service = Service(database)
    service.world.base_url = server.url
    _plant(service, kind, app)
    server.application = application.build(service)
    return service, {
        "url": server.url,
        "api_url": f"{server.url}/api/v3",
        "graphql_url": f"{server.url}/api/graphql",
        "app_id": app.id if kind == "demo" else None,
        "private_key_file": str(app.key_file) if kind == "demo" else None,
        "webhook_secret": app.webhook_secret,
        "oauth_client_id": CLIENT_ID,
        "oauth_client_secret": CLIENT_SECRET,
    }


def _plant(service: Service, kind: str, app: Registered) -> None:
    """The seed, and the App with the key in the file; a key that is there already is kept when the state was kept."""
    with service.act() as world:
        known = world.store.get(App, app.id)
        if known is not None:
            known.webhook_url = app.webhook_url or known.webhook_url
            known.webhook_secret = app.webhook_secret
            if not app.key_file.exists():
                private, known.public_key = new_key()
                _write_key(app.key_file, private)
            return
        fresh = not world.store.all(Account)
        seed.plant(world, kind)
        if kind == "demo":
            private, public = new_key()
            _write_key(app.key_file, private)
            seed.add_app(world, app.id, public, app.webhook_url, app.webhook_secret)
        if kind != "empty" and fresh:
            world.clock.fix(world.clock.seconds() - AGE)  # so that nothing in the seed lies in the future
            seed.open_changes(world)
            world.clock.fix(None)


def _write_key(file: Path, private: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(private)
