"""A project's webhooks: Maintainers see and make them; secrets are written and never read."""

import base64
import binascii
import uuid
from typing import Any

from bot.sandbox.gitlab import hooks
from bot.sandbox.gitlab.errors import Refused, bad_request, not_found
from bot.sandbox.gitlab.records import MAINTAINER, Delivery, Hook
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views.users import at
from bot.sandbox.serving import Answer

ROOT = "/projects/:id/hooks"
TEXTS = (
    "name", "description", "push_events_branch_filter", "branch_filter_strategy", "custom_webhook_template",
    "enable_ssl_verification", "token",
)  # fmt: skip
KEY_BYTES = 32
MOST = 100


def view(call: Call, hook: Hook) -> dict[str, Any]:
    """A hook. Whether it signs is told from 19.0 on."""
    shown = {
        "id": hook.id,
        "url": hook.url,
        "name": hook.name,
        "description": hook.description,
        "created_at": at(hook.created_at),
        "project_id": hook.project_id,
        "enable_ssl_verification": hook.enable_ssl_verification,
        "push_events_branch_filter": hook.push_events_branch_filter,
        "branch_filter_strategy": hook.branch_filter_strategy,
        "alert_status": hooks.alert_status(call.world, hook),
        "disabled_until": at(hook.disabled_until),
        "url_variables": [],
        "repository_update_events": False,
        "custom_webhook_template": hook.custom_webhook_template,
        "custom_headers": [],
    }
    shown |= {name: name in hook.events for name in hooks.SWITCHES}
    if call.world.since("19.0"):
        shown |= {"token_present": bool(hook.token), "signing_token_present": bool(hook.signing_token)}
    return shown


def _hook(call: Call) -> Hook:
    found = call.world.store.get(Hook, call.number("hook_id"))
    if found is None or found.project_id != call.project.id:
        raise not_found()
    return found


@operation(f"GET {ROOT}", MAINTAINER)
def listed(call: Call) -> Any:
    """All of them."""
    return call.paged(call.world.store.where(Hook, project_id=call.project.id), lambda hook: view(call, hook))


@operation(f"GET {ROOT}/:hook_id", MAINTAINER)
def one(call: Call) -> Any:
    """One of them."""
    return view(call, _hook(call))


def _signing(call: Call) -> str | None:
    """The key to sign with. Before 19.0 GitLab does not know the parameter, and says nothing."""
    text = call.params.get("signing_token")
    if text is None or not call.world.since("19.0"):
        return None
    if text == "":
        return ""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith("whsec_") or len(key) != KEY_BYTES:
        raise bad_request({"signing_token": ["is invalid"]})
    return str(text)


def _fill(call: Call, hook: Hook) -> None:
    if not hook.url.startswith(("http://", "https://")):
        raise Refused(422, {"error": "Invalid url given"}, error=True)
    for name in TEXTS:
        if name in call.params:
            setattr(hook, name, call.params[name])
    signing = _signing(call)
    if signing is not None:
        hook.signing_token = signing or None
    on = {name: name in hook.events for name in hooks.SWITCHES} | {
        name: call.params[name] for name in hooks.SWITCHES if name in call.params
    }
    hook.events = tuple(name for name, value in on.items() if value)


@operation(f"POST {ROOT}", MAINTAINER)
def create(call: Call) -> Any:
    """A new one; push events are on unless switched off."""
    if len(call.world.store.where(Hook, project_id=call.project.id)) >= MOST:
        raise bad_request({"base": [f"Maximum number of project webhooks ({MOST}) exceeded"]})
    hook = Hook(
        project_id=call.project.id, url=call.params["url"], events=("push_events",), uuid=str(uuid.uuid4()),
        created_at=call.world.clock.now(),
    )  # fmt: skip
    _fill(call, hook)
    return view(call, call.world.store.add(hook))


@operation(f"PUT {ROOT}/:hook_id", MAINTAINER)
def change(call: Call) -> Any:
    """Change it. Another address forgets the secret token, and the failures with the old one."""
    hook = _hook(call)
    url = call.params.get("url", hook.url)
    if url != hook.url:
        hook.url, hook.recent_failures, hook.disabled_until = url, 0, None
        if "token" not in call.params:
            hook.token = None
    _fill(call, hook)
    return view(call, hook)


@operation(f"DELETE {ROOT}/:hook_id", MAINTAINER)
def delete(call: Call) -> Any:
    """Delete it."""
    call.world.store.remove(_hook(call))


@operation(f"POST {ROOT}/:hook_id/test/:trigger", MAINTAINER)
def test(call: Call) -> Any:
    """Send a sample now, and say how it went: 422 with the receiver's words when that was no success."""
    hook, trigger = _hook(call), call.path["trigger"]
    if trigger not in hooks.SWITCHES:
        raise Refused(400, "trigger does not have a valid value", error=True)
    delivery = call.announcer.sample(hook, trigger, call.project, call.actor.person)
    if delivery is None:
        raise Refused(422, f"Ensure the project has {trigger.removesuffix('_events').replace('_', ' ')}.")

    def send(answer: Answer) -> None:
        call.announcer.send_now(delivery)
        if not 200 <= delivery.status_code < 400:  # noqa: PLR2004 - GitLab's own idea of success
            answer.status = 422
            answer.body = {"message": delivery.response_body or delivery.status or "no answer"}

    call.later = send
    return {"message": "201 Created"}


@operation(f"GET {ROOT}/:hook_id/events", MAINTAINER)
def events(call: Call) -> Any:
    """What was sent, the newest first, with what came back."""
    found = call.world.store.where(Delivery, hook_id=_hook(call).id)[::-1]
    return call.paged(found, lambda row: {
        "id": row.id, "url": row.url, "trigger": hooks.trigger(row.event), "request_headers": row.headers,
        "request_data": row.body, "response_headers": {}, "response_body": row.response_body,
        "execution_duration": row.duration, "response_status": str(row.status_code or row.status),
    })  # fmt: skip


@operation(f"POST {ROOT}/:hook_id/events/:event_id/resend", MAINTAINER)
def resend(call: Call) -> Any:
    """Send one again, with the same body and the same webhook-id."""
    hook, delivery = _hook(call), call.world.store.get(Delivery, call.number("event_id"))
    if delivery is None or delivery.hook_id != hook.id:
        raise not_found()
    call.announcer.resend(delivery)
    return {"response_status": 200}
