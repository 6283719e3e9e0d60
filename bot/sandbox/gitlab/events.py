"""Webhooks: which hook hears of what, and how its deliveries leave.

A hook hears what its switches say, unless it is switched off for failing. Nothing is sent again by itself: what was
lost is lost. Every sending has a webhook-id of its own; only when somebody asks for it again it has the same.
"""

import json
import uuid
from typing import Any

import urllib3

from bot.sandbox.courier import TIMEOUT, Courier, Parcel
from bot.sandbox.gitlab import access, hooks, payloads
from bot.sandbox.gitlab.records import Delivery, Hook, MergeRequest, Note, Pipeline, Project, User
from bot.sandbox.gitlab.world import HEADS, ZERO, World


class Announcer:
    """Turns events into deliveries, and hands them to the courier once the request that made them is over."""

    def __init__(self, world: World, courier: Courier) -> None:
        self.world = world
        self.courier = courier
        self._ready: list[Delivery] = []

    def tell(self, kind: str, *, project: Project, user: User | None, action: str = "", **subject: Any) -> None:
        """Something happened: make a delivery for every hook that hears of it."""
        note = subject.get("note")
        name = "confidential_note" if note is not None and note.internal else kind
        switch, event = hooks.NAMES[name]
        listeners = [
            hook
            for hook in self.world.store.where(Hook, project_id=project.id)
            if switch in hook.events
            and hooks.alert_status(self.world, hook) == "executable"
            and _branch_wanted(hook, subject.get("push"))
        ]
        if listeners:
            body = self._body(kind, project, user, action, subject)
            for hook in listeners:
                self._ready.append(self._delivery(hook, event, action, body))

    def _body(
        self, kind: str, project: Project, user: User | None, action: str, subject: dict[str, Any]
    ) -> dict[str, Any]:
        if kind == "merge_request":
            return payloads.merge_request(self.world, subject.pop("mr"), user, action, **subject)
        if kind == "note" and user is not None:
            return payloads.note(self.world, subject["mr"], subject["note"], user, action)
        if kind == "push" and user is not None:
            return payloads.push(self.world, project, user, subject["push"])
        return payloads.pipeline(self.world, subject["pipeline"], user)

    def _delivery(self, hook: Hook, event: str, action: str, body: dict[str, Any], key: str = "") -> Delivery:
        text, key = json.dumps(body, separators=(",", ":")), key or str(uuid.uuid4())
        return self.world.store.add(
            Delivery(
                hook_id=hook.id, key=key, event=event, action=action or None, url=hook.url, body=text,
                headers=hooks.headers(self.world, hook, event, key, text), delivered_at=self.world.clock.now(),
            )
        )  # fmt: skip

    def sample(self, hook: Hook, switch: str, project: Project, user: User) -> Delivery | None:
        """What the button "Test" sends: the newest thing of that kind, or nothing where there is none."""
        world = self.world
        requests = world.store.where(MergeRequest, project_id=project.id)
        body: dict[str, Any] | None = None
        if switch == "merge_requests_events" and requests:
            body = payloads.merge_request(world, requests[-1], user, "open")
        elif switch == "note_events":
            found = [(mr, note) for mr in requests for note in world.store.where(Note, mr_id=mr.id) if not note.system]
            body = payloads.note(world, *found[-1], user, "create") if found else None
        elif switch == "pipeline_events":
            rows = world.store.where(Pipeline, project_id=project.id)
            body = payloads.pipeline(world, rows[-1], user) if rows else None
        elif switch == "push_events" and (tip := world.branch(project, project.default_branch)):
            told = {"ref": HEADS + project.default_branch, "before": ZERO, "after": tip, "commits": [tip]}
            body = payloads.push(world, project, user, told)
        event = next((name for one, name in hooks.NAMES.values() if one == switch), "")
        return self._delivery(hook, event, "", body) if body is not None else None

    def resend(self, old: Delivery) -> Delivery | None:
        """Send it again: the same body and webhook-id, signed anew."""
        hook = self.world.store.get(Hook, old.hook_id)
        if hook is None:
            return None
        again = self._delivery(hook, old.event, old.action or "", json.loads(old.body), old.key)
        again.resent = True
        self._ready.append(again)
        return again

    def send(self) -> None:
        """The request is over: let the courier go."""
        ready, self._ready = self._ready, []
        for delivery in ready:
            parcel = Parcel(
                delivery.id, delivery.url, delivery.headers, delivery.body.encode(), self._arrival(delivery)
            )
            self.courier.send(parcel)

    def send_now(self, delivery: Delivery) -> None:
        """Send one and wait for the answer; the world must not be locked."""
        pool = urllib3.PoolManager(retries=False, timeout=TIMEOUT)
        try:
            answer = pool.request(
                "POST", delivery.url, body=delivery.body.encode(), headers=delivery.headers, redirect=False
            )
            self._arrival(delivery)(answer.status, {}, answer.data.decode("utf-8", "replace"), 0.0)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            self._arrival(delivery)(0, {}, type(error).__name__, 0.0)
        finally:
            pool.clear()

    def _arrival(self, delivery: Delivery) -> Any:
        def arrived(status: int, _headers: dict[str, str], body: str, duration: float) -> None:
            with self.world.lock:
                delivery.status_code, delivery.duration = status, duration
                delivery.status = "OK" if 200 <= status < 400 else body if status == 0 else "failed"  # noqa: PLR2004
                delivery.response_body = body[:10_000]
                hook = self.world.store.get(Hook, delivery.hook_id)
                if hook is not None:
                    hooks.answered(self.world, hook, well=delivery.status == "OK")
                self.world.store.flush()

        return arrived


def _branch_wanted(hook: Hook, push: dict[str, Any] | None) -> bool:
    if push is None or not hook.push_events_branch_filter:
        return True
    return access.matches(hook.push_events_branch_filter, push["ref"].removeprefix(HEADS))
