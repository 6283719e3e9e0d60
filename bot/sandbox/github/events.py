"""Webhooks: which App hears of what, with which payload, signed how.

Payloads have the fields of real ones that matter, made by the same views as REST answers. An App hears of an event when
it subscribed to it and is installed where it happened; of its own checks' buttons it always hears.
"""

import hashlib
import hmac
import json
import uuid
from typing import Any

from bot.sandbox.courier import Courier, Parcel
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Account, App, Delivery, Installation, Label, Repository
from bot.sandbox.github.views import accounts, payloads
from bot.sandbox.github.world import World

NEEDS = {
    "pull_request": "pull_requests", "pull_request_review": "pull_requests", "push": "contents", "status": "statuses",
    "check_run": "checks", "check_suite": "checks", "merge_group": "merge_queues", "repository": "metadata",
    "member": "members", "membership": "members", "team": "members", "organization": "members", "issues": "issues",
    "repository_ruleset": "administration",
}  # fmt: skip


class Announcer:
    """Turns events into deliveries, and hands them to the courier once the request that made them is over."""

    def __init__(self, world: World, courier: Courier) -> None:
        self.world = world
        self.courier = courier
        self._ready: list[Delivery] = []

    def tell(  # noqa: PLR0913 - what happened, where, by whom, and to whom alone
        self,
        event: str,
        action: str | None,
        *,
        actor: Actor,
        repo: Repository | None = None,
        app: App | None = None,
        only_owner: bool = False,
        more: dict[str, Any] | None = None,
        **subject: Any,
    ) -> None:
        """Something happened: make a delivery for every App that hears of it."""
        listeners = self._listeners(event, action, repo, app, only_owner=only_owner, subject=subject)
        if not listeners:
            return
        body = payloads.build(self.world, event, subject)
        for key, value in (more or {}).items():
            body[key] = _plain(self.world, repo, value)
        if action is not None:
            body = {"action": action} | body
        if repo is not None:
            body["repository"] = payloads.repository(self.world, repo, event)
            owner = self.world.owner(repo)
            if owner.kind == "Organization":
                body["organization"] = accounts.organization_simple(self.world, owner)
        sender = actor.account or self.world.account_by_id(actor.app.bot_id if actor.app else None)
        body["sender"] = accounts.user(self.world, sender)
        for installation in listeners:
            full = event in {"installation", "installation_repositories"}
            short = {"id": installation.id, "node_id": accounts.node_id("I", installation.id)}
            self._deliver(installation, event, action, repo, body if full else body | {"installation": short})

    def _listeners(  # noqa: PLR0913 - as above
        self, event: str, action: str | None, repo: Repository | None, app: App | None, *, only_owner: bool,
        subject: dict[str, Any],
    ) -> list[Installation]:  # fmt: skip
        if event in {"installation", "installation_repositories"}:
            return [subject["installation"]]
        found = []
        account_id = repo.owner_id if repo else subject["org"].id
        for installation in self.world.store.where(Installation, account_id=account_id):
            listener = self.world.existing(App, installation.app_id)
            if installation.suspended_at or (repo is not None and not self.world.covers(installation, repo)):
                continue
            owns = app is not None and app.id == listener.id
            if event == "check_suite" and not owns:
                continue
            if only_owner and not owns:
                continue
            implied = owns and event in {"check_run", "check_suite"} and action in {"requested", "rerequested",
                                                                                   "requested_action"}  # fmt: skip
            permission = NEEDS.get(event)
            allowed = permission in {None, "metadata"} or permission in installation.permissions
            if implied or (event in installation.events and allowed):
                found.append(installation)
        return found

    def _deliver(
        self, installation: Installation, event: str, action: str | None, repo: Repository | None, body: dict[str, Any]
    ) -> None:
        app = self.world.existing(App, installation.app_id)
        if app.webhook_url is None:
            return
        self.enqueue(app, event, action, installation.id, repo.id if repo else None, body)

    def enqueue(  # noqa: PLR0913, PLR0917 - a delivery has these parts
        self, app: App, event: str, action: str | None, installation_id: int | None, repo_id: int | None,
        body: dict[str, Any],
    ) -> Delivery:  # fmt: skip
        """Sign a payload and have it carried."""
        text = json.dumps(body, separators=(",", ":"))
        guid = str(uuid.uuid4())
        headers = {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/5a6bd0x",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-ID": str(app.id),
            "X-GitHub-Hook-Installation-Target-Type": "integration",
        }
        if app.webhook_secret:
            for name, method in (("X-Hub-Signature", hashlib.sha1), ("X-Hub-Signature-256", hashlib.sha256)):
                digest = hmac.new(app.webhook_secret.encode(), text.encode(), method).hexdigest()
                headers[name] = f"{method.__name__.removeprefix('openssl_')}={digest}"
        delivery = Delivery(
            app_id=app.id, guid=guid, event=event, action=action, installation_id=installation_id,
            repository_id=repo_id, headers=headers, body=text, delivered_at=self.world.clock.now(),
        )  # fmt: skip
        self._ready.append(self.world.store.add(delivery))
        return delivery

    def redeliver(self, old: Delivery) -> Delivery:
        """Send it again: the same body, signature and GUID, as a delivery of its own."""
        fields = old.model_dump(exclude={"id", "redelivery", "delivered_at", "duration", "status_code", "status",
                                         "response_headers", "response_body"})  # fmt: skip
        again = Delivery(**fields, redelivery=True, delivered_at=self.world.clock.now())
        self._ready.append(self.world.store.add(again))
        return again

    def send(self) -> None:
        """The request is over: let the courier go."""
        ready, self._ready = self._ready, []
        for delivery in ready:
            app = self.world.store.get(App, delivery.app_id)
            if app is not None and app.webhook_url is not None:
                self.courier.send(
                    Parcel(
                        delivery.id, app.webhook_url, delivery.headers, delivery.body.encode(), self._arrival(delivery)
                    )
                )

    def _arrival(self, delivery: Delivery) -> Any:
        def arrived(status: int, headers: dict[str, str], body: str, duration: float) -> None:
            with self.world.lock:
                delivery.status_code = status
                delivery.status = "OK" if 200 <= status < 300 else body if status == 0 else "Invalid HTTP Response"  # noqa: PLR2004
                delivery.response_headers = headers
                delivery.response_body = body[:10_000]
                delivery.duration = duration
                self.world.store.flush()

        return arrived


def _plain(world: World, repo: Repository | None, value: Any) -> Any:
    """Rows inside of the extra parts of a payload, as JSON."""
    if isinstance(value, Label) and repo is not None:
        return payloads.label(world, repo, value)
    return accounts.user(world, value) if isinstance(value, Account) else value
