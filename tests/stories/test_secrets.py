"""Scenario 50: what must stay secret is in no log, page, answer, error or export, also when everything goes wrong."""

import json
import sqlite3
from pathlib import Path

import requests

from tests.stories.conftest import staged

TOKEN = "ghp_" + "Planted0" * 5
SECRET = "planted-previous-webhook-secret"


def test_planted_secrets_come_out_nowhere(tmp_path: Path) -> None:
    """Two webhook secrets, the key, the tokens made of it, and a database password, through good and bad days."""
    with staged(tmp_path, SIGNOFF_GITHUB_WEBHOOK_SECRET_PREVIOUS=SECRET) as stage:
        world = stage.with_repository("acme/payments")
        number = world.opened("jo")
        world.forge.approve(world.repository, number, "grace")
        assert world.state(number) == "success"
        echo = {"message": f"Bad credentials: Authorization: Bearer {TOKEN}"}
        world.forge.fault("status", operation="SignoffChange", status=401, body=echo, times=2)
        world.forge.fault("status", method="POST", path=".*/check-runs", status=500, body=echo, times=2)
        world.forge.comment(world.repository, number, "jo", "/signoff recheck")
        other = world.opened("sam", branch="other")
        world.service.until(lambda: world.state(other) == "waiting", "it did not recover")
        url = world.service.url
        page = f"{url}/changes/github/1/change/{number}"
        answers = [
            requests.get(each, timeout=10) for each in (url, page, f"{url}/metrics", f"{url}/readyz", f"{url}/no")
        ]
        answers.append(
            requests.post(f"{url}/webhooks/github", data=b"{}", headers={"X-Hub-Signature-256": SECRET}, timeout=10)
        )
        told = [f"{each.headers}{each.text}" for each in answers]
        commands = [("ledger", "export"), ("ledger", "export", "--format", "csv"), ("doctor",), ("doctor", "--json")]
        commands += [("watch", "list"), ("retry",)]
        for arguments in commands:
            done = world.service.command(*arguments)
            told += [done.stdout, done.stderr]
        broken = {
            "SIGNOFF_DATABASE_URL": "postgresql+psycopg://bot:planted-database-word@127.0.0.1:9/none",
            "SIGNOFF_GITHUB_APP_ID": "no number",
        }
        kept, world.service.environment = world.service.environment, world.service.environment | broken
        failed = world.service.command("retry")
        assert failed.returncode == 2
        world.service.environment = kept | {"SIGNOFF_DATABASE_URL": broken["SIGNOFF_DATABASE_URL"]}
        unreachable = world.service.command("retry")
        assert unreachable.returncode == 3, unreachable.stderr
        told += [failed.stdout, failed.stderr, unreachable.stdout, unreachable.stderr, world.service.logged()]
        said = [entry["body"] for entry in world.forge.comments(world.repository, number)]
        runs = world.forge.check_runs(world.repository, world.forge.head(world.repository, number), every=True)
        told += [*said, json.dumps(runs)]
        with sqlite3.connect(tmp_path / "signoff.sqlite3") as database:
            told += list(database.iterdump())
        key = (tmp_path / "app.pem").read_text().splitlines()
        secrets = [SECRET, TOKEN, world.forge.ready["webhook_secret"], "planted-database-word", key[1], key[-2]]
        leaks = {(secret[:12], text[:200]) for text in told for secret in secrets if secret in text}
        assert leaks == set()
        assert not any("ghs_" in text for text in told)
