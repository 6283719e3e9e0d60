"""Deliveries as GitLab sends them, with invented people: only the fields that matter, in their places."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.forges.gitlab import secrets
from bot.forges.gitlab.secrets import Secrets

MASTER = "an invented secret"
SIGNING = "whsec_" + b64encode(b"an invented key of 32 bytes long").decode()
NOW = datetime(2026, 11, 20, 10, 5, tzinfo=UTC)
HEAD, BEFORE = "a1" * 20, "b2" * 20
JO = {"id": 101, "username": "jo", "name": "Jo Example", "email": "[REDACTED]"}
GRACE = {"id": 2001, "username": "grace", "name": "Grace Example", "email": "[REDACTED]"}
ROBOT = {"id": 9, "username": "project_7_bot_5f3a", "name": "signoff"}
PROJECT = {"id": 7, "path_with_namespace": "acme/payments", "default_branch": "main"}
BOTH = Secrets((MASTER,), (SIGNING,))
PLAIN = Secrets((MASTER,))


def body_of(payload: object) -> bytes:
    """The bytes of a delivery."""
    return payload if isinstance(payload, bytes) else json.dumps(payload).encode()


def with_token(payload: object, token: str | None = None, **headers: str) -> tuple[dict[str, str], bytes]:
    """A delivery as an older GitLab sends it, with its project's own secret."""
    given = {"X-Gitlab-Event": "Merge Request Hook", "Idempotency-Key": "11111111-2222-3333-4444-555555555555"}
    return given | {"X-Gitlab-Token": token or secrets.project_token(MASTER, 7)} | headers, body_of(payload)


def signed(
    payload: object, key: str | None = None, at: datetime = NOW, project: int = 7, **headers: str
) -> tuple[dict[str, str], bytes]:
    """A delivery as GitLab 19.0 and later signs it."""
    body, stamp = body_of(payload), str(int(at.timestamp()))
    token = key or secrets.project_signing_token(SIGNING, project)
    mac = hmac.new(secrets.signing_key(token), f"msg-1.{stamp}.".encode() + body, sha256).digest()
    given = {"webhook-id": "msg-1", "webhook-timestamp": stamp, "webhook-signature": f"v1,{b64encode(mac).decode()}"}
    return given | headers, body


def merge_request(action: str = "open", user: dict[str, Any] = JO, **attributes: Any) -> dict[str, Any]:
    """A merge request hook; more are its attributes."""
    told = {
        "iid": 3,
        "action": action,
        "state": "opened",
        "source_project_id": 7,
        "target_project_id": 7,
        "source_branch": "claude/retry",
        "target_branch": "main",
        "author_id": 101,
        "created_at": "2026-11-20 10:00:00 UTC",
        "updated_at": "2026-11-20 10:04:00 UTC",
        "last_commit": {"id": HEAD, "message": "Add retry", "author": {"name": "Jo", "email": "jo@example.com"}},
    }
    return {
        "object_kind": "merge_request",
        "user": user,
        "project": PROJECT,
        "object_attributes": told | attributes,
        "changes": {},
    }


def note(text: str, user: dict[str, Any] = JO, **attributes: Any) -> dict[str, Any]:
    """A note hook."""
    told = {"id": 5, "note": text, "noteable_type": "MergeRequest", "action": "create", "system": False}
    change = {"iid": 3, "target_project_id": 7, "source_project_id": 7}
    return {
        "object_kind": "note", "user": user, "project": PROJECT, "object_attributes": told | attributes,
        "merge_request": change,
    }  # fmt: skip


def pipeline(merge_request: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    """A pipeline hook."""
    told = {"id": 31, "sha": HEAD, "ref": "claude/retry", "status": "success", "source": "push", "tag": False}
    return {
        "object_kind": "pipeline", "user": JO, "project": PROJECT, "object_attributes": told | attributes,
        "merge_request": merge_request,
    }  # fmt: skip


def push(branch: str = "claude/retry", *touched: str, **parts: Any) -> dict[str, Any]:
    """A push hook."""
    commit = {"id": HEAD, "message": "Add retry", "added": [], "modified": list(touched), "removed": []}
    return {
        "object_kind": "push", "ref": f"refs/heads/{branch}", "before": BEFORE, "after": HEAD, "user_id": 101,
        "user_username": "jo", "project_id": 7, "project": PROJECT, "commits": [commit], "total_commits_count": 1,
    } | parts  # fmt: skip
