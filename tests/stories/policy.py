"""What the stories of the policy repository are told with: the repository, a service that reads it, and its record."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from tests.stories.world import PEOPLE, World
from tests.support.sandbox import Sandbox
from tests.support.service import Service, free_port

ROOT = Path(__file__).parent.parent.parent
POLICY = "acme/policy"
RULES, ROSTER = ((ROOT / name).read_text() for name in ("rules.yaml", "roster.yaml"))
PROMOTED = ROSTER.replace("name: Jo Example\n    tier: junior", "name: Jo Example\n    tier: principal")
DEMOTED = ROSTER.replace("name: Grace Example\n    tier: senior", "name: Grace Example\n    tier: mid")
FILES = {"rules.yaml": RULES, "roster.yaml": ROSTER, "README.md": "Policy.\n"}


@contextmanager
def policed(forge: Sandbox, folder: Path, files: dict[str, str]) -> Iterator[World]:
    """The policy repository, one with code, and a service that has its rules from the former."""
    port = free_port()
    forge.reset()
    forge.violations(reset=True)
    forge.clear_faults()
    app = World.build(forge, f"http://127.0.0.1:{port}/webhooks/github")
    if files:
        roles = dict.fromkeys(PEOPLE, "write") | {"ada": "admin"}
        forge.repo(POLICY, files, collaborators=roles, private=False)
        forge.require_check(POLICY, "ada", app["id"])
    source = {"SIGNOFF_POLICY_REPOSITORY": f"github:{POLICY}", "SIGNOFF_SWEEP_SECONDS": "5"}
    with Service(folder, forge.app_settings(app, folder / "app.pem") | source, port) as service:
        world = World(forge, service, app).with_repository("acme/payments")
        world.settled()
        if files:
            service.until(lambda: bool(ledger(world, "policy_first")), "the first version was not taken")
        yield world
        forge.assert_clean()


def ledger(world: World, kind: str) -> list[dict[str, Any]]:
    """The bodies of the ledger's entries of a kind, oldest first."""
    with sqlite3.connect(f"file:{world.service.folder / 'signoff.sqlite3'}?mode=ro", uri=True) as database:
        rows = database.execute("SELECT body FROM ledger WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
    return [json.loads(body) for (body,) in rows]


def fault(world: World) -> str:
    """What the page of open changes says of the rules."""
    text = requests.get(world.service.url, timeout=10).text
    return text.split('class="quote">')[1].split("</p>")[0] if 'class="quote">' in text else ""


def unprotect(world: World) -> None:
    """Whoever may write to the policy repository may push to its default branch."""
    for ruleset in world.forge.api("GET", f"/repos/{POLICY}/rulesets", "ada"):
        world.forge.api("DELETE", f"/repos/{POLICY}/rulesets/{ruleset['id']}", "ada")


def in_policy(world: World) -> World:
    return replace(world, repository=POLICY)
