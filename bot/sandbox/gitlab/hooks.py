"""A webhook's switches, its headers and signature, and how GitLab switches one off that fails.

Signing is that of Standard Webhooks (GitLab 19.0 and later): HMAC-SHA256 over `id.timestamp.body`, with the key that
follows `whsec_` in base64. The older secret goes along in plain text.
"""

import base64
import hashlib
import hmac
import uuid

from bot.sandbox.clock import iso, seconds
from bot.sandbox.gitlab.records import Hook
from bot.sandbox.gitlab.world import World

SWITCHES = (
    "push_events", "tag_push_events", "merge_requests_events", "note_events", "confidential_note_events",
    "issues_events", "confidential_issues_events", "pipeline_events", "job_events", "emoji_events", "member_events",
    "releases_events", "deployment_events", "wiki_page_events", "resource_access_token_events",
)  # fmt: skip
NAMES = {
    "merge_request": ("merge_requests_events", "Merge Request Hook"), "note": ("note_events", "Note Hook"),
    "confidential_note": ("confidential_note_events", "Confidential Note Hook"),
    "push": ("push_events", "Push Hook"), "pipeline": ("pipeline_events", "Pipeline Hook"),
}  # fmt: skip
PATIENCE, GIVEN_UP = 3, 39
BACKOFF, LONGEST = 60, 86_400


def trigger(event: str) -> str:
    """The switch of an event's header."""
    return next((switch for switch, name in NAMES.values() if name == event), "push_events")


def alert_status(world: World, hook: Hook) -> str:
    """executable, temporarily_disabled or disabled."""
    if not world.setting("auto_disabling"):
        return "executable"
    if hook.recent_failures > GIVEN_UP:
        return "disabled"
    waiting = hook.disabled_until is not None and seconds(hook.disabled_until) >= world.clock.seconds()
    return "temporarily_disabled" if waiting and hook.recent_failures > PATIENCE else "executable"


def answered(world: World, hook: Hook, *, well: bool) -> None:
    """Count how a delivery went. Four failures in a row switch it off for a minute, doubling; forty for good."""
    if not world.setting("auto_disabling"):
        return
    if well:
        hook.recent_failures, hook.disabled_until = 0, None
    elif alert_status(world, hook) == "executable":
        hook.recent_failures += 1
        over = hook.recent_failures - PATIENCE - 1
        if over >= 0:
            hook.disabled_until = iso(world.clock.seconds() + min(BACKOFF * 2**over, LONGEST))


def headers(world: World, hook: Hook, event: str, key: str, body: str) -> dict[str, str]:
    """The headers of one sending. The time in them is the forge's."""
    found = {
        "Content-Type": "application/json",
        "User-Agent": f"GitLab/{world.setting('version')}",
        "X-Gitlab-Event": event,
        "X-Gitlab-Webhook-UUID": hook.uuid,
        "X-Gitlab-Instance": world.base_url,
        "X-Gitlab-Event-UUID": str(uuid.uuid4()),
    }
    if world.since("17.4"):
        found["Idempotency-Key"] = key
    if hook.token:
        found["X-Gitlab-Token"] = hook.token
    if world.since("19.0"):
        stamp = str(int(world.clock.seconds()))
        found |= {"webhook-id": key, "webhook-timestamp": stamp}
        if hook.signing_token:
            found["webhook-signature"] = signature(hook.signing_token, key, stamp, body)
    return found


def signature(signing_token: str, key: str, stamp: str, body: str) -> str:
    """`v1,` and the HMAC in base64."""
    secret = base64.b64decode(signing_token.removeprefix("whsec_"))
    digest = hmac.new(secret, f"{key}.{stamp}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
