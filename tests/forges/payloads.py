"""Deliveries as GitHub sends them, with invented people: only the fields that matter, in their places."""

import hmac
import json
from hashlib import sha256
from typing import Any

SECRET = "an invented secret"
HEAD = "a1" * 20
BEFORE = "b2" * 20
JO = {"login": "jo", "id": 101, "type": "User"}
GRACE = {"login": "grace", "id": 1001, "type": "User"}
ROBOT = {"login": "robot[bot]", "id": 77, "type": "Bot"}
REPOSITORY = {
    "id": 1,
    "full_name": "acme/payments",
    "name": "payments",
    "owner": {"login": "acme", "id": 9},
    "default_branch": "main",
    "pushed_at": 1795255200,
}


def signed(payload: object, secret: str = SECRET, **headers: str) -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery with a good signature; keyword `event` names the event."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    mac = hmac.new(secret.encode(), body, sha256).hexdigest()
    given = {
        "X-GitHub-Event": headers.pop("event", "pull_request"),
        "X-GitHub-Delivery": headers.pop("delivery", "11111111-2222-3333-4444-555555555555"),
        "X-Hub-Signature-256": f"sha256={mac}",
    }
    return given | headers, body


def _base(**parts: Any) -> dict[str, Any]:
    return {"repository": REPOSITORY, "installation": {"id": 42}, "sender": JO} | parts


def pull_request(action: str = "opened", **parts: Any) -> dict[str, Any]:
    """A pull_request delivery."""
    pull = {
        "number": 7,
        "id": 7007,
        "state": "open",
        "created_at": "2026-11-20T10:00:00Z",
        "updated_at": "2026-11-20T10:01:00Z",
        "head": {"sha": HEAD, "ref": "claude/retry", "repo": REPOSITORY},
        "base": {"sha": BEFORE, "ref": "main", "repo": REPOSITORY},
        "user": JO,
    }
    return _base(action=action, number=7, pull_request=pull) | parts


def review(action: str = "submitted", state: str = "approved", **parts: Any) -> dict[str, Any]:
    """A pull_request_review delivery."""
    given = {
        "id": 5,
        "user": GRACE,
        "state": state,
        "commit_id": HEAD,
        "submitted_at": "2026-11-20T10:05:00Z",
        "body": "fine",
    }
    return pull_request(action) | {"review": given, "sender": GRACE} | parts


def push(**parts: Any) -> dict[str, Any]:
    """A push delivery."""
    return (
        _base(
            ref="refs/heads/claude/retry",
            before=BEFORE,
            after=HEAD,
            forced=False,
            pusher={"name": "jo", "email": "jo@example.com"},
            commits=[{"id": HEAD, "added": ["a.py"], "modified": [], "removed": []}],
            head_commit={"id": HEAD, "timestamp": "2026-11-20T10:00:00Z"},
        )
        | parts
    )


def comment(body: str = "/signoff recheck", action: str = "created") -> dict[str, Any]:
    """An issue_comment delivery on a pull request."""
    issue = {"number": 7, "pull_request": {"url": "http://127.0.0.1/pulls/7"}}
    return _base(action=action, issue=issue, comment={"id": 3, "body": body, "user": JO})


def check_run(action: str = "rerequested", app: int = 12, branch: str = "claude/retry") -> dict[str, Any]:
    """A check_run delivery."""
    run = {"id": 1, "head_sha": HEAD, "app": {"id": app}, "check_suite": {"head_branch": branch}}
    return _base(action=action, check_run=run)


def merge_group(action: str = "checks_requested") -> dict[str, Any]:
    """A merge_group delivery."""
    group = {
        "head_sha": HEAD,
        "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{BEFORE}",
        "base_ref": "refs/heads/main",
        "base_sha": BEFORE,
    }
    return _base(action=action, merge_group=group)


def installation(action: str = "created") -> dict[str, Any]:
    """An installation delivery."""
    return {
        "action": action,
        "installation": {"id": 42},
        "repositories": [{"id": 1, "full_name": "acme/payments"}],
        "sender": JO,
    }
